import Orders
import Support
import Testing

@testable import Ledger

@Suite("The timeline") struct TimelineTests {
    /// What each test begins with.
    struct Bench {
        let fixture: Fixture
        var ledger: Ledger { fixture.ledger }

        init(_ maker: LedgerMaker) async throws {
            fixture = try await Fixture(maker)
            for worker in ["confirmations", "analytics", "crm"] {
                _ = try await fixture.ledger.position(of: worker, in: partition, base: 0)
            }
        }

        func timeline() async throws -> [TimelineEntry] { try await ledger.timeline(of: orderID(1), account: "acme") }
    }

    @Test(
        "an order's way is told oldest first: accepted once, planned, attempted, done, counted",
        arguments: LedgerMaker.all)
    func wholeWay(maker: LedgerMaker) async throws {
        let bench = try await Bench(maker)
        let (fixture, ledger) = (bench.fixture, bench.ledger)
        let clock = fixture.clock
        clock.advance(100)
        let first = try await ledger.takeIn(batch([event(1)], room: 1))
        clock.advance(50)
        var retry = completion(first[0], .retry(afterMilliseconds: 1_000))
        retry.startedAt = Timestamp(milliseconds: clock.now() - 20)
        retry.outcome = "retry"
        retry.answer = "421 later"
        _ = try await ledger.complete([retry], owner: "a")
        clock.advance(1_000)
        var counting = batch([event(1)], worker: "analytics")
        counting.entries[0].disposition = .planned([])
        _ = try await ledger.takeIn(counting)
        let second = try await ledger.takeDue(worker: "confirmations", destination: "email", limit: 1, owner: "a")
        clock.advance(30)
        var done = completion(second[0])
        done.startedAt = Timestamp(milliseconds: clock.now() - 25)
        done.receipt = ["messageId": "<1@example.org>", "answer": "250 \"ok\""]
        _ = try await ledger.complete([done], owner: "a")
        let entries = try await bench.timeline()
        #expect(entries.map(\.kind) == [.accepted, .planned, .attempt, .counted, .attempt, .done])
        #expect(entries[0].detail["topic"] == "orders" && entries[0].detail["partition"] == "3")
        #expect(entries[0].detail["offset"] == "0" && entries[0].at == event(1).time)
        #expect(entries[2].outcome == "retry" && entries[2].detail["answer"] == "421 later" && entries[2].attempt == 1)
        #expect(entries[3].worker == "analytics" && entries[3].detail["bucket"] == "2026-05-28T20:26Z -")
        #expect(entries[4].attempt == 2 && entries[4].tookMilliseconds == 12)
        #expect(entries[5].detail["messageId"] == "<1@example.org>" && entries[5].detail["answer"] == "250 \"ok\"")
        #expect(entries[5].destination == "email" && entries[5].attempt == 2)
        #expect(entries.map(\.at.milliseconds) == entries.map(\.at.milliseconds).sorted())
    }

    @Test("what was folded, skipped, declined, dead, parked or in conflict says so and why", arguments: LedgerMaker.all)
    func otherEnds(maker: LedgerMaker) async throws {
        let bench = try await Bench(maker)
        let ledger = bench.ledger
        var batch = batch([event(1), event(1, update: 1), event(1, update: 2), event(1, update: 3)], room: 9)
        batch.entries[0].disposition = .planned([
            PlannedDelivery(destination: "email", declined: "isNotifyAccount=false")
        ])
        batch.entries[1].disposition = .skipped(reason: "no destination")
        batch.entries.append(entry(event(1), at: 4, .folded))
        batch.next = 5
        let leased = try await ledger.takeIn(batch)
        _ = try await ledger.complete([completion(leased[0], .dead(reason: "550 no such user"))], owner: "a")
        let rest = try await ledger.takeDue(worker: "confirmations", destination: "email", limit: 9, owner: "a")
        _ = try await ledger.complete([completion(rest[0], .parked(reason: "reintake"))], owner: "a")
        let conflict = IntakeEntry(
            offset: 0, event: event(1, update: 9).encoded(), id: "\(event(1).id)~123456789012", key: orderID(1).text,
            time: event(1).time,
            disposition: .planned([PlannedDelivery(destination: "conflict", parked: "conflict")]))
        _ = try await ledger.takeIn(
            IntakeBatch(worker: "analytics", source: partition, owner: "a", from: 0, next: 1, entries: [conflict]))
        let entries = try await bench.timeline()
        func reasons(_ kind: TimelineEntry.Kind) -> [String?] {
            entries.filter { $0.kind == kind }.map { $0.detail["reason"] }
        }
        #expect(Set(reasons(.skipped)) == ["isNotifyAccount=false", "no destination"])
        #expect(reasons(.dead) == ["550 no such user"])
        #expect(reasons(.parked) == ["reintake"])
        #expect(entries.filter { $0.kind == .folded }.map { $0.detail["offset"] } == ["4"])
        #expect(entries.filter { $0.kind == .conflict }.map(\.worker) == ["analytics"])
        #expect(entries.filter { $0.kind == .accepted }.count == 5)
        #expect(try await ledger.events(ofKey: orderID(1).text, worker: "analytics").isEmpty)
    }

    @Test("another account sees nothing of it, and nobody sees what no worker has seen", arguments: LedgerMaker.all)
    func otherAccount(maker: LedgerMaker) async throws {
        let bench = try await Bench(maker)
        let ledger = bench.ledger
        #expect(try await bench.timeline().isEmpty)
        _ = try await ledger.takeIn(batch([event(1)]))
        #expect(try await ledger.timeline(of: orderID(1), account: "other").isEmpty)
        #expect(try await bench.timeline().count == 2)
    }
}
