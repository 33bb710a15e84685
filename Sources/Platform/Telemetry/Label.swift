/// A label of a family: its name, and the values that it may have.
///
/// Where all labels of a family are closed, every combination of their values is shown as 0 from the start: `increase`
/// over a series whose first sample is 1 is 0, so that a counter which is born with its first event never alerts.
public struct Label: Sendable, Equatable, ExpressibleByStringLiteral {
    public let name: String
    /// Every value that it may have; nil: they are not known beforehand, as partitions are not.
    public let values: [String]?

    /// A closed label.
    public init(_ name: String, _ values: [String]) {
        self.name = name
        self.values = values
    }

    /// An open label.
    public init(stringLiteral name: String) {
        self.name = name
        values = nil
    }

    /// Every combination of the labels' values, in the labels' order; empty if one of them is open.
    static func combinations(_ labels: [Label]) -> [[String]] {
        labels.reduce([[]]) { combinations, label in
            combinations.flatMap { combination in (label.values ?? []).map { combination + [$0] } }
        }
    }
}
