import Synchronization

/// Counts failed authentications by source address, so that nobody can try tokens without limit.
///
/// It is used only after an authentication has failed: it never refuses a valid token. Memory is bounded; the address
/// whose span began first is dropped first.
final class FailedAuthentications: Sendable {
    /// So many failures within a span get their own answer; later ones are refused until the span's end.
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
    /// - Returns: after how many seconds the address may try again; nil if it has not failed too often.
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
