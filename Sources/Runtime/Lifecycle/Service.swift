/// A long-running part of a process.
public protocol Service: Sendable {
    /// Its name in logs and `/readyz`.
    var name: String { get }
    /// Starts, and returns once it serves; waits, and logs that, for brokers or a database that are unavailable.
    ///
    /// - Throws: only errors that waiting cannot fix (port in use, invalid setting).
    func start() async throws
    /// Why it does not serve now; nil if it does. Must be cheap: `/readyz` asks for it.
    var notReady: String? { get }
    /// What it shows on the process's admin port besides the standard pages.
    var adminPages: [AdminPage] { get }
    /// Finishes or gives back what is under way, and ends, by `deadline` at the latest.
    func stop(by deadline: ContinuousClock.Instant) async
}

extension Service {
    public var adminPages: [AdminPage] { [] }
}
