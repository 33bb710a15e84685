/// How the program ends, so that scripts can tell.
public enum ExitStatus: Int32, Sendable {
    case done = 0
    /// Also: port taken, folder read-only.
    case failed = 1
    /// Wrong use: command line or settings.
    case wrongUse = 2
    /// Kafka or the database is away (one-shot tools only; long-running processes wait and say so).
    case notReady = 3
}
