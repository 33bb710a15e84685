import Synchronization

/// A number that is set.
public final class Gauge: Family {
    /// One combination of label values; keep it where setting is frequent.
    public final class Series: Sendable {
        private let bits = Atomic<UInt64>(0)
        init() {}
        /// Replaces the number.
        public func set(_ value: Double) { bits.store(value.bitPattern, ordering: .relaxed) }
        /// Adds to the number; a negative difference subtracts.
        public func add(_ difference: Double) {
            var old = bits.load(ordering: .relaxed)
            while true {
                let new = (Double(bitPattern: old) + difference).bitPattern
                let (done, seen) = bits.weakCompareExchange(expected: old, desired: new, ordering: .relaxed)
                if done { return }
                old = seen
            }
        }
        /// The current number; for tests and pages.
        public var value: Double { Double(bitPattern: bits.load(ordering: .relaxed)) }
    }

    let head: FamilyHead
    let kind: String
    private let table: SeriesTable<Series>
    private let bare: Series?

    init(_ head: FamilyHead, kind: String) {
        self.head = head
        self.kind = kind
        table = SeriesTable(labels: head.labels) { Series() }
        bare = head.labels.isEmpty ? table.find([]) : nil
    }

    /// The series of these label values, as many as the gauge has label names.
    public func labelled(_ labels: String...) -> Series { bare ?? table.find(labels) }

    /// Replaces the number of these label values.
    public func set(_ value: Double, _ labels: String...) { (bare ?? table.find(labels)).set(value) }

    /// Shows nothing any more, until it is set again: somebody else knows the numbers now. One without labels stays.
    public func clear() { if bare == nil { table.removeAll() } }

    func declare(_ labels: [Label]) { table.declare(labels) }
    var values: (declared: Set<[String]>, present: Set<[String]>) { table.values }

    func render(into text: inout String) {
        for (labels, series) in table.all() { text += line(head.name, labels, number(series.value)) }
    }
}
