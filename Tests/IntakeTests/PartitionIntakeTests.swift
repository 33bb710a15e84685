import Crypto
import Database
import Kafka
import Ledger
import Orders
import Support
import Telemetry
import Testing

@testable import Intake

@Suite struct PartitionIntakeTests {
    @Test("new events are planned, their rows are handed over, and the position names the last of them")
    func plain() async throws {
        let fixture = try await IntakeFixture()
        var intake = try await fixture.intake()
        try await intake.takeIn([record(event(1), at: 0), record(event(2), at: 1)]) { false }
        #expect(fixture.capacity.rows.now.map(\.eventID) == [event(1).id, event(2).id])
        #expect(fixture.capacity.outstanding.now == 0)
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
        #expect(asked.map(\.event.id) == [event(1).id, Envelope.conflictID(of: other.id, digest: other.digest)])
        #expect(asked.map(\.isConflict) == [false, true])
        #expect(asked.map(\.offset) == [0, 2])
        let position = try await fixture.position()
        #expect((position.planned, position.folded, position.skipped) == (1, 5, 1))
    }

    @Test("a ledger that is away for a while costs time, and nothing else")
    func ledgerAway() async throws {
        let fixture = try await IntakeFixture()
        var intake = try await fixture.intake()
        fixture.database.next.now = [.away, .away, .away]
        try await intake.takeIn([record(event(1), at: 0)]) { false }
        #expect(fixture.capacity.abandoned.now == [true, true, true])
        #expect(fixture.capacity.rows.now.map(\.eventID) == [event(1).id])
        #expect(try await fixture.position().planned == 1)
    }

    @Test("a commit whose answer was lost is neither repeated nor lost")
    func unknownCommit() async throws {
        let fixture = try await IntakeFixture()
        var intake = try await fixture.intake()
        fixture.database.next.now = [.losesAnswers]
        try await intake.takeIn([record(event(1), at: 0), record(event(2), at: 1)]) { false }
        let position = try await fixture.position()
        #expect((position.next, position.planned, position.folded) == (2, 2, 0))
        // The delivery engine learns that there may be rows; it finds them by owner.
        #expect(fixture.capacity.abandoned.now == [true])
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
        #expect(fixture.capacity.abandoned.now.isEmpty)
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
        fixture.database.next.now = [.away, .away]
        await #expect(throws: CancellationError.self) {
            try await intake.takeIn([record(event(1), at: 0)]) { true }
        }
        #expect(try await fixture.position().next == 0)
    }

    @Test("a position that went back with the ledger's beat stops the partition: it is an older ledger")
    func restored() async throws {
        let fixture = try await IntakeFixture()
        fixture.context.beat.saw(100)
        var intake = try await fixture.intake(at: Position(base: 0, next: 10, skipped: 10))
        await #expect(throws: LostPlace.self) {
            try await intake.takeIn([record(event(1), at: 10)]) { false }
        }
    }

    @Test("a position that went back alone was lost in a failover: the partition is read again from there")
    func failedOver() async throws {
        let fixture = try await IntakeFixture()
        var intake = try await fixture.intake(at: Position(base: 0, next: 10, skipped: 10))
        let error = await #expect(throws: WentBack.self) {
            try await intake.takeIn([record(event(1), at: 10)]) { false }
        }
        #expect(error?.known == 10 && error?.there == 0)
        #expect(try await fixture.position() == Position(base: 0, next: 0), "the gap was not booked as anything")
    }

    @Test("records that an older ledger took in are planned in doubt and left to be taken; those after them as ever")
    func repeats() async throws {
        let fixture = try await IntakeFixture()
        try await fixture.ledger.noteRepeats(of: "confirmations", in: source, until: 2)
        var intake = try await fixture.intake()
        try await intake.takeIn((0..<3).map { record(event(Int($0)), at: $0) }) { false }
        #expect(fixture.capacity.rows.now.map(\.eventID) == [event(2).id])
        #expect(fixture.capacity.outstanding.now == 0)
        let taken = try await fixture.ledger.takeDue(
            worker: "confirmations", destination: "email", limit: 9, owner: "x")
        #expect(taken.map(\.eventID) == [event(0).id, event(1).id] && taken.allSatisfy { $0.isOutcomeUnknown })
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

    @Test(
        "a record that the ledger does not take is found by halving, and skipped alone, wherever it lies and however many",
        arguments: [[0], [1], [5], [12], [0, 12], [3, 4], [1, 5, 9], Array(0..<13)])
    func refused(strange: [Int]) async throws {
        let fixture = try await IntakeFixture()
        fixture.database.refused.now = "strange"
        let events = (0..<13).map { number in
            var event = event(number)
            if strange.contains(number) { event.account = "strange" }
            return event
        }
        var intake = try await fixture.intake()
        let records = events.enumerated().map { record($1, at: Int64($0)) }
        // Poison of another kind before them all is copied once, however often its batch is halved.
        try await intake.takeIn([record(of: [1], at: 0)] + records.map { $0.moved(by: 1) }) { false }
        let position = try await fixture.position()
        let taken = events.enumerated().filter { !strange.contains($0.offset) }.map(\.element.id)
        #expect((position.next, position.planned) == (14, Int64(taken.count)))
        #expect(position.skipped == Int64(strange.count) + 1)
        #expect(fixture.capacity.rows.now.map(\.eventID) == taken)
        #expect(fixture.capacity.outstanding.now == 0)
        let keys = ["test/orders/0/0"] + strange.map { events[$0].order.text }
        #expect(fixture.letters.now.map { String(decoding: $0.key, as: UTF8.self) } == keys)
        #expect(
            fixture.context.metrics.rendered().contains(
                "orderrelay_intake_poison_total{worker=\"confirmations\",topic=\"orders\"} \(strange.count + 1)\n"))
        let rows = try await fixture.database.read(
            Statement("SELECT event_id, key, reason FROM events WHERE reason LIKE 'poison:%' ORDER BY log_offset"))
        #expect(
            rows
                == strange.map { number in
                    [
                        .text("test/orders/0/\(number + 1)"), .text(events[number].order.text),
                        .text("poison: the database takes no such value (54000)"),
                    ]
                })
        // The next start finds the record before its position.
        let last = records.last!.moved(by: 1)
        let owner = fixture.owner(offsets: 0..<14, before: last)
        #expect(try await owner.start(of: last.source) == .offset(14))
    }

    @Test("what stands in an index has its bound: an account's name above it is skipped by whoever indexes it only")
    func bounds() async throws {
        let fixture = try await IntakeFixture()
        var strange = event(1)
        strange.account = String(repeating: "ї", count: 256)
        var intake = try await fixture.intake()
        try await intake.takeIn([record(strange, at: 0)]) { false }
        #expect(try await fixture.position().planned == 1, "confirmations asks for nothing by it")
    }

    @Test("conflicts fold with an event that somebody gave the id of a conflict")
    func forgedConflict() async throws {
        let fixture = try await IntakeFixture()
        var intake = try await fixture.intake()
        let (one, other, third) = (event(1), event(1, title: "Coffee"), event(1, title: "Milk"))
        let conflict = Envelope.conflictID(of: one.id, digest: other.digest)
        func named(_ id: String, _ event: Event) -> Event {
            var event = event
            event.id = id
            return event
        }
        // It takes the id that the conflict of a conflict gets below.
        let forged = named(Envelope.conflictID(of: conflict, digest: third.digest), third)
        try await intake.takeIn([record(forged, at: 0)]) { false }
        let records = [one, other, named(conflict, third)].enumerated().map { record($1, at: Int64($0) + 1) }
        try await intake.takeIn(records) { false }
        let position = try await fixture.position()
        #expect((position.next, position.planned, position.skipped, position.folded) == (4, 2, 1, 1))
        // A conflict is noted under an id of its own: the record is known by it all the same.
        var last = try await fixture.intake()
        try await last.takeIn([record(event(1, title: "Tea"), at: 4)]) { false }
        let owner = fixture.owner(offsets: 0..<5, before: record(event(1, title: "Tea"), at: 4))
        #expect(try await owner.start(of: records[0].source) == .offset(5))
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

    @Test("the ledger keeps the record's own bytes, and gives them back, dead rows too; nothing is written again")
    func ownBytes() async throws {
        let fixture = try await IntakeFixture()
        var intake = try await fixture.intake()
        let plain = record(event(1), at: 0)
        // As another program may write it.
        let text = String(decoding: plain.value!, as: UTF8.self).replacing(
            "\"order\":", with: "\"new\": [{}], \"order\": ")
        let value = Array("\(text)\n".utf8)
        let record = Record(
            source: plain.source, offset: 0, timestamp: plain.timestamp, key: plain.key, value: value,
            headers: plain.headers)
        try await intake.takeIn([record]) { false }
        let stored = try #require(try await fixture.ledger.event(event(1).id, worker: "confirmations"))
        #expect(stored.event.value == value)
        #expect(try stored.orderEvent() == event(1))
        let dead = Completion(
            delivery: fixture.capacity.rows.now[0], verdict: .dead(reason: "test"), startedAt: nil, tookMilliseconds: 0,
            outcome: "permanent", answer: "")
        _ = try await fixture.ledger.complete([dead], owner: "me")
        for letter in try await fixture.ledger.deadLetters(worker: "confirmations", limit: 9) {
            try await fixture.steps.deadLetters?.copy(letter)
        }
        let copy = try #require(fixture.letters.now.first)
        #expect(String(decoding: copy.value!, as: UTF8.self).contains("\"body\":\"\(base64URL(value))\""))
        let origin = copy.headers.filter { $0.name.hasPrefix("origin_") }
        #expect(origin == plain.headers.map { RecordHeader("origin_\($0.name)", $0.value) })
        #expect(copy.key == plain.key)
    }

    @Test("an event about something else is skipped under its own id, and is no poison")
    func anotherSubject() async throws {
        let fixture = try await IntakeFixture()
        var intake = try await fixture.intake()
        let person = [
            ("ce_id", "p1.tagged"), ("ce_type", "orderrelay.person.tagged"), ("ce_subject", "p1"),
            ("ce_source", "/accounts/acme"), ("ce_time", epoch.iso8601),
        ]
        let headers = person.map { RecordHeader($0.0, text: $0.1) }
        try await intake.takeIn([record(of: Array("{}".utf8), at: 0, headers: headers), record(event(1), at: 1)]) {
            false
        }
        #expect(fixture.letters.now.isEmpty)
        let position = try await fixture.position()
        #expect((position.planned, position.skipped) == (1, 1))
        let rows = try await fixture.database.read(Statement("SELECT event_id, reason, body FROM events ORDER BY seq"))
        #expect(rows[0][0] == .text("p1.tagged") && rows[0][1] == .text("unknown type orderrelay.person.tagged"))
        #expect(rows[0][2] == .null)
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
