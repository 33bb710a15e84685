import Synchronization

/// A number that only grows.
public final class Counter: Family {
    /// One combination of label values; keep it where counting is frequent: an add is one relaxed atomic add.
    public final class Series: Sendable {
        private let count = Atomic<Int>(0)
        init() {}
        /// Adds; `count` must not be negative.
        public func add(_ count: Int = 1) {
            assert(count >= 0, "a counter never falls")
            self.count.wrappingAdd(count, ordering: .relaxed)
        }
        /// The current count; for tests and pages.
        public var value: Int { count.load(ordering: .relaxed) }
    }

    let head: FamilyHead
    let kind = "counter"
    private let table: SeriesTable<Series>
    private let bare: Series?

    init(_ head: FamilyHead) {
        self.head = head
        table = SeriesTable(labels: head.labels) { Series() }
        bare = head.labels.isEmpty ? table.find([]) : nil
    }

    /// The series of these label values, as many as the counter has label names.
    public func labelled(_ labels: String...) -> Series { bare ?? table.find(labels) }

    /// - Parameter labels: as many values as the counter has label names.
    public func add(_ count: Int = 1, _ labels: String...) { (bare ?? table.find(labels)).add(count) }

    func declare(_ labels: [Label]) { table.declare(labels) }
    var values: (declared: Set<[String]>, present: Set<[String]>) { table.values }

    func render(into text: inout String) {
        for (labels, series) in table.all() { text += line(head.name, labels, String(series.value)) }
    }
}
