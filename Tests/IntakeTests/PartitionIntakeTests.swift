import Kafka
import Ledger
import Orders
import Testing

@testable import Intake

@Suite struct PartitionIntakeTests {
    @Test("new events are planned, their rows are handed over, and the position names the last of them")
    func plain() async throws {
        let fixture = try await IntakeFixture()
        var intake = try await fixture.intake()
        try await intake.takeIn([record(event(1), at: 0), record(event(2), at: 1)]) { false }
        #expect(fixture.desk.rows.now.map(\.eventID) == [event(1).id, event(2).id])
        #expect(fixture.desk.outstanding.now == 0)
        let position = try await fixture.position()
        #expect((position.next, position.planned, position.lastEvent) == (2, 2, event(2).id))
        #expect(intake.position.next == 2)
    }

    @Test("offsets that are missing in the log are skipped in the books")
    func gaps() async throws {
        let fixture = try await IntakeFixture()
        var intake = try await fixture.intake()
        try await intake.takeIn([record(event(1), at: 3), record(event(2), at: 7)]) { false }
        let position = try await fixture.position()
        #expect((position.next, position.planned, position.skipped) == (8, 2, 6))
    }

    @Test("repeats fold, within a batch too; the same id with other content is planned as a conflict, once")
    func folding() async throws {
        let fixture = try await IntakeFixture()
        var intake = try await fixture.intake()
        let other = event(1, title: "Coffee")
        let records = [event(1), event(1), other, event(1), other].enumerated().map { record($1, at: Int64($0)) }
        try await intake.takeIn(records) { false }
        try await intake.takeIn([record(other, at: 5), record(event(1), at: 6)]) { false }
        let asked = fixture.planner.asked.now
        #expect(asked.map(\.event.id) == [event(1).id, Event.conflictID(of: other.id, digest: other.digest)])
        #expect(asked.map(\.isConflict) == [false, true])
        #expect(asked.map(\.offset) == [0, 2])
        let position = try await fixture.position()
        #expect((position.planned, position.folded, position.skipped) == (1, 5, 1))
    }

    @Test("a ledger that is away for a while costs time, and nothing else")
    func ledgerAway() async throws {
        let fixture = try await IntakeFixture()
        var intake = try await fixture.intake()
        fixture.database.faults.now = [.refuses, .refuses, .refuses]
        try await intake.takeIn([record(event(1), at: 0)]) { false }
        #expect(fixture.desk.abandoned.now == [true, true, true])
        #expect(fixture.desk.rows.now.map(\.eventID) == [event(1).id])
        #expect(try await fixture.position().planned == 1)
    }

    @Test("a commit whose answer was lost is neither repeated nor lost")
    func unknownCommit() async throws {
        let fixture = try await IntakeFixture()
        var intake = try await fixture.intake()
        fixture.database.faults.now = [.losesAnswer]
        try await intake.takeIn([record(event(1), at: 0), record(event(2), at: 1)]) { false }
        let position = try await fixture.position()
        #expect((position.next, position.planned, position.folded) == (2, 2, 0))
        // The desk is told that there may be rows; it finds them by owner.
        #expect(fixture.desk.abandoned.now == [true])
        #expect(try await fixture.ledger.leased(to: "me", worker: "confirmations").count == 2)
        #expect(intake.position.next == 2)
    }

    @Test("a planner that cannot ask is asked again with the same events")
    func plannerAway() async throws {
        let fixture = try await IntakeFixture()
        var intake = try await fixture.intake()
        fixture.planner.failures.now = 2
        try await intake.takeIn([record(event(1), at: 0)]) { false }
        #expect(fixture.planner.asked.now.map(\.event.id) == [event(1).id])
        #expect(fixture.desk.abandoned.now.isEmpty)
    }

    @Test("when another owner has moved the position, what it took in is not taken in again")
    func fenced() async throws {
        let fixture = try await IntakeFixture()
        var old = try await fixture.intake()
        var new = try await fixture.intake()
        let records = (0..<4).map { record(event(Int($0) + 1), at: $0) }
        try await new.takeIn(Array(records[0..<2])) { false }
        try await old.takeIn(records) { false }
        let position = try await fixture.position()
        #expect((position.next, position.planned, position.folded) == (4, 4, 0))
        #expect(fixture.planner.asked.now.map(\.offset).suffix(2) == [2, 3])
    }

    @Test("a partition that was taken away while the ledger is away is let go")
    func ending() async throws {
        let fixture = try await IntakeFixture()
        var intake = try await fixture.intake()
        fixture.database.faults.now = [.refuses, .refuses]
        await #expect(throws: CancellationError.self) {
            try await intake.takeIn([record(event(1), at: 0)]) { true }
        }
        #expect(try await fixture.position().next == 0)
    }

    @Test("a position that went back in the ledger stops the partition")
    func wentBack() async throws {
        let fixture = try await IntakeFixture()
        var intake = PartitionIntake(
            source: source, position: Position(base: 0, next: 10, skipped: 10), parts: fixture.parts(),
            settings: IntakeSettings())
        await #expect(throws: LostPlace.self) {
            try await intake.takeIn([record(event(1), at: 10)]) { false }
        }
    }

    @Test("poison is copied before it is booked: a copy that fails is tried again, and the rest of the batch waits")
    func poison() async throws {
        let fixture = try await IntakeFixture()
        var intake = try await fixture.intake()
        fixture.letterFaults.now = [
            KafkaError(.timedOut, "test", isRetriable: true), KafkaError(.unknownTopic, "test"),
        ]
        try await intake.takeIn([record(of: [1, 2, 3], at: 0), record(event(1), at: 1)]) { false }
        #expect(fixture.letters.now.count == 1)
        let letter = fixture.letters.now[0]
        #expect(letter.key == Array("test/orders/0/0".utf8))
        let value = String(decoding: letter.value!, as: UTF8.self)
        #expect(value.contains(#""body":"AQID""#))
        let position = try await fixture.position()
        #expect((position.planned, position.skipped) == (1, 1))
    }

    @Test("a body that fits no message is described instead of copied")
    func hugePoison() async throws {
        let fixture = try await IntakeFixture()
        var intake = try await fixture.intake()
        try await intake.takeIn([record(of: [UInt8](repeating: 7, count: 900_000), at: 0)]) { false }
        let value = String(decoding: fixture.letters.now[0].value!, as: UTF8.self)
        #expect(value.utf8.count < 2_000)
        #expect(value.contains(#""bodySize":900000,"bodySHA256":""#))
    }

    @Test("an unknown type and a newer schema are skipped with their reason, and are no poison")
    func notOurs() async throws {
        let fixture = try await IntakeFixture()
        var intake = try await fixture.intake()
        func changed(_ name: String, to value: String, id: String, at offset: Int64) -> Record {
            let plain = record(event(1), at: offset)
            return Record(
                source: plain.source, offset: offset, timestamp: plain.timestamp, key: plain.key, value: plain.value,
                headers: plain.headers.map {
                    switch $0.name {
                    case name: RecordHeader(name, Array(value.utf8))
                    case "ce_id": RecordHeader("ce_id", Array(id.utf8))
                    default: $0
                    }
                })
        }
        let unknown = changed("ce_type", to: "orderrelay.order.teleported", id: "teleported", at: 0)
        var newer = record(event(2), at: 1)
        let text = String(decoding: newer.value!, as: UTF8.self)
        #expect(text.contains(#""schema":1"#))
        newer = Record(
            source: newer.source, offset: 1, timestamp: newer.timestamp, key: newer.key,
            value: Array(text.replacing(#""schema":1"#, with: #""schema":99"#).utf8), headers: newer.headers)
        try await intake.takeIn([unknown, newer]) { false }
        #expect(fixture.letters.now.isEmpty)
        #expect(try await fixture.position().skipped == 2)
        let known = try await fixture.ledger.known(["teleported", event(2).id], to: "confirmations")
        #expect(known.count == 2)
    }
}
