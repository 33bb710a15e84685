import Database
import Orders
import Support
import Testing

@testable import Ledger

@Suite("Replays") struct ReplayTests {
    /// What each test begins with: a worker whose receivers are buyers, and one whose are not.
    struct Bench {
        let fixture: Fixture
        var ledger: Ledger { fixture.ledger }

        init(_ maker: LedgerMaker) async throws {
            fixture = try await Fixture(maker)
            for worker in ["confirmations", "crm"] {
                _ = try await fixture.ledger.position(of: worker, in: partition, base: 0)
            }
        }

        func take(_ limit: Int = 10, worker: String = "confirmations") async throws -> [LeasedDelivery] {
            try await ledger.takeDue(
                worker: worker, destination: worker == "crm" ? "crm/1" : "email", limit: limit, owner: "a")
        }

        /// Takes what is due, and writes what it came to, in the order of rows.
        @discardableResult
        func deliver(_ verdicts: Completion.Verdict..., unknown: Bool = false, worker: String = "confirmations")
            async throws -> [LeasedDelivery]
        {
            var rows: [LeasedDelivery] = []
            for verdict in verdicts {
                let row = try #require(try await take(1, worker: worker).first)
                fixture.clock.advance(10)
                #expect(
                    try await ledger.complete([completion(row, verdict, unknown: unknown)], owner: "a") == [row.id])
                rows.append(row)
            }
            return rows
        }

        func make(_ selection: ReplaySelection = .email, rate: Int = 100) async throws -> String {
            try await ledger.makeReplay(
                selection, tally: try await ledger.tally(selection), name: "after the outage", author: "olena",
                rate: rate)
        }

        /// All steps that are left, as they become due.
        func finish(worker: String = "confirmations") async throws {
            for _ in 0..<1_000 {
                switch try await ledger.stepReplays(of: worker) {
                case .nothing: return
                case .waits(let milliseconds): fixture.clock.advance(milliseconds)
                case .done, .overtaken: break
                }
                try await expectClosedBooks()
            }
            Issue.record("the replay does not end")
        }

        func expectClosedBooks() async throws {
            for worker in ["confirmations", "crm"] {
                for book in try await ledger.books(of: worker) { #expect(book.unaccounted == 0, "\(book)") }
            }
        }

        func states() async throws -> [DeliveryState: Int64] {
            (try await ledger.books(of: "confirmations").first?.rows ?? [:]).filter { $0.value > 0 }
        }
    }

    @Test("a dead row is attempted once more, under its id, with all its attempts", arguments: LedgerMaker.all)
    func dead(maker: LedgerMaker) async throws {
        let bench = try await Bench(maker)
        let ledger = bench.ledger
        _ = try await ledger.takeIn(batch([event(1)]))
        let dead = try await bench.deliver(.retry(afterMilliseconds: 0), .dead(reason: "550 no such user"))
        let id = try await bench.make()
        #expect(try await bench.take().isEmpty, "nothing is opened before its step")
        try await bench.finish()
        let again = try await bench.take()
        #expect(again.map(\.id) == [dead[0].id] && again[0].attempt == 0 && again[0].leaseNumber == 3)
        #expect(!again[0].isOutcomeUnknown)
        _ = try await ledger.complete([completion(again[0])], owner: "a")
        #expect(try await bench.states() == [.done: 1])
        let replay = try #require(try await ledger.replay(id))
        #expect(replay.state == .done && replay.name == "after the outage" && replay.author == "olena")
        #expect(replay.count(.replayed) == 1 && replay.tally.count(.replayed) == 1)
        #expect(try await ledger.replays(limit: 10).map(\.id) == [id])
        // Its lease was never lost: three of before are no worker that died with it.
        #expect(try await bench.fixture.number("SELECT attempts_before + attempt FROM history") == 3)
    }

    @Test("the timeline tells how a row had ended, and who wanted it again", arguments: LedgerMaker.all)
    func timeline(maker: LedgerMaker) async throws {
        let bench = try await Bench(maker)
        _ = try await bench.ledger.takeIn(batch([event(1)]))
        try await bench.deliver(.dead(reason: "550 no such user"))
        bench.fixture.clock.advance(1_000)
        let id = try await bench.make()
        try await bench.finish()
        bench.fixture.clock.advance(1_000)
        try await bench.deliver(.done)
        let entries = try await bench.ledger.timeline(of: orderID(1), account: "acme")
        let told = entries.filter { [.dead, .replayed, .done].contains($0.kind) }
        #expect(told.map(\.kind) == [.dead, .replayed, .done], "\(entries)")
        #expect(told[0].detail["reason"] == "550 no such user" && told[0].attempt == 1)
        #expect(told[1].detail["replay"] == id && told[1].detail["author"] == "olena")
        #expect(told[1].detail["name"] == "after the outage" && told[1].destination == "email")
        #expect(told[2].attempt == 2)
    }

    @Test("a row that later ones of its key have overtaken is left out, and named", arguments: LedgerMaker.all)
    func superseded(maker: LedgerMaker) async throws {
        let bench = try await Bench(maker)
        let ledger = bench.ledger
        let events = [event(1), event(1, update: 1), event(2), event(2, update: 1), event(3), event(3, update: 1)]
        _ = try await ledger.takeIn(batch(events))
        // Of 1 the second is done, of 2 it is in flight, of 3 it was declined and never sent.
        for verdict in [.dead(reason: "no"), .done] as [Completion.Verdict] {
            let row = try #require(try await bench.take(1).first)
            #expect(row.key == orderID(1).text)
            _ = try await ledger.complete([completion(row, verdict)], owner: "a")
        }
        let others = try await bench.take()
        #expect(others.map(\.key) == [orderID(2).text, orderID(3).text])
        _ = try await ledger.complete(others.map { completion($0, .dead(reason: "no")) }, owner: "a")
        let later = try await bench.take()
        #expect(later.map(\.eventID) == [events[3].id, events[5].id])
        _ = try await ledger.complete([completion(later[1], .skipped(reason: "declined"))], owner: "a")
        let tally = try await ledger.tally(.email)
        #expect(tally.count(.superseded) == 2 && tally.count(.replayed) == 1)
        #expect(tally.leftOut.map(\.event) == [events[0].id, events[2].id])
        let id = try await bench.make()
        try await bench.finish()
        #expect(try await bench.take().map(\.eventID) == [events[4].id])
        let replay = try #require(try await ledger.replay(id))
        #expect(replay.count(.superseded) == 2 && replay.count(.replayed) == 1)
        #expect(try await ledger.leftOut(of: id, limit: 10).map(\.event) == [events[0].id, events[2].id])
    }

    @Test("what opens again holds later rows of its key that have not been attempted", arguments: LedgerMaker.all)
    func holds(maker: LedgerMaker) async throws {
        let bench = try await Bench(maker)
        let ledger = bench.ledger
        _ = try await ledger.takeIn(batch([event(1)]))
        try await bench.deliver(.dead(reason: "no"))
        _ = try await ledger.takeIn(batch([event(1, update: 1)], from: 1))
        _ = try await bench.make()
        try await bench.finish()
        let first = try await bench.take()
        #expect(first.map(\.eventID) == [event(1).id])
        #expect(try await bench.take().isEmpty)
        _ = try await ledger.complete(first.map { completion($0) }, owner: "a")
        #expect(try await bench.take().map(\.eventID) == [event(1, update: 1).id])
    }

    @Test("a parked row goes on, and with it what it held", arguments: LedgerMaker.all)
    func parked(maker: LedgerMaker) async throws {
        let bench = try await Bench(maker)
        _ = try await bench.ledger.takeIn(batch([event(1), event(1, update: 1)]))
        try await bench.deliver(.parked(reason: "died three times"))
        #expect(try await bench.take().isEmpty)
        var selection = ReplaySelection.email
        selection.reason = "died"
        _ = try await bench.make(selection)
        try await bench.finish()
        try await bench.deliver(.done, .done)
        #expect(try await bench.states() == [.done: 2])
    }

    @Test(
        "a buyer gets no message again that was or may have been delivered, unless it is said",
        arguments: LedgerMaker.all)
    func again(maker: LedgerMaker) async throws {
        let bench = try await Bench(maker)
        let ledger = bench.ledger
        for worker in ["confirmations", "crm"] {
            let destination: Destination = worker == "crm" ? "crm/1" : "email"
            _ = try await ledger.takeIn(batch([event(1), event(2)], to: destination, worker: worker))
            try await bench.deliver(.done, worker: worker)
            try await bench.deliver(.dead(reason: "no answer"), unknown: true, worker: worker)
        }
        var messages = ReplaySelection(destination: "email", states: [.dead, .parked, .done])
        #expect(try await ledger.tally(messages).count(.inDoubt) == 2)
        await expect(.data) { _ = try await bench.make(messages) }
        // A CRM is looked into before anything is repeated.
        let deals = ReplaySelection(connection: "1", states: [.dead, .parked, .done])
        #expect(try await ledger.tally(deals).count(.replayed) == 2)
        _ = try await bench.make(deals)
        try await bench.finish(worker: "crm")
        #expect(try await bench.take(worker: "crm").allSatisfy(\.isOutcomeUnknown))
        messages.again = true
        _ = try await bench.make(messages)
        try await bench.finish()
        let rows = try await bench.take()
        #expect(rows.count == 2 && rows.allSatisfy(\.isOutcomeUnknown), "a message may be a repetition")
        // One that was done stays in doubt where it is given up now.
        _ = try await ledger.complete(rows.map { completion($0, .dead(reason: "550")) }, owner: "a")
        #expect(try await ledger.tally(.email).count(.inDoubt) == 2)
    }

    @Test("of a row that an earlier version closed its attempts say whether it is in doubt", arguments: LedgerMaker.all)
    func closedBefore(maker: LedgerMaker) async throws {
        let bench = try await Bench(maker)
        let ledger = bench.ledger
        _ = try await ledger.takeIn(batch([event(1), event(2), event(3)]))
        let rows = try await bench.take()
        for (row, outcome) in zip(rows, ["permanent", "unknown", "permanent"]) {
            var end = completion(row, .dead(reason: "given up"))
            end.outcome = outcome
            _ = try await ledger.complete([end], owner: "a")
        }
        // The third had a lease whose attempt nobody knows of.
        _ = try await bench.fixture.database.transaction([
            Statement("UPDATE history SET outcome_unknown = NULL"),
            Statement("UPDATE history SET lease_no = 2 WHERE id = $1", [.integer(rows[2].id)]),
        ])
        let tally = try await ledger.tally(.email)
        #expect(tally.count(.replayed) == 1 && tally.count(.inDoubt) == 2)
    }

    @Test("only what is asked for is replayed: by order, account, time, reason and state", arguments: LedgerMaker.all)
    func selection(maker: LedgerMaker) async throws {
        let bench = try await Bench(maker)
        let (ledger, clock) = (bench.ledger, bench.fixture.clock)
        _ = try await ledger.takeIn(batch([event(1), event(2, account: "other")]))
        clock.advance(60_000)
        _ = try await ledger.takeIn(batch([event(3), event(4)], from: 2))
        let rows = try await bench.take()
        _ = try await ledger.complete(
            rows.map { completion($0, .dead(reason: $0.key == orderID(4).text ? "421 later" : "550 never")) },
            owner: "a")
        func found(_ change: (inout ReplaySelection) -> Void) async throws -> Int {
            var selection = ReplaySelection()
            change(&selection)
            return try await ledger.tally(selection).total
        }
        let start = Timestamp(milliseconds: Fixture.start)
        let minute = Timestamp(milliseconds: Fixture.start + 60_000)
        #expect(try await found { $0.destination = "email" } == 4)
        #expect(try await found { $0.destination = "sms" } == 0)
        #expect(try await found { $0.worker = "crm" } == 0)
        #expect(try await found { $0.orders = [orderID(1), orderID(4), orderID(1)] } == 2)
        #expect(
            try await found {
                $0.orders = [orderID(1), orderID(2)]
                $0.account = "acme"
            } == 1)
        #expect(try await found { $0.account = "acme" } == 3)
        #expect(try await found { $0.from = minute } == 2)
        #expect(try await found { $0.to = minute } == 2)
        #expect(
            try await found {
                $0.from = start
                $0.to = start
            } == 0)
        #expect(try await found { $0.reason = "550" } == 3)
        #expect(try await found { $0.states = [.parked] } == 0)
        // The lines say how many for which reason.
        let lines = try await ledger.tally(.email).lines
        #expect(lines.map(\.count) == [3, 1] && lines.map(\.line.reason) == ["550 never", "421 later"])
        await expect(.data) { _ = try await ledger.tally(.email, atMost: 3) }
    }

    @Test("what dies after a replay was made is not meant by it", arguments: LedgerMaker.all)
    func frozen(maker: LedgerMaker) async throws {
        let bench = try await Bench(maker)
        _ = try await bench.ledger.takeIn(batch([event(1), event(2), event(3)]))
        try await bench.deliver(.dead(reason: "no"))
        let id = try await bench.make()
        bench.fixture.clock.advance(1_000)
        try await bench.deliver(.dead(reason: "no"))
        _ = try await bench.ledger.takeIn(batch([event(4)], from: 3))
        try await bench.finish()
        #expect(try #require(try await bench.ledger.replay(id)).count(.replayed) == 1)
        #expect(try await bench.states() == [.pending: 3, .dead: 1])
    }

    @Test("a row whose event is gone is left out", arguments: LedgerMaker.all)
    func withoutEvent(maker: LedgerMaker) async throws {
        let bench = try await Bench(maker)
        _ = try await bench.ledger.takeIn(batch([event(1), event(2)]))
        try await bench.deliver(.dead(reason: "no"), .dead(reason: "no"))
        _ = try await bench.fixture.database.transaction([
            Statement("DELETE FROM events WHERE event_id = $1", [.text(event(1).id)])
        ])
        let id = try await bench.make()
        try await bench.finish()
        let replay = try #require(try await bench.ledger.replay(id))
        #expect(replay.count(.withoutEvent) == 1 && replay.count(.replayed) == 1)
    }

    @Test("the rate says how many are opened in a second, and can be changed meanwhile", arguments: LedgerMaker.all)
    func rate(maker: LedgerMaker) async throws {
        let bench = try await Bench(maker)
        let ledger = bench.ledger
        _ = try await ledger.takeIn(batch((1...60).map { event($0) }))
        let rows = try await bench.take(60)
        _ = try await ledger.complete(rows.map { completion($0, .dead(reason: "no")) }, owner: "a")
        let id = try await bench.make(rate: 2)
        func step() async throws -> Int? {
            guard case .done(_, _, let fates) = try await ledger.stepReplays(of: "confirmations") else { return nil }
            return fates[.replayed] ?? 0
        }
        #expect(try await step() == 2)
        #expect(try await ledger.stepReplays(of: "confirmations") == .waits(milliseconds: 1_000))
        #expect(try await ledger.setRate(500, ofReplay: id, by: "test"))
        bench.fixture.clock.advance(1_000)
        #expect(try await step() == Ledger.stepMaximum)
        #expect(try await ledger.stepReplays(of: "confirmations") == .waits(milliseconds: 100))
        await expect(.data) { _ = try await ledger.setRate(0, ofReplay: id, by: "test") }
        try await bench.finish()
        #expect(try #require(try await ledger.replay(id)).count(.replayed) == 60)
        #expect(try await ledger.setRate(1, ofReplay: id, by: "test") == false, "it has ended")
    }

    @Test("an aborted replay opens nothing more, and says who ended it", arguments: LedgerMaker.all)
    func abort(maker: LedgerMaker) async throws {
        let bench = try await Bench(maker)
        let ledger = bench.ledger
        _ = try await ledger.takeIn(batch([event(1), event(2), event(3)]))
        try await bench.deliver(.dead(reason: "no"), .dead(reason: "no"), .dead(reason: "no"))
        let id = try await bench.make(rate: 1)
        _ = try await ledger.stepReplays(of: "confirmations")
        #expect(try await ledger.abortReplay(id, by: "taras"))
        #expect(try await ledger.abortReplay(id, by: "another") == false)
        bench.fixture.clock.advance(10_000)
        #expect(try await ledger.stepReplays(of: "confirmations") == .nothing)
        #expect(try await ledger.hasOpenReplay(of: "confirmations") == false)
        let replay = try #require(try await ledger.replay(id))
        #expect(replay.state == .aborted && replay.endedBy == "taras" && replay.count(.replayed) == 1)
        #expect(try await bench.states() == [.pending: 1, .dead: 2])
        #expect(try await ledger.replay("0000") == nil)
    }

    @Test(
        "whichever programs make the steps, and however they die, each row is opened once",
        arguments: LedgerMaker.shared)
    func resumed(maker: LedgerMaker) async throws {
        let bench = try await Bench(maker)
        let ledger = bench.ledger
        _ = try await ledger.takeIn(batch((1...200).map { event($0) }))
        let rows = try await bench.take(200)
        _ = try await ledger.complete(rows.map { completion($0, .dead(reason: "no")) }, owner: "a")
        let id = try await bench.make(rate: 10_000)
        // One dies before it hears that its step is committed, and one before it has made any.
        for mood in [FailingDatabase.Mood.losesAnswers, .away] {
            let failing = FailingDatabase(try bench.fixture.open())
            failing.next.now = [mood]
            let dying = Ledger(database: failing, sealing: nil)
            await expect(.unavailable) { _ = try await dying.stepReplays(of: "confirmations") }
            await dying.close()
            if mood == .losesAnswers { bench.fixture.clock.advance(5) }
        }
        let opened = Shared(0)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<4 {
                let program = try bench.fixture.another()
                group.addTask {
                    while true {
                        switch try await program.stepReplays(of: "confirmations") {
                        case .nothing:
                            await program.close()
                            return
                        case .waits(let milliseconds): bench.fixture.clock.advance(milliseconds)
                        case .done(_, _, let fates): opened.change { $0 += fates[.replayed] ?? 0 }
                        case .overtaken: break
                        }
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(opened.now == 200 - Ledger.stepMaximum)
        let replay = try #require(try await ledger.replay(id))
        #expect(replay.state == .done && replay.count(.replayed) == 200)
        #expect(try await bench.states() == [.pending: 200])
        try await bench.expectClosedBooks()
    }

    @Test("a done row is found along the ids, however many others there are", arguments: LedgerMaker.all)
    func doneRows(maker: LedgerMaker) async throws {
        let bench = try await Bench(maker)
        let ledger = bench.ledger
        _ = try await ledger.takeIn(batch((1...5).map { event($0) }, to: "crm/1", worker: "crm"))
        let rows = try await bench.take(worker: "crm")
        _ = try await ledger.complete(rows.map { completion($0) }, owner: "a")
        // Rows far apart, with a span of ids between them that holds nobody's.
        _ = try await bench.fixture.database.transaction([
            Statement("UPDATE history SET id = id * 100000")
        ])
        let selection = ReplaySelection(destination: "crm/1", states: [.done])
        #expect(try await ledger.tally(selection).count(.replayed) == 5)
        let id = try await bench.make(selection, rate: 2)
        try await bench.finish(worker: "crm")
        #expect(try #require(try await ledger.replay(id)).count(.replayed) == 5)
        let again = try await bench.take(worker: "crm")
        #expect(again.map(\.id) == rows.map { $0.id * 100_000 } && again.allSatisfy(\.isOutcomeUnknown))
    }
}

extension ReplaySelection {
    static let email = ReplaySelection(destination: "email")
}
