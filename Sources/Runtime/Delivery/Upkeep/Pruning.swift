import Intake
import Ledger
import Lifecycle
import Synchronization
import Telemetry

/// Removes from the ledger what is older than its retention; of all processes one does it at a time.
final class Pruning: Chore {
    private static let every = Duration.seconds(600)
    /// So that processes which are started together do not begin with it.
    private static let firstAfter = Duration.seconds(60)

    private let context: WorkerContext
    private let metrics: UpkeepMetrics
    /// What was counted of the ledger's own count.
    private let late = Atomic<Int64>(0)
    private let hasBegun = Atomic(false)

    init(_ context: WorkerContext, _ metrics: UpkeepMetrics) {
        self.context = context
        self.metrics = metrics
    }

    func perform() async -> Duration {
        if !hasBegun.exchange(true, ordering: .relaxed) { return context.random.about(Self.firstAfter) }
        let time = context.time
        do throws(LedgerError) {
            let report = try await context.ledger.prune(owner: context.owner) { pause in
                do { try await time.sleep(until: time.now + pause) } catch { return false }
                return !Task.isCancelled
            }
            show(report)
        } catch {
            // Whether the ledger is away is noted by those who ask it every few seconds.
            metrics.pruneFailures.add(1, context.worker)
            context.log.warning("the ledger is not pruned", ["why": "\(error)"])
        }
        let late = context.ledger.latePartitions
        metrics.late.add(Int(late - self.late.exchange(late, ordering: .relaxed)), context.worker)
        return context.random.about(Self.every)
    }

    /// - Parameter report: nil where another process does it, which shows it.
    private func show(_ report: PruneReport?) {
        metrics.pruneWaits.set(report?.waitsForDeadLetters == true ? 1 : 0, context.worker)
        guard let report else { return }
        for (table, count) in report.removed where count > 0 { metrics.removed.add(Int(count), context.worker, table) }
        if report.waitsForDeadLetters {
            context.log.warning("dead rows older than the retention are kept, since they are not on dead-letters yet")
        }
    }
}
