import Kafka
import Ledger
import Lifecycle
import Orders
public import Telemetry

/// The metrics of the intake (DESIGN §9).
public struct IntakeMetrics: Sendable {
    let records: Counter
    let folded: Counter
    let conflicts: Counter
    let poison: Counter
    let fenced: Counter
    let retries: Counter
    let transactions: Histogram
    let batchRecords: Histogram
    let lagRecords: Gauge
    let lagSeconds: Gauge
    let stopped: Gauge
    let wentBack: Counter

    /// - Parameters:
    ///   - worker: whose intake it is.
    ///   - topics: that it reads.
    public init(_ metrics: Metrics, worker: String, topics: [String]) {
        let worker = Label("worker", [worker])
        let both = [worker, Label("topic", topics)]
        records = metrics.counter(
            "orderrelay_intake_records_total", "Records taken in, by disposition.",
            labels: both + [Label("disposition", Disposition.names)])
        folded = metrics.counter(
            "orderrelay_intake_folded_total", "Records whose event was known already.", labels: both)
        conflicts = metrics.counter(
            "orderrelay_intake_conflicts_total", "Events whose id was known with another content.",
            labels: both)
        poison = metrics.counter(
            "orderrelay_intake_poison_total", "Records that cannot be decoded as an event.",
            labels: both)
        fenced = metrics.counter(
            "orderrelay_intake_fenced_total", "Batches refused because another process had moved the position.",
            labels: both)
        retries = metrics.counter(
            "orderrelay_intake_retries_total", "Batches retried because ledger or broker were unavailable.",
            labels: both)
        transactions = metrics.histogram(
            "orderrelay_intake_transaction_seconds", "Time of one intake transaction.", labels: [worker])
        batchRecords = metrics.histogram(
            "orderrelay_intake_batch_records", "Records of one intake transaction.", labels: [worker],
            buckets: [1, 2, 5, 10, 20, 50, 100, 200, 500])
        lagRecords = metrics.gauge(
            "orderrelay_intake_lag_records", "Records of the partition not yet taken in.",
            labels: both + ["partition"])
        lagSeconds = metrics.gauge(
            "orderrelay_intake_lag_seconds",
            "Age of the newest event taken in while more are waiting; 0 if none is waiting.",
            labels: both + ["partition"])
        stopped = metrics.gauge(
            "orderrelay_intake_partition_stopped", "1 if a partition is assigned but not read.",
            labels: both + ["partition"])
        wentBack = metrics.counter(
            "orderrelay_intake_went_back_total",
            "Partitions read again from an earlier position, since a failover of the ledger lost its last commits.",
            labels: both)
    }
}

extension IntakeMetrics {
    /// - Parameter end: the log's end.
    func measureLag(_ context: WorkerContext, _ partition: TopicPartition, _ position: Position, end: Int64) {
        let lag = max(0, end - position.next)
        let age = position.lastTime.map { max(0, context.time.wall.milliseconds - $0.milliseconds) } ?? 0
        set(lag: lag, seconds: lag == 0 ? 0 : Double(age) / 1000, context.worker, partition)
    }

    /// The partition belongs to another process, which measures it.
    func forgetLag(_ worker: String, _ partition: TopicPartition) { set(lag: 0, seconds: 0, worker, partition) }

    private func set(lag: Int64, seconds: Double, _ worker: String, _ partition: TopicPartition) {
        lagRecords.set(Double(lag), worker, partition.topic, "\(partition.partition)")
        lagSeconds.set(seconds, worker, partition.topic, "\(partition.partition)")
    }
}
