import Intake
import Ledger
import Telemetry

/// The metrics of the upkeep's chores.
struct UpkeepMetrics: Sendable {
    let rescued: Counter
    let copied: Counter
    let replays: Counter
    let removed: Counter
    let pruneFailures: Counter
    let pruneWaits: Gauge
    let late: Counter

    init(_ context: WorkerContext) {
        let metrics = context.metrics
        let worker = Label("worker", [context.worker])
        rescued = metrics.counter(
            "orderrelay_delivery_rescued_total", "Rows whose lease expired: pending again, or parked.",
            labels: [worker, Label("into", [DeliveryState.pending.rawValue, DeliveryState.parked.rawValue])])
        copied = metrics.counter(
            "orderrelay_delivery_dead_copied_total", "Dead rows copied to dead-letters.", labels: [worker])
        replays = metrics.counter(
            "orderrelay_delivery_replays_total", "Rows that replays have decided about.",
            labels: [worker, Label("fate", ReplayFate.allCases.map(\.rawValue))])
        removed = metrics.counter(
            "orderrelay_ledger_pruned_rows_total", "Rows removed since they are older than the ledger's retention.",
            labels: [worker, Label("table", PruneReport.tables)])
        pruneFailures = metrics.counter(
            "orderrelay_ledger_prune_failures_total",
            "Prunes of the ledger that ended with an error; the log says which.",
            labels: [worker])
        pruneWaits = metrics.gauge(
            "orderrelay_ledger_prune_waits",
            "1 while dead rows older than the retention are not on dead-letters, and so stay.", labels: [worker])
        late = metrics.counter(
            "orderrelay_ledger_late_partitions_total",
            "Rows that this process wrote for whose time PostgreSQL had no partition yet.", labels: [worker])
    }
}
