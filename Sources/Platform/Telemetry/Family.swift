import Synchronization

/// What all series of one name share.
struct FamilyHead: Sendable {
    let name: String
    let help: String
    /// The labels' names, in order.
    let labels: [String]
    /// Those of them whose values are not known beforehand.
    let openLabels: [String]
}

/// A metric's name with all its series.
protocol Family: AnyObject, Sendable {
    var head: FamilyHead { get }
    /// `counter`, `gauge` or `histogram`.
    var kind: String { get }
    func render(into text: inout String)
    /// Shows a series for each combination of the labels' values, if all labels are closed.
    func declare(_ labels: [Label])
    /// The label values that were declared, and those that have a series.
    var values: (declared: Set<[String]>, present: Set<[String]>) { get }
}

/// The series of one family by their label values. At most ``Metrics/seriesMaximum``: label values that come from
/// outside cannot fill the memory.
final class SeriesTable<Series: Sendable>: Sendable {
    private let labels: [String]
    private let make: @Sendable () -> Series
    private let series: Mutex<[[String]: Series]>
    private let declared = Mutex<Set<[String]>>([])

    init(labels: [String], make: @escaping @Sendable () -> Series) {
        self.labels = labels
        self.make = make
        // Without labels there is one series, and it is shown from the start: a rate needs the zero.
        series = Mutex(labels.isEmpty ? [[]: make()] : [:])
    }

    func find(_ values: [String]) -> Series {
        precondition(values.count == labels.count, "label values \(values.count), label names \(labels)")
        return series.withLock { series in
            if let known = series[values] { return known }
            let full = series.count >= Metrics.seriesMaximum
            let key = full ? labels.map { _ in "overflow" } : values
            if full, let overflow = series[key] { return overflow }
            let new = make()
            series[key] = new
            return new
        }
    }

    func declare(_ labels: [Label]) {
        let combinations = labels.isEmpty ? [] : Label.combinations(labels)
        declared.withLock { $0.formUnion(combinations) }
        for values in combinations { _ = find(values) }
    }

    var values: (declared: Set<[String]>, present: Set<[String]>) {
        (declared.withLock { $0 }, Set(series.withLock { $0.keys }))
    }

    func removeAll() { series.withLock { $0 = [:] } }

    /// Every series with its labels as they are written between braces, sorted by label values.
    func all() -> [(labels: String, series: Series)] {
        series.withLock { $0.map { (key: $0.key, series: $0.value) } }
            .sorted { $0.key.lexicographicallyPrecedes($1.key) }
            .map { entry in
                let pairs = zip(labels, entry.key).map { "\($0)=\"\(escapedValue($1))\"" }
                return (labels: pairs.joined(separator: ","), series: entry.series)
            }
    }
}

func escapedValue(_ text: String) -> String {
    var escaped = ""
    for scalar in text.unicodeScalars {
        switch scalar {
        case "\\": escaped += "\\\\"
        case "\"": escaped += "\\\""
        case "\n": escaped += "\\n"
        default: escaped.unicodeScalars.append(scalar)
        }
    }
    return escaped
}

/// `name{labels} value`, the braces only where there are labels.
func line(_ name: String, _ labels: String, _ value: String) -> String {
    labels.isEmpty ? "\(name) \(value)\n" : "\(name){\(labels)} \(value)\n"
}

/// A number as the format wants it: whole ones without a point.
func number(_ value: Double) -> String {
    if value.isNaN { return "NaN" }
    if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
    if value == value.rounded(), abs(value) < 9e15 { return String(Int64(value)) }
    return "\(value)"
}
