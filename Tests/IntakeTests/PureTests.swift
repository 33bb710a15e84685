import Crypto
import Events
import Kafka
import Ledger
import Orders
import Support
import Testing

@testable import Intake

@Suite struct PositionCheckTests {
    let noted = Position(base: 0, next: 5, planned: 5, lastEvent: event(1).id, lastTime: epoch)

    func fails(_ position: Position, _ offsets: Range<Int64>, before: Reading?) -> Bool {
        do throws(LostPlace) {
            try PositionCheck.check(position, of: source, offsets: offsets, before: before)
            return false
        } catch { return true }
    }
    func reading(_ event: Event) -> Reading { Reading(record(event, at: 4), in: source) }

    @Test("the noted record before the position: it is the log that we know")
    func same() { #expect(!fails(noted, 0..<9, before: reading(event(1)))) }

    @Test("another record before the position, or the same at another time: it is another log")
    func other() {
        #expect(fails(noted, 0..<9, before: reading(event(2))))
        var later = event(1)
        later.time.milliseconds += 1
        #expect(fails(noted, 0..<9, before: reading(later)))
    }

    @Test("records deleted before they were read, and a log that ends before the position, stop it")
    func range() {
        #expect(fails(noted, 6..<9, before: nil))
        #expect(fails(noted, 0..<4, before: nil))
    }

    @Test("whatever the reason, it says which partition it is, why, and what can be done about it now")
    func words() throws {
        let cases: [(Range<Int64>, Reading?, why: String, remedy: String)] = [
            (6..<9, nil, "records 5 to 5 were deleted before they were read", "record them as lost"),
            (0..<4, nil, "the log ends at 4, before the position 5", "restore the log or the ledger"),
            (0..<9, reading(event(2)), "is not the one noted there", "restore the log or the ledger"),
        ]
        for (offsets, before, why, remedy) in cases {
            let error = #expect(throws: LostPlace.self) {
                try PositionCheck.check(noted, of: source, offsets: offsets, before: before)
            }
            let text = try #require(error?.description)
            #expect(text.hasPrefix("orders/0: ") && text.contains(why) && text.contains(remedy), "\(text)")
            #expect(text.contains("restart the worker"), "\(text)")
        }
    }

    @Test("where nothing can be compared, reading goes on: nothing noted, deleted by retention, a gap")
    func nothing() {
        #expect(!fails(Position(base: 5, next: 5), 5..<9, before: nil))
        #expect(!fails(noted, 5..<9, before: nil))
        #expect(!fails(noted, 0..<9, before: nil))
    }

    @Test("poison before the position is recognised by its place")
    func poison() {
        let reading = Reading(record(of: [1], at: 4), in: source)
        var position = noted
        position.lastEvent = "test/orders/0/4"
        #expect(!fails(position, 0..<9, before: reading))
    }

    @Test("a conflict before the position is recognised: it was taken in under an id of its own")
    func conflict() {
        let other = event(1, title: "another title")
        var position = noted
        position.lastEvent = Envelope.conflictID(of: other.id, digest: other.digest)
        #expect(!fails(position, 0..<9, before: reading(other)))
        #expect(fails(position, 0..<9, before: reading(event(1))))
    }
}

@Suite struct BatchSizeTests {
    func records(_ count: Int, bytes: Int) -> [Record] {
        (0..<count).map { record(of: [UInt8](repeating: 0, count: bytes), at: Int64($0)) }
    }

    @Test("small records go by the hundred, large ones few at a time; none is lost or reordered")
    func split() {
        var settings = IntakeSettings()
        settings.recordsMaximum = 100
        settings.bytesMaximum = 10_000
        var size = BatchSize(settings)
        #expect(size.records == 9, "a kilobyte each is assumed at first")
        for _ in 0..<20 { _ = size.split(records(10, bytes: 10)) }
        #expect(size.records == 100)
        let batches = size.split(records(50, bytes: 3_000))
        #expect(batches.allSatisfy { $0.count == 3 || $0.count == 2 })
        #expect(batches.joined().map(\.offset) == Array(0..<50))
        for _ in 0..<20 { _ = size.split(records(3, bytes: 3_000)) }
        #expect(size.records == 3)
    }

    @Test("a record above the bound goes alone")
    func huge() {
        var settings = IntakeSettings()
        settings.bytesMaximum = 100
        var size = BatchSize(settings)
        #expect(size.split(records(3, bytes: 1_000)).map(\.count) == [1, 1, 1])
        for _ in 0..<20 { _ = size.split(records(3, bytes: 1_000)) }
        #expect(size.records == 1)
    }
}

@Suite struct IntakeOwnerTests {
    let partition = TopicPartition(topic: "orders", partition: 0)

    @Test("a worker without a position begins at the log's beginning, one with a position there")
    func start() async throws {
        let fixture = try await IntakeFixture()
        #expect(
            try await fixture.owner(offsets: 40..<90, cluster: "new").start(of: partition) == .offset(40))
        var intake = try await fixture.intake()
        try await intake.takeIn([record(event(1), at: 0)]) { false }
        let owner = fixture.owner(offsets: 0..<9, before: record(event(1), at: 0))
        #expect(try await owner.start(of: partition) == .offset(1))
    }

    @Test("a partition whose log is another is refused and shown; a pause for another reason is distinguished")
    func stops() async throws {
        let fixture = try await IntakeFixture()
        var intake = try await fixture.intake()
        try await intake.takeIn([record(event(1), at: 0)]) { false }
        let pauses = Shared(0)
        let owner = fixture.owner(offsets: 0..<9, before: record(event(2), at: 0)) {
            pauses.change { $0 += 1 }
        }
        await #expect(throws: LostPlace.self) { try await owner.start(of: partition) }
        let error = LostPlace(source, "another log", remedy: "bring it back")
        await owner.partitionStopped(partition, error: error)
        #expect(owner.stopped == [partition: error.description])
        #expect(pauses.now == 0)
        await owner.partitionStopped(partition, error: LedgerError(.unavailable, "away"))
        #expect(pauses.now == 1)
        owner.assigned([])
        #expect(owner.stopped.isEmpty)
    }
}
