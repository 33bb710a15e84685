import Telemetry

/// The metrics of `ingest` (DESIGN §9).
struct IngestMetrics: Sendable {
    private let accepted: Counter.Series
    private let replayed: Counter.Series
    private let rejected: Counter
    private let requests: Counter
    private let log: Log
    let acknowledgementSeconds: Histogram.Series

    init(_ metrics: Metrics, log: Log) {
        self.log = log
        accepted = metrics.counter(
            "orderrelay_events_accepted_total", "Events acknowledged by Kafka and answered 201 or 200."
        ).labelled()
        replayed = metrics.counter(
            "orderrelay_repeats_total", "Repeated requests that got their first answer again."
        ).labelled()
        rejected = metrics.counter(
            "orderrelay_requests_refused_total", "Requests refused, by status and code.", labels: ["status", "code"])
        requests = metrics.counter(
            "orderrelay_requests_served_total", "Requests served, by call and status.", labels: ["call", "status"])
        acknowledgementSeconds = metrics.histogram(
            "orderrelay_acknowledgement_seconds",
            "From publishing an event to the acknowledgement of the in-sync replicas."
        ).labelled()
    }

    func answered(_ endpoint: Endpoint, _ status: Int) { requests.add(1, endpoint.name, String(status)) }
    func refused(_ refusal: Refusal) { rejected.add(1, String(refusal.status), refusal.code.rawValue) }
    func published() { accepted.add() }
    func repeated() { replayed.add() }

    /// A failure that is not the caller's fault.
    func failed(_ error: any Error, _ requestID: String) {
        log.error("a request failed", ["requestId": requestID, "why": "\(error)"])
    }
}
