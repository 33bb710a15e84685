import Glibc
import Synchronization

/// Places at which a test can make the process die, to prove that nothing is lost or counted twice.
///
/// A test hook, and nothing else: without the environment variable `ORDERRELAY_KILL_AT` a hit costs one comparison.
/// `ORDERRELAY_KILL_AT=message-sent:3` sends the process SIGKILL at the third hit of that place.
public enum KillPoint: String, Sendable, CaseIterable {
    /// Records are in memory, nothing is written.
    case afterPoll = "after-poll"
    /// Inside the intake's transaction: its rows are written, it is not committed.
    case rowsWritten = "rows-written"
    /// The intake's transaction is committed; its rows are not attempted, the position is not committed to Kafka.
    case transactionCommitted = "transaction-committed"
    /// The position was passed to the Kafka client.
    case positionCopied = "position-copied"
    /// The receiver has the message, and this process knows; no outcome is noted.
    case messageSent = "message-sent"
    /// An outcome is about to be written.
    case beforeOutcome = "before-outcome"
    /// As ``transactionCommitted``, if the batch changed the read model.
    case analyticsCommitted = "analytics-committed"

    /// Kills the process if this is the configured place and count.
    public func hit() {
        guard let plan = Self.plan, plan.point == self else { return }
        if plan.left.subtract(1, ordering: .relaxed).newValue == 0 {
            kill(getpid(), SIGKILL)
            // The signal is delivered before kill returns to this thread or very soon after: nothing more happens here.
            while true { pause() }
        }
    }

    private final class Plan: Sendable {
        let point: KillPoint
        let left: Atomic<Int>
        init(point: KillPoint, count: Int) {
            self.point = point
            left = Atomic(count)
        }
    }

    private static let plan: Plan? = {
        guard let text = unsafe getenv("ORDERRELAY_KILL_AT").map({ unsafe String(cString: $0) }) else { return nil }
        let parts = text.split(separator: ":")
        guard let name = parts.first, let point = KillPoint(rawValue: String(name)),
            let count = parts.count == 2 ? Int(parts[1]) : 1, count > 0
        else {
            let names = allCases.map(\.rawValue).joined(separator: ", ")
            fatalError("ORDERRELAY_KILL_AT is \(text): not NAME:COUNT with NAME one of \(names)")
        }
        return Plan(point: point, count: count)
    }()
}
