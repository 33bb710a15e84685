import Telemetry

/// Every answer of the API, counted once: by the call that was asked for, and the class of its status. What a share of
/// errors is reckoned from.
struct AnswerCounts: Sendable {
    /// The call of a request that asks for none, or whose head could not be read.
    static let noCall = "none"
    private static let classes = ["2xx", "3xx", "4xx", "5xx"]

    private let series: [String: [Counter.Series]]

    /// - Parameter calls: each has all its series from the start, since a rate needs the zero.
    init(_ metrics: Metrics, calls: [String]) {
        let counter = metrics.counter(
            "orderrelay_requests_total", "Answers to requests, refusals among them, by call and class of status.",
            labels: [Label("call", calls + [Self.noCall]), Label("class", Self.classes)])
        series = Dictionary(
            uniqueKeysWithValues: (calls + [Self.noCall]).map { call in
                (call, Self.classes.map { counter.labelled(call, $0) })
            })
    }

    /// - Parameter call: an endpoint's name; nil: ``noCall``.
    func count(_ call: String?, _ status: Int) {
        let last = Self.classes.count - 1
        series[call ?? Self.noCall]?[min(max(status / 100 - 2, 0), last)].add()
    }
}
