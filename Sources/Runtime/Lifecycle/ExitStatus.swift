/// The program's exit status, for scripts.
public enum ExitStatus: Int32, Sendable {
    case done = 0
    /// Also for a port in use, or a read-only folder.
    case failed = 1
    /// Wrong use: command line or settings.
    case wrongUse = 2
    /// Kafka or the database is unavailable (one-shot commands only; long-running processes wait and log that).
    case notReady = 3
}
