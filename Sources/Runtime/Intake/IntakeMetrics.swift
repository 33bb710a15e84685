public import Telemetry

/// What is measured at the intake (DESIGN §9).
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

    public init(_ metrics: Metrics) {
        records = metrics.counter(
            "orderrelay_intake_records_total", "Records taken in, by what became of them.",
            labels: ["worker", "topic", "disposition"])
        folded = metrics.counter(
            "orderrelay_intake_folded_total", "Records whose event was known already.", labels: ["worker", "topic"])
        conflicts = metrics.counter(
            "orderrelay_intake_conflicts_total", "Events whose id was known with another content.",
            labels: ["worker", "topic"])
        poison = metrics.counter(
            "orderrelay_intake_poison_total", "Records that are no readable event.", labels: ["worker", "topic"])
        fenced = metrics.counter(
            "orderrelay_intake_fenced_total", "Batches refused because another process had moved the position.",
            labels: ["worker", "topic"])
        retries = metrics.counter(
            "orderrelay_intake_retries_total", "Batches tried again because ledger or broker were away.",
            labels: ["worker", "topic"])
        transactions = metrics.histogram(
            "orderrelay_intake_transaction_seconds", "Time of one intake transaction.", labels: ["worker"])
        batchRecords = metrics.histogram(
            "orderrelay_intake_batch_records", "Records of one intake transaction.", labels: ["worker"],
            buckets: [1, 2, 5, 10, 20, 50, 100, 200, 500])
        lagRecords = metrics.gauge(
            "orderrelay_intake_lag_records", "Records of the partition not yet taken in.",
            labels: ["worker", "topic", "partition"])
        lagSeconds = metrics.gauge(
            "orderrelay_intake_lag_seconds",
            "Age of the newest event taken in while there are more to take in; 0 when there are none.",
            labels: ["worker", "topic", "partition"])
        stopped = metrics.gauge(
            "orderrelay_intake_partition_stopped", "1 where a partition is not read although it is assigned.",
            labels: ["worker", "topic", "partition"])
    }
}
