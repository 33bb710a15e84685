/// A long-running part of a process.
public protocol Service: Sendable {
    /// For logs and `/readyz`.
    var name: String { get }
    /// Starts, and returns once it serves; waits, saying so, for brokers or a database that are away.
    /// Throws only what waiting cannot mend (port taken, bad setting).
    func start() async throws
    /// Why it does not serve now; nil: it does. Cheap, asked by `/readyz`.
    var notReady: String? { get }
    /// Finishes or gives back what is under way, and ends, by `deadline` at the latest.
    func stop(by deadline: ContinuousClock.Instant) async
}
