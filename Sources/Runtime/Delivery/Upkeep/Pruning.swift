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
    private let removed: Counter
    private let failures: Counter
    private let late: Gauge
    private let waits: Gauge
    private let hasBegun = Atomic(false)

    init(_ context: WorkerContext) {
        self.context = context
        removed = context.metrics.counter(
            "orderrelay_ledger_pruned_rows_total", "Rows removed since they are older than the ledger's retention.",
            labels: ["worker", "table"])
        failures = context.metrics.counter(
            "orderrelay_ledger_prune_failures_total",
            "Prunes of the ledger that ended with an error; the log says which.",
            labels: ["worker"])
        waits = context.metrics.gauge(
            "orderrelay_ledger_prune_waits",
            "1 while dead rows older than the retention are not on dead-letters, and so stay.", labels: ["worker"])
        late = context.metrics.gauge(
            "orderrelay_ledger_late_partitions",
            "How often this process wrote a row for whose time PostgreSQL had no partition yet.", labels: ["worker"])
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
            failures.add(1, context.worker)
            context.log.warning("the ledger is not pruned", ["why": "\(error)"])
        }
        late.set(Double(context.ledger.latePartitions), context.worker)
        return context.random.about(Self.every)
    }

    /// - Parameter report: nil where another process does it, which shows it.
    private func show(_ report: PruneReport?) {
        waits.set(report?.waitsForDeadLetters == true ? 1 : 0, context.worker)
        guard let report else { return }
        for (table, count) in report.removed where count > 0 { removed.add(Int(count), context.worker, table) }
        if report.waitsForDeadLetters {
            context.log.warning("dead rows older than the retention are kept, since they are not on dead-letters yet")
        }
    }
}
