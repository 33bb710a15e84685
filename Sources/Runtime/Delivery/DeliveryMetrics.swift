import Intake
import Ledger
import Telemetry

/// The metrics of attempts (DESIGN §9).
struct DeliveryMetrics: Sendable {
    let attempts: Counter
    let attemptSeconds: Histogram
    let firstAttempt: Histogram
    let acceptedToDelivered: Histogram
    let fencedOutcomes: Counter
    let overstayed: Counter
    let breakers: Gauge
    let held: Gauge
    /// Values of the label `kind`.
    let kinds: [String]

    /// Up to a day: a retried delivery may take that long.
    static let slowBuckets: [Double] = [
        0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 8, 10, 30, 60, 300, 1800, 3600, 21_600, 86_400,
    ]

    init(_ context: WorkerContext) {
        let metrics = context.metrics
        kinds = context.kinds + [Destination.unknownKind]
        let worker = Label("worker", [context.worker])
        let both = [worker, Label("kind", kinds)]
        attempts = metrics.counter(
            "orderrelay_delivery_attempts_total", "Attempts, by outcome.",
            labels: both + [Label("outcome", Outcome.names)])
        attemptSeconds = metrics.histogram(
            "orderrelay_delivery_attempt_seconds", "Duration of an attempt.", labels: both)
        firstAttempt = metrics.histogram(
            "orderrelay_delivery_first_attempt_delay_seconds", "From the event's time to its first attempt.",
            labels: [worker], buckets: Self.slowBuckets)
        acceptedToDelivered = metrics.histogram(
            "orderrelay_delivery_accepted_to_delivered_seconds", "From the event's time to its delivery.",
            labels: [worker], buckets: Self.slowBuckets)
        fencedOutcomes = metrics.counter(
            "orderrelay_delivery_fenced_outcomes_total",
            "Outcomes refused because the row belonged to another process by then.",
            labels: [worker])
        overstayed = metrics.counter(
            "orderrelay_delivery_overstayed_total", "Attempts that had not ended at their time-out.", labels: both)
        breakers = metrics.gauge(
            "orderrelay_delivery_breakers", "Destinations of this process by the state of their circuit breaker.",
            labels: both + [Label("state", Breaker.State.names)])
        held = metrics.gauge(
            "orderrelay_delivery_held_rows", "Rows leased to this process.", labels: both)
    }
}
