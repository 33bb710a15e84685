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
            (6..<9, nil, "records 5 to 5 were deleted before they were read", "`orderrelay reintake --accept-loss`"),
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

@Suite struct LedgerAgeTests {
    private func age(_ beats: Int64..., onKafka: Int64 = 0) -> LedgerAge {
        var age = LedgerAge()
        age.heard(onKafka)
        for beat in beats { age.saw(beat) }
        return age
    }

    @Test("two beats less than was seen is what a failover may lose; three are a restore, wherever they were seen")
    func lack() {
        #expect(!age().isRestored && !age(onKafka: 100).isRestored, "nothing is said of a ledger that was not asked")
        #expect(!age(7, 8).isRestored && age(7, 8).lack == 0)
        #expect(!age(8, 6).isRestored && age(8, 6).lack == 2)
        #expect(age(8, 5).isRestored)
        #expect(!age(6, onKafka: 8).isRestored)
        #expect(age(5, onKafka: 8).isRestored && age(0, onKafka: 8).isRestored)
        #expect(!age(8, 5, 9).isRestored, "it was mended")
    }

    private func resume(from next: Int64, at there: Int64?, _ age: LedgerAge) throws(LostPlace) -> Position? {
        try PositionCheck.resume(
            from: Position(base: 0, next: next, skipped: next),
            at: there.map { Position(base: 0, next: $0, skipped: $0) },
            of: source, age: age)
    }

    @Test("a position that went back is read again after a failover, and stops after a restore")
    func positions() throws {
        #expect(try resume(from: 5, at: 5, age(8))?.next == 5)
        #expect(try resume(from: 5, at: 9, age(8))?.next == 9)
        #expect(try resume(from: 5, at: 3, age(8)) == nil)
        #expect(try resume(from: 5, at: 3, age(8, 6)) == nil)
        let error = try #require(throws: LostPlace.self) { try resume(from: 5, at: 3, age(8, 5)) }
        #expect(error.description.contains("from 5 to 3, and its beat by 3"), "\(error)")
        #expect(error.description.contains("`orderrelay reintake`"), "\(error)")
        #expect(throws: LostPlace.self) { try resume(from: 5, at: nil, age(8)) }
    }
}

@Suite struct RepeatedRecordsTests {
    private func entry(at offset: Int64, _ deliveries: PlannedDelivery...) -> IntakeEntry {
        IntakeEntry(
            offset: offset, event: nil, id: "e\(offset)", key: "k", time: epoch, disposition: .planned(deliveries))
    }

    @Test("messages to buyers wait for a person, others are looked at first; new records are as ever")
    func treated() {
        let mail = PlannedDelivery(destination: "email")
        let parked = PlannedDelivery(destination: "email", parked: "reintake")
        let doubtful = PlannedDelivery(destination: "email", isInDoubt: true)
        let declined = PlannedDelivery(destination: "email", declined: "isNotifyAccount=false")
        for (reachesBuyers, expected) in [(true, parked), (false, doubtful)] {
            let records = RepeatedRecords(until: 5, reachBuyers: reachesBuyers)
            #expect(records.treated(entry(at: 4, mail, declined)).disposition == .planned([expected, declined]))
            #expect(records.treated(entry(at: 5, mail)).disposition == .planned([mail]))
            let none = RepeatedRecords(until: nil, reachBuyers: reachesBuyers)
            #expect(none.treated(entry(at: 4, mail)).disposition == .planned([mail]))
        }
        let folded = IntakeEntry(offset: 1, event: nil, id: "e", key: "k", time: epoch, disposition: .folded)
        #expect(RepeatedRecords(until: 5, reachBuyers: true).treated(folded).disposition == .folded)
    }
}

@Suite struct LossTests {
    @Test("what lies before the log's start is lost, with the times around it; else nothing")
    func loss() throws {
        let position = Position(base: 0, next: 5, skipped: 5, lastEvent: "x", lastTime: epoch)
        let first = Reading(record(event(1), at: 9), in: source)
        let loss = try #require(Loss(from: position, log: 9..<12, first: first))
        #expect((loss.offsets, loss.after, loss.before) == (5..<9, epoch, first.time))
        #expect(Loss(from: position, log: 9..<9, first: nil)?.before == nil)
        #expect(Loss(from: position, log: 5..<12, first: nil) == nil, "the next record is there")
        #expect(Loss(from: position, log: 0..<3, first: nil) == nil, "the log was cut at its end")
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
        let error = LostPlace(source, at: 1, "another log", remedy: "bring it back")
        await owner.partitionStopped(partition, error: error)
        #expect(owner.stopped == [partition: error.description])
        #expect(pauses.now == 0)
        await owner.partitionStopped(partition, error: LedgerError(.unavailable, "away"))
        #expect(pauses.now == 1)
        owner.assigned([])
        #expect(owner.stopped.isEmpty)
    }
}
