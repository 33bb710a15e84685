import Orders
import Telemetry

/// The metrics of `ingest` (DESIGN §9).
struct IngestMetrics: Sendable {
    private let accepted: Counter.Series
    private let replayed: Counter.Series
    private let rejected: [Refusal.Code: Counter.Series]
    private let log: Log
    let acknowledgementSeconds: Histogram.Series
    let connections: Gauge.Series

    init(_ metrics: Metrics, log: Log) {
        self.log = log
        accepted = metrics.counter(
            "orderrelay_events_accepted_total", "Events acknowledged by Kafka and answered 201 or 200."
        ).labelled()
        replayed = metrics.counter(
            "orderrelay_repeats_total", "Repeated requests that got their first answer again."
        ).labelled()
        let refusals = metrics.counter(
            "orderrelay_requests_refused_total", "Requests refused, by code.",
            labels: [Label("code", Refusal.Code.allCases.map(\.rawValue))])
        rejected = Dictionary(
            uniqueKeysWithValues: Refusal.Code.allCases.map { ($0, refusals.labelled($0.rawValue)) })
        acknowledgementSeconds = metrics.histogram(
            "orderrelay_acknowledgement_seconds",
            "From publishing an event to the acknowledgement of the in-sync replicas."
        ).labelled()
        connections = metrics.gauge(
            "orderrelay_http_connections", "Open connections of HTTP clients.", labels: [Label("listener", ["api"])]
        ).labelled("api")
    }

    func refused(_ refusal: Refusal) { rejected[refusal.code]?.add() }
    func published() { accepted.add() }
    func repeated() { replayed.add() }

    /// A failure that is not the caller's fault.
    func failed(_ error: any Error, _ request: RequestContext) {
        log.error("a request failed", request.logFields.merging(["why": "\(error)"]) { $1 })
    }

    /// What became of an order's event, as `accepted`: which order a request was about, and in which trace.
    func settled(_ order: OrderID, _ result: String, _ request: RequestContext) {
        log.debug("an order's event was \(result)", request.logFields.merging(["orderId": order.text]) { $1 })
    }
}
