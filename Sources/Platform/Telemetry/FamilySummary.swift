/// What a registry has of a family: for tests that compare it with the documentation.
public struct FamilySummary: Sendable {
    public let name: String
    /// `counter`, `gauge` or `histogram`.
    public let kind: String
    public let labels: [String]
    /// Those of the labels whose values were not named when the family was registered.
    public let openLabels: [String]
    /// Combinations of values that were named, and have no series.
    public let missing: [[String]]
    /// Series of closed labels with values that were not named.
    public let unforeseen: [[String]]
}

extension Metrics {
    /// Every family that was registered, by name.
    public var families: [FamilySummary] { registered.map(\.summary) }
}

extension Family {
    fileprivate var summary: FamilySummary {
        let (declared, present) = values
        let isClosed = head.openLabels.isEmpty && !head.labels.isEmpty
        return FamilySummary(
            name: head.name, kind: kind, labels: head.labels, openLabels: head.openLabels,
            missing: declared.subtracting(present).sorted { $0.lexicographicallyPrecedes($1) },
            unforeseen: isClosed ? present.subtracting(declared).sorted { $0.lexicographicallyPrecedes($1) } : [])
    }
}
