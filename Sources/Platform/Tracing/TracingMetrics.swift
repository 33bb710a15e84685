public import Telemetry

/// What became of spans.
public struct TracingMetrics: Sendable {
    /// Why a span was not exported.
    public enum Loss: String, Sendable, CaseIterable {
        /// More came than were exported.
        case bufferFull = "buffer_full"
        /// The collector has refused it.
        case refused
        /// The collector was away, or asked to come later until the attempts were used up.
        case unreachable
    }

    private let exported: Counter.Series
    private let lost: [Loss: Counter.Series]

    public init(_ metrics: Metrics) {
        exported = metrics.counter(
            "orderrelay_trace_spans_exported_total", "Spans that the collector has taken."
        ).labelled()
        let dropped = metrics.counter(
            "orderrelay_trace_spans_dropped_total", "Spans that were recorded and not exported, by reason.",
            labels: [Label("reason", Loss.allCases.map(\.rawValue))])
        lost = Dictionary(uniqueKeysWithValues: Loss.allCases.map { ($0, dropped.labelled($0.rawValue)) })
    }

    /// The collector has taken so many.
    public func exported(_ count: Int) { exported.add(count) }

    /// So many are not exported.
    public func dropped(_ count: Int, _ why: Loss) { lost[why]?.add(count) }
}
