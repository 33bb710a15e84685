import Events
import Kafka
import Ledger
import Testing

@testable import Books

@Suite("How far a worker is behind") struct PartitionFiguresTests {
    private let now = Timestamp(milliseconds: 1_000_000)

    private func figures(
        next: Int64, log: Range<Int64>, oldest: Int64? = nil, retention: Double? = 3600
    ) -> PartitionFigures {
        PartitionFigures(
            AuditedPartition(
                worker: "crm", place: TopicPartition(topic: "orders", partition: 0),
                position: Position(base: 0, next: next, planned: next), log: log),
            oldest: oldest.map(Timestamp.init(milliseconds:)), retention: retention, now: now)
    }

    @Test("what was read to its end has no lag, and the whole retention before it")
    func read() {
        let figures = figures(next: 90, log: 0..<90)
        #expect(figures.lagRecords == 0 && figures.lagSeconds == 0 && figures.headroomSeconds == 3600)
        #expect(figures.next == 90 && figures.end == 90 && figures.unaccounted == 0)
    }

    @Test("the lag in seconds is the age of the oldest unread record, which retention deletes that much sooner")
    func behind() {
        let figures = figures(next: 40, log: 10..<90, oldest: 400_000)
        #expect(figures.lagRecords == 50 && figures.lagSeconds == 600 && figures.headroomSeconds == 3000)
    }

    @Test("records that were deleted unread leave no time at all")
    func deleted() {
        let figures = figures(next: 5, log: 10..<90, oldest: 900_000)
        #expect(figures.lagRecords == 85 && figures.lagSeconds == 100 && figures.headroomSeconds == 0)
    }

    @Test("a record that is older than the retention has none left, and one from the future is 0 s old")
    func bounds() {
        #expect(figures(next: 5, log: 0..<9, oldest: 0, retention: 10).headroomSeconds == 0)
        #expect(figures(next: 5, log: 0..<9, oldest: 2_000_000).lagSeconds == 0)
        #expect(figures(next: 5, log: 0..<9, oldest: 0, retention: .infinity).headroomSeconds == .infinity)
    }

    @Test("what is not known is not made up")
    func unknown() {
        #expect(figures(next: 5, log: 0..<9).lagSeconds == nil)
        #expect(figures(next: 5, log: 0..<9).headroomSeconds == nil)
        #expect(figures(next: 5, log: 0..<9, oldest: 900_000, retention: nil).headroomSeconds == nil)
        #expect(figures(next: 9, log: 0..<9, retention: nil).headroomSeconds == nil)
    }

    @Test("a position beyond the log's end is unaccounted for, and no lag")
    func beyond() {
        let figures = figures(next: 12, log: 0..<9)
        #expect(figures.lagRecords == 0 && figures.unaccounted == 3)
    }
}
