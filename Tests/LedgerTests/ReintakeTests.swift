import Ledger
import Orders
import Support
import Testing

@Suite("A restored ledger") struct ReintakeTests {
    /// Rows of confirmations and of crm: one leased, one waiting, one behind it, one done.
    private func fixture(_ maker: LedgerMaker) async throws -> Fixture {
        let fixture = try await Fixture(maker)
        for worker in ["confirmations", "crm"] {
            _ = try await fixture.ledger.position(of: worker, in: partition, base: 0)
            let leased = try await fixture.ledger.takeIn(
                batch(
                    [event(1), event(2), event(3), event(3, update: 1)], to: worker == "crm" ? "crm/1" : "email",
                    worker: worker, room: 2))
            let done = try #require(leased.last)
            _ = try await fixture.ledger.complete([completion(done)], owner: "a")
        }
        return fixture
    }

    @Test(
        "leases are taken away and everything open is looked at first; what a former owner brings is refused",
        arguments: LedgerMaker.all)
    func leases(maker: LedgerMaker) async throws {
        let fixture = try await fixture(maker)
        let held = try await fixture.ledger.leased(to: "a", worker: "crm")
        #expect(held.count == 1)
        #expect(try await fixture.ledger.takeLeasesAway(from: "crm") == 1)
        #expect(try await fixture.ledger.takeLeasesAway(from: "crm") == 0)
        #expect(try await fixture.ledger.complete([completion(held[0])], owner: "a").isEmpty)
        let taken = try await fixture.ledger.takeDue(worker: "crm", destination: "crm/1", limit: 9, owner: "b")
        #expect(taken.map(\.eventID) == [event(1).id, event(3).id] && taken.allSatisfy(\.isOutcomeUnknown))
        #expect(try await fixture.ledger.leased(to: "a", worker: "confirmations").count == 1, "the other worker's")
    }

    @Test("what is open is parked with its reason, and the books close", arguments: LedgerMaker.all)
    func parked(maker: LedgerMaker) async throws {
        let fixture = try await fixture(maker)
        _ = try await fixture.ledger.takeLeasesAway(from: "confirmations")
        #expect(try await fixture.ledger.parkOpen(of: "confirmations", reason: PlannedDelivery.reintake) == 3)
        #expect(try await fixture.ledger.parkOpen(of: "confirmations", reason: PlannedDelivery.reintake) == 0)
        let book = try #require(try await fixture.ledger.books(of: "confirmations").first)
        #expect(book.unaccounted == 0 && book.rows[.parked] == 3 && book.rows[.done] == 1)
        #expect(
            try await fixture.number(
                "SELECT count(*) FROM deliveries WHERE worker = 'confirmations' AND reason = 'reintake'") == 3)
        #expect(try await fixture.ledger.books(of: "crm").first?.rows[.parked] ?? 0 == 0)
    }

    @Test(
        "records that are read again are noted with their position, and are planned so that none is attempted unseen",
        arguments: LedgerMaker.all)
    func repeats(maker: LedgerMaker) async throws {
        let fixture = try await fixture(maker)
        try await fixture.ledger.noteRepeats(of: "crm", in: partition, until: 9)
        #expect(try await fixture.ledger.position(of: "crm", in: partition)?.repeatsUntil == 9)
        #expect(try await fixture.ledger.position(of: "confirmations", in: partition)?.repeatsUntil == nil)
        var unknown = partition
        unknown.partition = 9
        await #expect(throws: LedgerError.self) {
            try await fixture.ledger.noteRepeats(of: "crm", in: unknown, until: 9)
        }
        var again = batch([event(4), event(5), event(6)], to: "crm/1", from: 4, worker: "crm", room: 9)
        let planned = [
            PlannedDelivery(destination: "crm/1", isInDoubt: true),
            PlannedDelivery(destination: "crm/1", parked: "reintake"),
            PlannedDelivery(destination: "crm/1"),
        ]
        for (index, delivery) in planned.enumerated() { again.entries[index].disposition = .planned([delivery]) }
        #expect(try await fixture.ledger.takeIn(again).map(\.eventID) == [event(6).id])
        let doubtful = "SELECT count(*) FROM deliveries WHERE worker = 'crm' AND outcome_unknown = 1"
        #expect(try await fixture.number(doubtful) == 1)
        #expect(
            try await fixture.number("SELECT count(*) FROM deliveries WHERE reason = 'reintake' AND state = 'parked'")
                == 1)
        #expect(try await fixture.ledger.position(of: "crm", in: partition)?.repeatsUntil == 9, "the fence keeps it")
    }

    @Test("the beat is raised, and never back; it is 0 where no worker ever ran", arguments: LedgerMaker.all)
    func beat(maker: LedgerMaker) async throws {
        let fixture = try await Fixture(maker)
        #expect(try await fixture.ledger.beat() == 0)
        try await fixture.ledger.raiseBeat(to: 40, by: "test")
        try await fixture.ledger.raiseBeat(to: 30, by: "test")
        #expect(try await fixture.ledger.beat() == 40)
        fixture.clock.advance(6_000)
        #expect(try await fixture.ledger.heartbeat(process: "a", worker: "crm") == 41)
    }

    @Test("a process runs until its heartbeats have been away for 15 s", arguments: LedgerMaker.all)
    func running(maker: LedgerMaker) async throws {
        let fixture = try await Fixture(maker)
        #expect(try await fixture.ledger.runningProcesses().isEmpty)
        try await fixture.ledger.heartbeat(process: "p", worker: "crm")
        #expect(try await fixture.ledger.runningProcesses().map(\.worker) == ["crm"])
        fixture.clock.advance(15_000)
        #expect(try await fixture.ledger.runningProcesses().isEmpty)
    }

    @Test(
        "an outcome is not another row's to which a failover has given the same id and lease",
        arguments: LedgerMaker.all)
    func reusedID(maker: LedgerMaker) async throws {
        let fixture = try await fixture(maker)
        let there = try #require(try await fixture.ledger.leased(to: "a", worker: "crm").first)
        var lost = there
        lost.eventID = event(9).id
        #expect(try await fixture.ledger.complete([completion(lost)], owner: "a").isEmpty)
        lost = there
        lost.destination = "sms"
        let retried = completion(lost, .retry(afterMilliseconds: 5))
        #expect(try await fixture.ledger.complete([retried], owner: "a").isEmpty)
        #expect(try await fixture.number("SELECT count(*) FROM attempts WHERE delivery = \(there.id)") == 0)
        #expect(try await fixture.ledger.complete([completion(there)], owner: "a") == [there.id])
    }
}
