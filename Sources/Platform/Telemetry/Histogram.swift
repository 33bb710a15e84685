import Synchronization

/// How often a value fell below each bound, and the sum of all.
public final class Histogram: Family {
    /// Upper bounds in seconds for what takes from a millisecond to ten seconds.
    public static let latencyBuckets: [Double] = [
        0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
    ]

    /// One combination of label values; keep it where recording is frequent: two relaxed atomic operations.
    public final class Series: Sendable {
        let bounds: [Double]
        /// One count per bound, and one for what lies above all of them. Owned here, freed in deinit.
        private nonisolated(unsafe) let counts: UnsafeMutablePointer<Atomic<Int>>
        private let sumBits = Atomic<UInt64>(0)

        init(bounds: [Double]) {
            self.bounds = bounds
            counts = .allocate(capacity: bounds.count + 1)
            for index in 0...bounds.count { (counts + index).initialize(to: Atomic(0)) }
        }
        deinit {
            counts.deinitialize(count: bounds.count + 1)
            counts.deallocate()
        }

        /// Counts a value into its bucket; NaN is left out.
        public func record(_ value: Double) {
            guard !value.isNaN else { return }
            var index = 0
            while index < bounds.count, value > bounds[index] { index += 1 }
            counts[index].wrappingAdd(1, ordering: .relaxed)
            var old = sumBits.load(ordering: .relaxed)
            while true {
                let new = (Double(bitPattern: old) + value).bitPattern
                let (done, seen) = sumBits.weakCompareExchange(expected: old, desired: new, ordering: .relaxed)
                if done { return }
                old = seen
            }
        }
        /// Counts a duration, in seconds.
        public func record(_ duration: Duration) {
            let (seconds, attoseconds) = duration.components
            record(Double(seconds) + Double(attoseconds) * 1e-18)
        }

        /// How many values lie in each bucket alone, the last above all bounds.
        var snapshot: (counts: [Int], sum: Double) {
            let counts = (0...bounds.count).map { self.counts[$0].load(ordering: .relaxed) }
            return (counts, Double(bitPattern: sumBits.load(ordering: .relaxed)))
        }
    }

    let head: FamilyHead
    let kind = "histogram"
    private let table: SeriesTable<Series>
    private let bare: Series?

    init(_ head: FamilyHead, bounds: [Double]) {
        precondition(zip(bounds, bounds.dropFirst()).allSatisfy(<), "bounds ascend: \(bounds)")
        self.head = head
        table = SeriesTable(labels: head.labels) { Series(bounds: bounds) }
        bare = head.labels.isEmpty ? table.find([]) : nil
    }

    /// The series of these label values, as many as the histogram has label names.
    public func labelled(_ labels: String...) -> Series { bare ?? table.find(labels) }

    /// Counts a value for these label values.
    public func record(_ value: Double, _ labels: String...) { (bare ?? table.find(labels)).record(value) }
    /// Counts a duration, in seconds, for these label values.
    public func record(_ duration: Duration, _ labels: String...) { (bare ?? table.find(labels)).record(duration) }

    func declare(_ labels: [Label]) { table.declare(labels) }
    var values: (declared: Set<[String]>, present: Set<[String]>) { table.values }

    func render(into text: inout String) {
        for (labels, series) in table.all() {
            let (counts, sum) = series.snapshot
            let before = labels.isEmpty ? "" : labels + ","
            var total = 0
            for (bound, count) in zip(series.bounds + [.infinity], counts) {
                total += count
                text += line(head.name + "_bucket", before + "le=\"\(number(bound))\"", String(total))
            }
            text += line(head.name + "_sum", labels, number(sum))
            text += line(head.name + "_count", labels, String(total))
        }
    }
}
