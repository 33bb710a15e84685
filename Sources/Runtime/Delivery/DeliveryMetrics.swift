public import Telemetry

/// What is measured at the delivery (DESIGN §9).
public struct DeliveryMetrics: Sendable {
    let attempts: Counter
    let attemptSeconds: Histogram
    let firstAttempt: Histogram
    let acceptedToDelivered: Histogram
    let fencedOutcomes: Counter
    let overstayed: Counter
    let rescued: Counter
    let deadCopied: Counter
    let breaker: Gauge
    let oldestOverdue: Gauge
    let rows: Gauge
    let unaccounted: Gauge
    let held: Gauge
    let isLedgerAway: Gauge

    /// Up to a day: a retried delivery may take that long.
    static let slowBuckets: [Double] = [
        0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60, 300, 1800, 3600, 21_600, 86_400,
    ]

    public init(_ metrics: Metrics) {
        let both = ["worker", "destination"]
        attempts = metrics.counter(
            "orderrelay_delivery_attempts_total", "Attempts, by what they came to.",
            labels: ["worker", "destination", "outcome"])
        attemptSeconds = metrics.histogram(
            "orderrelay_delivery_attempt_seconds", "Duration of an attempt.", labels: both)
        firstAttempt = metrics.histogram(
            "orderrelay_delivery_first_attempt_delay_seconds", "From the event's time to its first attempt.",
            labels: ["worker"], buckets: Self.slowBuckets)
        acceptedToDelivered = metrics.histogram(
            "orderrelay_delivery_accepted_to_delivered_seconds", "From the event's time to its delivery.",
            labels: ["worker"], buckets: Self.slowBuckets)
        fencedOutcomes = metrics.counter(
            "orderrelay_delivery_fenced_outcomes_total", "Outcomes refused because the row was another's by then.",
            labels: ["worker"])
        overstayed = metrics.counter(
            "orderrelay_delivery_overstayed_total", "Attempts that had not ended at their time-out.", labels: both)
        rescued = metrics.counter(
            "orderrelay_delivery_rescued_total", "Rows whose lease ran out: pending again, or parked.",
            labels: ["worker", "into"])
        deadCopied = metrics.counter(
            "orderrelay_delivery_dead_copied_total", "Dead rows copied to dead-letters.", labels: ["worker"])
        breaker = metrics.gauge(
            "orderrelay_delivery_breaker_state", "0 closed, 1 half open, 2 open.", labels: both)
        oldestOverdue = metrics.gauge(
            "orderrelay_delivery_oldest_overdue_seconds", "By how much the oldest due row is late.", labels: both)
        rows = metrics.gauge(
            "orderrelay_delivery_rows", "Rows of the ledger by state.", labels: ["worker", "destination", "state"])
        unaccounted = metrics.gauge(
            "orderrelay_delivery_unaccounted", "Planned rows that no state accounts for; 0 in closed books.",
            labels: both)
        held = metrics.gauge(
            "orderrelay_delivery_held_rows", "Rows leased to this process.", labels: both)
        isLedgerAway = metrics.gauge(
            "orderrelay_delivery_ledger_away", "1 while the ledger does not answer.", labels: ["worker"])
    }
}
