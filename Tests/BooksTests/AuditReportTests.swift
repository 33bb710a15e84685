import Kafka
import Ledger
import Testing

@testable import Books

@Suite("What an audit finds") struct AuditReportTests {
    private let place = TopicPartition(topic: "orders", partition: 3)

    private func audited(_ position: Position, log: Range<Int64>) -> AuditedPartition {
        AuditedPartition(worker: "crm", place: place, position: position, log: log)
    }

    @Test("what is before the position and still in the log is looked up")
    func taken() {
        #expect(audited(Position(base: 0, next: 50), log: 20..<90).taken == 20..<50)
        #expect(audited(Position(base: 30, next: 50), log: 20..<90).taken == 30..<50)
        #expect(audited(Position(base: 0, next: 50), log: 70..<90).taken.isEmpty)
        #expect(audited(Position(base: 0, next: 50), log: 0..<40).taken == 0..<40)
    }

    @Test("books close where each record since the base is planned, folded, skipped or lost, and the rest is unread")
    func closed() {
        let closed = audited(
            Position(base: 10, next: 50, planned: 30, folded: 4, skipped: 5, lost: 1), log: 0..<90)
        #expect(closed.unaccounted == 0)
        #expect(closed.unread == 40)
    }

    @Test("counters that do not add up, a position behind the log's end, and records that are not there all count")
    func open() {
        #expect(audited(Position(base: 0, next: 50, planned: 48), log: 0..<90).unaccounted == 2)
        #expect(audited(Position(base: 0, next: 50, planned: 50), log: 0..<45).unaccounted == 5)
        var partition = audited(Position(base: 0, next: 50, planned: 50), log: 0..<90)
        partition.records = AuditedRecords()
        partition.records?.checked = 50
        partition.records?.removed = 7
        #expect(partition.unaccounted == 0)
        partition.records?.missing = 3
        #expect(partition.unaccounted == 3)
        #expect(AuditReport(partitions: [partition, partition], destinations: []).unaccounted == 6)
    }
}
