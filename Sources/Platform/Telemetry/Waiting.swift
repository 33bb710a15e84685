import Synchronization

/// Says for what a process waits: one line when it begins, one for each other reason, a reminder every minute, and one
/// when it is over. A log with a line a try hides what is wrong.
public final class Waiting: Sendable {
    private static let reminderEvery: Duration = .seconds(60)
    /// Reasons told apart; texts of a library may be many.
    private static let reasonsMax = 16

    private struct State {
        var since: ContinuousClock.Instant?
        var said: [String: ContinuousClock.Instant] = [:]
    }

    private let message: String
    private let ending: String
    private let log: Log
    private let now: @Sendable () -> ContinuousClock.Instant
    private let state = Mutex(State())

    /// - Parameter what: to follow "waits for": `Kafka`, `topic control`.
    public convenience init(for what: String, log: Log) {
        self.init(saying: "waits for \(what)", ending: "waits no longer for \(what)", log: log)
    }

    /// For troubles that the program lives with, in other words than of waiting.
    public init(
        saying message: String, ending: String, log: Log,
        now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }
    ) {
        self.message = message
        self.ending = ending
        self.log = log
        self.now = now
    }

    /// It is still not there.
    /// - Parameters:
    ///   - why: the error's words.
    ///   - reason: what tells one reason from another, where the words themselves change from try to try.
    public func goesOn(_ why: String, reason: String? = nil, _ fields: [String: String] = [:]) {
        let now = now()
        let isNews = state.withLock { state in
            let reason = reason ?? why
            state.since = state.since ?? now
            if let at = state.said[reason], now - at < Self.reminderEvery { return false }
            if state.said.count >= Self.reasonsMax { state.said = [:] }
            state.said[reason] = now
            return true
        }
        if isNews { log.warning(message, fields.merging(["why": why]) { $1 }) }
    }

    /// It is there; says so where it was said to be missing.
    public func ends() {
        let since = state.withLock { state in
            defer { if state.since != nil { state = State() } }
            return state.since
        }
        guard let since else { return }
        log.info(ending, ["seconds": "\((now() - since).components.seconds)"])
    }
}
