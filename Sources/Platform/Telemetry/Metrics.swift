import Synchronization

/// The metrics of one process, rendered in Prometheus' text format 0.0.4
/// (https://prometheus.io/docs/instrumenting/exposition_formats/).
///
/// Registering takes a lock and is for the start; counting is a relaxed atomic add on a *series* (one combination of
/// label values). Whoever counts often resolves its series once with `labelled(…)` and keeps the handle.
public final class Metrics: Sendable {
    /// Series a family keeps; further combinations of label values are counted together under the value `overflow`.
    public static let seriesMaximum = 1_000

    private struct State {
        var families: [String: any Family] = [:]
        var updates: [@Sendable () -> Void] = []
    }
    private let state = Mutex(State())

    public init() {}

    /// Registers a counter, or finds it. Names end in `_total`; `labels` in order: each that is closed should name its values. A
    /// name that is registered as something else is a programming error and stops the process.
    public func counter(_ name: String, _ help: String, labels: [Label] = []) -> Counter {
        precondition(name.hasSuffix("_total"), "a counter's name ends in _total: \(name)")
        return family(name, help, labels) { Counter($0) }
    }

    /// Registers a gauge, or finds it.
    public func gauge(_ name: String, _ help: String, labels: [Label] = []) -> Gauge {
        family(name, help, labels) { Gauge($0, kind: "gauge") }
    }

    /// A counter whose value is read from elsewhere (the process's CPU seconds), set before each rendering.
    func readCounter(_ name: String, _ help: String, labels: [Label] = []) -> Gauge {
        family(name, help, labels) { Gauge($0, kind: "counter") }
    }

    /// Registers a histogram, or finds it.
    /// - Parameter buckets: upper bounds, ascending, in seconds if it measures time.
    public func histogram(
        _ name: String, _ help: String, labels: [Label] = [], buckets: [Double] = Histogram.latencyBuckets
    ) -> Histogram {
        family(name, help, labels) { Histogram($0, bounds: buckets) }
    }

    /// Calls `update` before each rendering: for gauges whose value is read on demand.
    public func beforeRendering(_ update: @escaping @Sendable () -> Void) {
        state.withLock { $0.updates.append(update) }
    }

    /// The text for `/metrics`.
    public func rendered() -> String {
        for update in state.withLock({ $0.updates }) { update() }
        var text = ""
        for family in registered {
            text += "# HELP \(family.head.name) \(escapedHelp(family.head.help))\n"
            text += "# TYPE \(family.head.name) \(family.kind)\n"
            family.render(into: &text)
        }
        return text
    }

    var registered: [any Family] { state.withLock { $0.families.values.sorted { $0.head.name < $1.head.name } } }

    /// Registered again, as by each of several workers in one process, a family also has the values named then.
    private func family<F: Family>(
        _ name: String, _ help: String, _ labels: [Label], make: (FamilyHead) -> F
    ) -> F {
        let names = labels.map(\.name)
        precondition(isMetricName(name), "not a metric name: \(name)")
        precondition(names.allSatisfy(isLabelName), "not label names: \(names)")
        let family = state.withLock { state in
            if let known = state.families[name] {
                guard let same = known as? F, same.head.labels == names else {
                    preconditionFailure("\(name) is registered already as something else")
                }
                return same
            }
            let open = labels.filter { $0.values == nil }.map(\.name)
            let new = make(FamilyHead(name: name, help: help, labels: names, openLabels: open))
            state.families[name] = new
            return new
        }
        family.declare(labels)
        return family
    }
}

/// `[a-zA-Z_:][a-zA-Z0-9_:]*`
private func isMetricName(_ name: String) -> Bool { isName(name, also: ":") }
/// `[a-zA-Z_][a-zA-Z0-9_]*`, and `__` in front is the server's own.
private func isLabelName(_ name: String) -> Bool { isName(name, also: "_") && !name.hasPrefix("__") && name != "le" }

private func isName(_ name: String, also: Unicode.Scalar) -> Bool {
    guard let first = name.unicodeScalars.first, !("0"..."9").contains(first) else { return false }
    return name.unicodeScalars.allSatisfy {
        ("a"..."z").contains($0) || ("A"..."Z").contains($0) || ("0"..."9").contains($0) || $0 == "_" || $0 == also
    }
}

private func escapedHelp(_ text: String) -> String {
    var escaped = ""
    for scalar in text.unicodeScalars {
        switch scalar {
        case "\\": escaped += "\\\\"
        case "\n": escaped += "\\n"
        default: escaped.unicodeScalars.append(scalar)
        }
    }
    return escaped
}
