import Database
import Orders
import Support
import Testing

@testable import Ledger

@Suite("Delivering") struct DeliveryTests {
    /// What each test begins with.
    struct Bench {
        let fixture: Fixture
        var ledger: Ledger { fixture.ledger }

        init(_ maker: LedgerMaker) async throws {
            fixture = try await Fixture(maker)
            _ = try await fixture.ledger.position(of: "confirmations", in: partition, base: 0)
        }

        func take(_ limit: Int = 10, owner: String = "a", from ledger: Ledger? = nil) async throws -> [LeasedDelivery] {
            try await (ledger ?? self.ledger).takeDue(
                worker: "confirmations", destination: "email", limit: limit, owner: owner)
        }
    }

    @Test(
        "earlier open rows of a key hold later ones, until they are done, dead or skipped",
        arguments: LedgerMaker.shared)
    func heldByEarlier(maker: LedgerMaker) async throws {
        let bench = try await Bench(maker)
        let ledger = bench.ledger
        let updates = (1...4).map { event(1, update: $0) }
        _ = try await ledger.takeIn(batch([event(1)] + updates))
        var seen: [String] = []
        for verdict in [.done, .dead(reason: "refused"), .skipped(reason: "declined"), .done, .done]
            as [Completion.Verdict]
        {
            let taken = try await bench.take()
            #expect(taken.count == 1)
            #expect(try await bench.take().isEmpty)
            seen += taken.map(\.eventID)
            #expect(
                try await ledger.complete(taken.map { completion($0, verdict) }, owner: "a") == Set(taken.map(\.id)))
        }
        #expect(seen == [event(1).id] + updates.map(\.id))
        #expect(try await bench.take().isEmpty)
    }

    @Test(
        "a head that waits for its retry holds the others, which come at once when it is done",
        arguments: LedgerMaker.shared)
    func retriedHead(maker: LedgerMaker) async throws {
        let bench = try await Bench(maker)
        let (fixture, ledger) = (bench.fixture, bench.ledger)
        _ = try await ledger.takeIn(batch([event(1), event(1, update: 1), event(2)]))
        let first = try await bench.take()
        #expect(first.map(\.eventID) == [event(1).id, event(2).id])
        let retry = completion(first[0], .retry(afterMilliseconds: 60_000))
        _ = try await ledger.complete([retry, completion(first[1])], owner: "a")
        fixture.clock.advance(30_000)
        #expect(try await bench.take().isEmpty)
        let due = try await ledger.pendingDestinations(of: "confirmations")
        #expect(due.map(\.destination) == ["email"])
        #expect(due.map(\.dueAt.milliseconds) == [Fixture.start + 60_000], "a held row must not look due")
        fixture.clock.advance(30_000)
        let second = try await bench.take()
        #expect(second.map(\.eventID) == [event(1).id] && second[0].attempt == 1 && second[0].leaseNumber == 2)
        _ = try await ledger.complete(second.map { completion($0) }, owner: "a")
        #expect(try await bench.take().map(\.eventID) == [event(1, update: 1).id])
    }

    @Test(
        "links are noted with the outcome, under its lease, and the newer one holds", arguments: LedgerMaker.shared)
    func linksOfOutcomes(maker: LedgerMaker) async throws {
        let bench = try await Bench(maker)
        let (fixture, ledger) = (bench.fixture, bench.ledger)
        func naming(_ delivery: LeasedDelivery, _ theirs: String) -> Completion {
            var named = completion(delivery)
            named.links = ["a", "b"].map { Link(connection: "hub", ours: $0, theirs: theirs) }
            return named
        }
        let first = try await ledger.takeIn(batch([event(1), event(1, update: 1)], room: 1))
        fixture.clock.advance(30_000)
        _ = try await ledger.rescueExpired(worker: "confirmations")
        let second = try await bench.take()
        #expect(try await ledger.complete([naming(first[0], "76")], owner: "a").isEmpty)
        #expect(try await ledger.link(connection: "hub", ours: "a") == nil, "another holds the row")
        for theirs in ["77", "78"] {
            let row = theirs == "77" ? second.first : try await bench.take().first
            #expect(try await ledger.complete([naming(try #require(row), theirs)], owner: "a").count == 1)
            for ours in ["a", "b"] { #expect(try await ledger.link(connection: "hub", ours: ours) == theirs) }
        }
    }

    @Test(
        "a row is not put off for a head that another process is closing: nobody would pull it forward",
        arguments: LedgerMaker.shared.filter(\.isPostgreSQL))
    func headBeingClosed(maker: LedgerMaker) async throws {
        let bench = try await Bench(maker)
        _ = try await bench.ledger.takeIn(batch([event(1), event(1, update: 1)]))
        let head = try await bench.take(1)
        #expect(head.map(\.eventID) == [event(1).id])
        // Its close has deleted it, and has found nobody to pull forward.
        let closing = try await bench.fixture.holding([
            Statement("DELETE FROM deliveries WHERE id = $1", [.integer(head[0].id)], isFence: true)
        ])
        #expect(try await bench.take().isEmpty)
        try await closing.commit()
        #expect(try await bench.take().map(\.eventID) == [event(1, update: 1).id])
    }

    @Test("an attempt that failed for the configuration is noted, and uses up none", arguments: LedgerMaker.shared)
    func heldRow(maker: LedgerMaker) async throws {
        let bench = try await Bench(maker)
        let (fixture, ledger) = (bench.fixture, bench.ledger)
        _ = try await ledger.takeIn(batch([event(1)]))
        for number in 1...5 {
            let taken = try await bench.take()
            #expect(taken.map(\.attempt) == [0] && taken[0].leaseNumber == Int64(number))
            var held = completion(taken[0], .held(afterMilliseconds: 5_000))
            held.outcome = "configuration"
            _ = try await ledger.complete([held], owner: "a")
            fixture.clock.advance(5_000)
        }
        let timeline = try await ledger.timeline(of: orderID(1), account: "acme")
        #expect(timeline.count { $0.outcome == "configuration" } == 5)
        // Leases that ended so are no worker that died with the row.
        _ = try await bench.take()
        fixture.clock.advance(60_000)
        #expect(try await ledger.rescueExpired(worker: "confirmations").parked == 0)
    }

    @Test("an outcome after the lease was lost writes nothing", arguments: LedgerMaker.shared)
    func lostLease(maker: LedgerMaker) async throws {
        let bench = try await Bench(maker)
        let (fixture, ledger) = (bench.fixture, bench.ledger)
        _ = try await ledger.takeIn(batch([event(1)], room: 1))
        let first = try await ledger.leased(to: "a", worker: "confirmations")
        fixture.clock.advance(30_001)
        #expect(try await ledger.rescueExpired(worker: "confirmations") == (1, 0))
        #expect(try await ledger.complete(first.map { completion($0) }, owner: "a").isEmpty)
        let second = try await bench.take(owner: "b")
        #expect(second.count == 1 && second[0].isOutcomeUnknown && second[0].leaseNumber == 2)
        #expect(try await ledger.complete(first.map { completion($0) }, owner: "a").isEmpty)
        #expect(try await ledger.renew(first, owner: "a").isEmpty)
        #expect(try await fixture.number("SELECT count(*) FROM attempts") == 0)
        #expect(try await ledger.complete(second.map { completion($0) }, owner: "b") == Set(second.map(\.id)))
        #expect(try await ledger.complete(second.map { completion($0) }, owner: "b").isEmpty)
        #expect(try await fixture.number("SELECT count(*) FROM attempts") == 1)
    }

    @Test(
        "an outcome of an earlier lease writes nothing, even where the same process has the row again",
        arguments: LedgerMaker.shared)
    func earlierLease(maker: LedgerMaker) async throws {
        let bench = try await Bench(maker)
        let (fixture, ledger) = (bench.fixture, bench.ledger)
        let first = try await ledger.takeIn(batch([event(1)], room: 1))
        fixture.clock.advance(30_000)
        _ = try await ledger.rescueExpired(worker: "confirmations")
        let second = try await bench.take()
        #expect(second.map(\.id) == first.map(\.id))
        #expect(try await ledger.renew(first, owner: "a").isEmpty)
        #expect(try await ledger.complete([completion(first[0], .dead(reason: "late"))], owner: "a").isEmpty)
        #expect(try await ledger.complete(second.map { completion($0) }, owner: "a").count == 1)
        let states = try await ledger.deliveryStates(of: [orderID(1)])
        #expect(states[orderID(1)]?.map(\.state) == [.done])
        #expect(try await fixture.number("SELECT lease_no FROM attempts") == 2)
    }

    @Test("a renewed lease is not taken for lost", arguments: LedgerMaker.shared)
    func renewed(maker: LedgerMaker) async throws {
        let bench = try await Bench(maker)
        let (fixture, ledger) = (bench.fixture, bench.ledger)
        let leased = try await ledger.takeIn(batch([event(1)], room: 1))
        fixture.clock.advance(20_000)
        #expect(try await ledger.renew(leased, owner: "a") == Set(leased.map(\.id)))
        fixture.clock.advance(20_000)
        #expect(try await ledger.rescueExpired(worker: "confirmations") == (0, 0))
        fixture.clock.advance(10_000)
        #expect(try await ledger.rescueExpired(worker: "confirmations") == (1, 0))
    }

    @Test(
        "a row that its worker died with three times is parked, one that was given back is not",
        arguments: LedgerMaker.shared)
    func diedThreeTimes(maker: LedgerMaker) async throws {
        let bench = try await Bench(maker)
        let (fixture, ledger) = (bench.fixture, bench.ledger)
        _ = try await ledger.takeIn(batch([event(1), event(2)]))
        for round in 1...3 {
            let taken = try await bench.take(owner: "\(round)")
            #expect(taken.count == 2)
            let other = try #require(taken.first { $0.eventID == event(2).id })
            let givenBack = Completion(
                delivery: other, verdict: .givenBack, startedAt: nil, tookMilliseconds: 0, outcome: "", answer: "")
            #expect(try await ledger.complete([givenBack], owner: "\(round)").count == 1)
            fixture.clock.advance(30_000)
            #expect(try await ledger.rescueExpired(worker: "confirmations") == (round < 3 ? (1, 0) : (0, 1)))
        }
        let left = try await bench.take()
        #expect(left.map(\.eventID) == [event(2).id] && left[0].attempt == 0)
        let reason = try await fixture.database.read(Statement("SELECT reason FROM deliveries WHERE state = 'parked'"))
        #expect(reason == [[.text("worker died with it")]])
    }

    @Test("two programs on one file take disjoint rows", arguments: LedgerMaker.shared)
    func disjoint(maker: LedgerMaker) async throws {
        let bench = try await Bench(maker)
        let (fixture, ledger) = (bench.fixture, bench.ledger)
        _ = try await ledger.takeIn(batch((0..<400).map { event($0) }))
        let other = try fixture.another()
        let taken = try await withThrowingTaskGroup(of: [LeasedDelivery].self) { group in
            for owner in ["a", "b"] {
                group.addTask {
                    var all: [LeasedDelivery] = []
                    // Half of all, each: the file's lock is not fair, and one alone may be done before the other gets it.
                    while all.count < 200 {
                        let rows = try await bench.take(8, owner: owner, from: owner == "a" ? ledger : other)
                        if rows.isEmpty { break }
                        all += rows
                    }
                    return all
                }
            }
            return try await group.reduce(into: [[LeasedDelivery]]()) { $0.append($1) }
        }
        #expect(taken.map(\.count) == [200, 200])
        let ids = taken.joined().map(\.id)
        #expect(ids.count == 400 && Set(ids).count == 400)
        await other.close()
    }

    @Test("dead rows come with their event until they are copied", arguments: LedgerMaker.shared)
    func deadLetters(maker: LedgerMaker) async throws {
        let bench = try await Bench(maker)
        let (fixture, ledger) = (bench.fixture, bench.ledger)
        let leased = try await ledger.takeIn(batch([event(1), event(2)], room: 2))
        fixture.clock.advance(5)
        let verdicts = [completion(leased[0], .dead(reason: "550 no such user")), completion(leased[1])]
        _ = try await ledger.complete(verdicts, owner: "a")
        let letters = try await ledger.deadLetters(worker: "confirmations", limit: 10)
        #expect(letters.map(\.reason) == ["550 no such user"])
        #expect(letters.first?.stored.event == event(1).encoded() && letters.first?.attempt == 1)
        #expect(letters.first?.diedAt.milliseconds == Fixture.start + 5)
        try await ledger.markCopied(letters.map(\.id))
        #expect(try await ledger.deadLetters(worker: "confirmations", limit: 10).isEmpty)
    }

    @Test("each destination that has pending rows is named with its earliest due time", arguments: LedgerMaker.shared)
    func pendingDestinations(maker: LedgerMaker) async throws {
        let bench = try await Bench(maker)
        let ledger = bench.ledger
        var batch = batch([event(1), event(2)])
        batch.entries[1].disposition = .planned([
            PlannedDelivery(destination: "sms"), PlannedDelivery(destination: "email"),
        ])
        _ = try await ledger.takeIn(batch)
        let email = try await bench.take()
        _ = try await ledger.complete(
            [completion(email[0], .retry(afterMilliseconds: 500)), completion(email[1])], owner: "a")
        let due = try await ledger.pendingDestinations(of: "confirmations")
        #expect(due.map(\.destination) == ["sms", "email"])
        #expect(due.map(\.dueAt.milliseconds) == [Fixture.start, Fixture.start + 500])
        #expect(try await ledger.pendingDestinations(of: "crm").isEmpty)
    }
}
