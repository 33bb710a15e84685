import Synchronization

/// Counts failed authentications by source address, so that nobody can try tokens at will.
///
/// It is asked only after an authentication has failed: a valid token is never refused by it. Memory is bounded; of the
/// addresses the one whose span began first is forgotten.
final class FailedAuthentications: Sendable {
    /// So many failures within a span are told apart; what comes after them is refused until the span's end.
    static let maximum = 30
    static let span: Duration = .seconds(60)

    private struct Span {
        var failures: Int
        var end: ContinuousClock.Instant
    }

    private let spans: Mutex<Recent<String, Span>>

    init(addresses: Int = 10_000) { spans = Mutex(Recent(maximum: addresses, lifetime: Self.span)) }

    /// Notes a failure.
    ///
    /// - Returns: in how many seconds the address is heard again; nil where it has not failed too often.
    func note(_ address: String, now: ContinuousClock.Instant) -> Int? {
        spans.withLock { spans in
            guard let span = spans.value(address, now: now), now < span.end else {
                spans.note(address, Span(failures: 1, end: now + Self.span), now: now)
                return nil
            }
            if span.failures < Self.maximum {
                spans.modify(address, now: now) { $0.failures += 1 }
                return nil
            }
            let left = (span.end - now).components
            return max(1, Int(left.seconds) + (left.attoseconds > 0 ? 1 : 0))
        }
    }
}
