/// The metrics of one process, rendered in Prometheus' text format 0.0.4.
public final class Metrics: Sendable {
    public init() { fatalError("to be written") }
    /// Registers, or finds, a counter. Names end in `_total`; `labels` are the label names, in order.
    public func counter(_ name: String, _ help: String, labels: [String] = []) -> Counter { fatalError("to be written") }
    public func gauge(_ name: String, _ help: String, labels: [String] = []) -> Gauge { fatalError("to be written") }
    /// - Parameter buckets: upper bounds, ascending, in seconds where it measures time.
    public func histogram(_ name: String, _ help: String, labels: [String] = [], buckets: [Double] = Histogram.latencyBuckets) -> Histogram { fatalError("to be written") }
    /// Calls `update` before each rendering: for gauges that are read, not kept.
    public func beforeRendering(_ update: @escaping @Sendable () -> Void) { fatalError("to be written") }
    /// The text that `/metrics` answers.
    public func rendered() -> String { fatalError("to be written") }
}
public final class Counter: Sendable {
    init() { fatalError("to be written") }
    /// - Parameter labels: as many values as the counter has label names.
    public func add(_ count: Int = 1, _ labels: String...) { fatalError("to be written") }
}
public final class Gauge: Sendable {
    init() { fatalError("to be written") }
    public func set(_ value: Double, _ labels: String...) { fatalError("to be written") }
}
public final class Histogram: Sendable {
    public static let latencyBuckets: [Double] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]
    init() { fatalError("to be written") }
    public func record(_ value: Double, _ labels: String...) { fatalError("to be written") }
}
