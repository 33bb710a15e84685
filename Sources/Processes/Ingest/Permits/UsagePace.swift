import Synchronization

/// Lets each token ask for its usage once a second, per process: the call costs no permit, and must cost no more.
final class UsagePace: Sendable {
    static let interval: Duration = .seconds(1)

    private let asked: Mutex<Recent<String, Void>>

    /// - Parameter tokens: the most tokens that are remembered; one that was forgotten may ask again.
    init(tokens: Int = 100_000) { asked = Mutex(Recent(maximum: tokens, lifetime: Self.interval)) }

    /// Whether the token may ask now.
    func allows(_ token: String, now: ContinuousClock.Instant) -> Bool {
        asked.withLock { asked in
            guard asked.value(token, now: now) == nil else { return false }
            asked.note(token, (), now: now)
            return true
        }
    }
}
