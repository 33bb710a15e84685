import Synchronization

/// Something that is unavailable: one line in the log when that begins, one for each new reason, a reminder every
/// minute, and one when it is over. A line for every attempt would bury what is wrong. `/readyz` shows the same words.
public final class Outage: Sendable {
    private static let reminderEvery: Duration = .seconds(60)
    /// How many reasons are distinguished; a library may have many texts.
    private static let reasonsMaximum = 16

    private struct State {
        var since: ContinuousClock.Instant?
        var said: [String: ContinuousClock.Instant] = [:]
        var why = ""
    }

    private let message: String
    private let ending: String
    private let log: Log
    private let now: @Sendable () -> ContinuousClock.Instant
    private let state = Mutex(State())

    /// - Parameter what: completes "waits for": `Kafka`, `topic control`.
    public convenience init(of what: String, log: Log) {
        self.init(saying: "waits for \(what)", ending: "no longer waits for \(what)", log: log)
    }

    /// For problems that the program lives with, in words other than those of waiting.
    public init(
        saying message: String, ending: String, log: Log,
        now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }
    ) {
        self.message = message
        self.ending = ending
        self.log = log
        self.now = now
    }

    /// What is unavailable and why, in the words of the latest attempt; nil if there is no outage.
    public var words: String? { state.withLock { $0.since == nil ? nil : "\(message): \($0.why)" } }

    /// It is still unavailable.
    /// - Parameters:
    ///   - why: the error's words.
    ///   - reason: distinguishes one reason from another if the words change with every attempt; nil: the words do.
    public func goesOn(_ why: String, reason: String? = nil, _ fields: [String: String] = [:]) {
        let now = now()
        let isNews = state.withLock { state in
            let reason = reason ?? why
            state.since = state.since ?? now
            state.why = why
            if let at = state.said[reason], now - at < Self.reminderEvery { return false }
            if state.said.count >= Self.reasonsMaximum { state.said = [:] }
            state.said[reason] = now
            return true
        }
        if isNews { log.warning(message, fields.merging(["why": why]) { $1 }) }
    }

    /// It is available; logs that if an outage was logged.
    public func ends() {
        let since = state.withLock { state in
            defer { if state.since != nil { state = State() } }
            return state.since
        }
        guard let since else { return }
        log.info(ending, ["seconds": "\((now() - since).components.seconds)"])
    }
}
