import Database
import Intake
import Kafka
import Ledger
import Orders
import Primitives
import Support
import Telemetry
import Testing

@testable import Delivery

@Suite struct EngineTests {
    @Test("a planned row is attempted once and done, with its receipt on the timeline")
    func done() async throws {
        let seen = Sightings()
        let fixture = try await EngineFixture([
            "email": TestAdapter { attempt in
                seen.note(attempt)
                return DeliveryTests.done
            }
        ])
        try await fixture.takeIn([event(1)])
        try await eventually("the row is done") { try await fixture.states() == [.done: 1] }
        #expect(seen.eventIDs == [event(1).id])
        let timeline = try await fixture.ledger.timeline(of: event(1).order, account: "acme")
        let line = try #require(timeline.first { $0.kind == .done || $0.outcome == "done" })
        #expect(line.destination == "email")
        #expect(timeline.contains { $0.detail["messageID"] == "<1@x>" })
    }

    @Test("a thousand rows of one destination are all done, however little room there was")
    func many() async throws {
        let fixture = try await EngineFixture(["email": TestAdapter { _ in DeliveryTests.done }])
        for start in stride(from: 1, through: 1000, by: 250) {
            try await fixture.takeIn((start..<start + 250).map { event($0) })
        }
        try await eventually("all rows are done") { try await fixture.states() == [.done: 1000] }
    }

    @Test("rows of one order go one after the other, also when the first needs three attempts")
    func orderPerKey() async throws {
        let seen = Sightings()
        let left = Shared(2)
        let fixture = try await EngineFixture([
            "email": TestAdapter { attempt in
                seen.note(attempt)
                if attempt.event.id == event(1).id,
                    left.change({
                        $0 -= 1
                        return $0 >= 0
                    })
                {
                    return .retry(after: nil, why: "451 busy")
                }
                return DeliveryTests.done
            }
        ])
        try await fixture.takeIn([event(1), event(1, update: 1), event(2), event(1, update: 2)])
        try await eventually("the other order is done") { try await fixture.states()[.done] == 1 }
        await fixture.pass(.seconds(40))
        try await eventually("all rows are done") { try await fixture.states() == [.done: 4] }
        let ofOne = seen.eventIDs.filter { $0 != event(2).id }
        #expect(
            ofOne == [event(1).id, event(1).id, event(1).id, event(1, update: 1).id, event(1, update: 2).id])
        #expect(seen.all.last { $0.event.order == event(1).order }?.history.count == 3)
    }

    @Test("a destination that hangs slows no other")
    func deadDestination() async throws {
        let fixture = try await EngineFixture([
            "down": TestAdapter { _ in
                try? await Task.sleep(for: .seconds(3600))
                return .retry(after: nil, why: "hung")
            },
            "up": TestAdapter { _ in DeliveryTests.done },
        ])
        try await fixture.takeIn((1...200).map { event($0) }, to: ["down", "up"])
        try await eventually("the other destination has everything") {
            try await fixture.states("up") == [.done: 200]
        }
        #expect(try await fixture.states("down")[.done] == nil)
    }

    @Test(
        "a storm: of 5,000 rows due at once those of 49 destinations are all done while the fiftieth is down, and no time passes",
        arguments: ["hangs", "refuses"], LedgerMaker.all)
    func storm(_ fault: String, on maker: LedgerMaker) async throws {
        let attempts = Shared(0)
        let down = TestAdapter { _ in
            attempts.change { $0 += 1 }
            if fault == "hangs" { try? await Task.sleep(for: .seconds(3600)) }
            return .retry(after: nil, why: fault)
        }
        let others = (1..<50).map { Destination("up-\($0)") }
        let works = TestAdapter { _ in DeliveryTests.done }
        let fixture = try await EngineFixture(
            Dictionary(uniqueKeysWithValues: others.map { ($0, works) } + [(Destination("down"), down)]), on: maker)
        for start in stride(from: 1, through: 100, by: 25) {
            try await fixture.takeIn((start..<start + 25).map { event($0) }, to: ["down"] + others)
        }
        try await eventually("the others have everything") {
            try await fixture.ledger.books(of: "confirmations").filter { $0.rows[.done] == 100 }.count == 49
        }
        // Four at once hang; five refusals open the breaker, with three more under way by then.
        #expect(fault == "hangs" ? attempts.now == down.concurrency : (5...8).contains(attempts.now))
        let states = try await fixture.states("down")
        #expect(states[.done] == nil && states.values.reduce(0, +) == 100, "\(states)")
        // Four are attempted, twenty leased ahead, as long as an attempt is thought to take a second.
        #expect(states[.inFlight, default: 0] <= 24, "rows wait in the ledger, not in memory: \(states)")
    }

    @Test("an attempt that does not end in time is noted as unknown, and the next one knows")
    func hangs() async throws {
        let seen = Sightings()
        let fixture = try await EngineFixture([
            "email": TestAdapter { attempt in
                seen.note(attempt)
                if attempt.delivery.isOutcomeUnknown { return DeliveryTests.done }
                try? await Task.sleep(for: .seconds(3600))
                return .retry(after: nil, why: "cancelled")
            }
        ])
        try await fixture.takeIn([event(1)])
        try await eventually("it is attempted") { seen.all.count == 1 }
        await fixture.pass(.seconds(13))
        try await eventually("its outcome is written") { try await fixture.states() == [.pending: 1] }
        await fixture.pass(.seconds(11))
        try await eventually("the row is done") { try await fixture.states() == [.done: 1] }
        #expect(seen.all.map(\.delivery.isOutcomeUnknown) == [false, true])
        #expect(seen.all.map(\.delivery.attempt) == [0, 1])
    }

    @Test("a row whose worker died is attempted again after its lease, with unknown outcome, not sooner")
    func rescue() async throws {
        let seen = Sightings()
        let fixture = try await EngineFixture([:])
        try await fixture.takeIn([event(1)])
        let taken = try await fixture.ledger.takeDue(
            worker: "confirmations", destination: "email", limit: 10, owner: "one that died")
        #expect(taken.count == 1)
        fixture.adapters.now = [
            "email": TestAdapter { attempt in
                seen.note(attempt)
                return DeliveryTests.done
            }
        ]
        fixture.engine.start()
        await fixture.pass(.seconds(29))
        #expect(seen.all.isEmpty)
        for _ in 0..<20 where seen.all.isEmpty { await fixture.pass(.seconds(2)) }
        try await eventually("the row is done") { try await fixture.states() == [.done: 1] }
        #expect(seen.all.map(\.delivery.isOutcomeUnknown) == [true])
        #expect(
            try await fixture.ledger.complete(
                [
                    Completion(
                        delivery: taken[0], verdict: .dead(reason: "late"), startedAt: nil, tookMilliseconds: 0,
                        outcome: "permanent", answer: "")
                ], owner: "one that died"
            ).isEmpty, "the dead one's outcome is refused")
    }

    @Test("a long attempt keeps its lease")
    func renews() async throws {
        let seen = Sightings()
        let goOn = Once<Void>()
        let fixture = try await EngineFixture([
            "email": TestAdapter(timeout: .seconds(20)) { attempt in
                seen.note(attempt)
                await goOn.value
                return DeliveryTests.done
            }
        ])
        fixture.engine.start()
        try await fixture.takeIn([event(1)])
        try await eventually("it is attempted") { seen.all.count == 1 }
        await fixture.pass(.seconds(19))
        let leased = try await fixture.ledger.leased(to: "me", worker: "confirmations")
        #expect(leased.map(\.eventID) == [event(1).id])
        goOn.give(())
        try await eventually("the row is done") { try await fixture.states() == [.done: 1] }
    }

    @Test("a row whose outcome takes long to be written keeps its lease meanwhile, so that nobody repeats its effect")
    func renewsWhatIsWritten() async throws {
        let isWritten = Once<Void>()
        let fixture = try await EngineFixture([:])
        let database = fixture.database
        fixture.adapters.now = [
            "email": TestAdapter { _ in
                database.meanwhile.now = { await isWritten.value }
                return DeliveryTests.done
            }
        ]
        fixture.engine.start()
        await fixture.pass(.milliseconds(1))
        try await fixture.takeIn([event(1)])
        try await eventually("its outcome is being written") {
            !fixture.engine.lanes.completer.isEmpty && database.meanwhile.now == nil
        }
        func leasedUntil() async throws -> Int64 {
            let rows = try await database.read(Statement("SELECT lease_until FROM deliveries"))
            return try #require(rows.first?.first?.integer)
        }
        for _ in 0..<3 {
            let before = try await leasedUntil()
            fixture.time.advance(by: .seconds(16))
            try await eventually("the lease is prolonged") { try await leasedUntil() > before }
        }
        #expect(try await fixture.ledger.rescueExpired(worker: "confirmations") == (0, 0))
        isWritten.give(())
        try await eventually("it is done") { try await fixture.states() == [.done: 1] }
        #expect(
            fixture.metrics.rendered().contains(
                "\norderrelay_delivery_fenced_outcomes_total{worker=\"confirmations\"} 0\n"))
    }

    @Test("at a stop what waits is given back at once, what is attempted ends, and its outcome is written")
    func stops() async throws {
        let goOn = Once<Void>()
        let seen = Sightings()
        let fixture = try await EngineFixture([
            "email": TestAdapter(concurrency: 1) { attempt in
                seen.note(attempt)
                await goOn.value
                return DeliveryTests.done
            }
        ])
        try await fixture.takeIn((1...5).map { event($0) })
        try await eventually("one is attempted") { seen.all.count == 1 }
        let deadline = fixture.time.now + .seconds(8)
        async let stopped: Void = fixture.engine.stop(by: deadline)
        try await eventually("the others are given back") { try await fixture.states()[.pending] == 4 }
        goOn.give(())
        await stopped
        #expect(try await fixture.states() == [.done: 1, .pending: 4])
        let again = try await fixture.ledger.takeDue(
            worker: "confirmations", destination: "email", limit: 10, owner: "next")
        #expect(again.map(\.attempt) == [0, 0, 0, 0], "what was given back was not attempted")
    }

    @Test("an attempt that outlasts the stop is cancelled and noted as unknown")
    func stopsAtDeadline() async throws {
        let seen = Sightings()
        let fixture = try await EngineFixture([
            "email": TestAdapter { attempt in
                seen.note(attempt)
                await withUnsafeContinuation { (_: UnsafeContinuation<Void, Never>) in }
                return DeliveryTests.done
            }
        ])
        try await fixture.takeIn([event(1)])
        try await eventually("it is attempted") { seen.all.count == 1 }
        let deadline = fixture.time.now + .seconds(5)
        async let stopped: Void = fixture.engine.stop(by: deadline)
        await fixture.pass(.seconds(6), step: .milliseconds(250))
        await stopped
        let row = try await fixture.ledger.takeDue(
            worker: "confirmations", destination: "email", limit: 1, owner: "next")
        #expect(row.isEmpty, "it is due later")
        await fixture.pass(.seconds(10))
        let later = try await fixture.ledger.takeDue(
            worker: "confirmations", destination: "email", limit: 1, owner: "next")
        #expect(later.map(\.isOutcomeUnknown) == [true])
        #expect(fixture.metrics.rendered().contains("\norderrelay_delivery_overstayed_total{\(email)} 1\n"))
    }

    @Test("an attempt that does not end in its time is cancelled, counted, and its outcome unknown")
    func overstays() async throws {
        let seen = Sightings()
        let fixture = try await EngineFixture([
            "email": TestAdapter { attempt in
                seen.note(attempt)
                await withUnsafeContinuation { (_: UnsafeContinuation<Void, Never>) in }
                return DeliveryTests.done
            }
        ])
        try await fixture.takeIn([event(1)])
        try await eventually("it is attempted") { seen.all.count == 1 }
        await fixture.pass(.seconds(11))
        #expect(try await fixture.states() == [.inFlight: 1])
        await fixture.pass(.seconds(1))
        try await eventually("its outcome is written") { try await fixture.states() == [.pending: 1] }
        #expect(fixture.metrics.rendered().contains("\norderrelay_delivery_overstayed_total{\(email)} 1\n"))
    }

    private let email = #"worker="confirmations",kind="email""#

    @Test("a refused row is dead, copied to dead-letters once, and lets the next of its order pass")
    func deadLetters() async throws {
        let fixture = try await EngineFixture([
            "email": TestAdapter { attempt in
                attempt.event.id == event(1).id ? .permanent(why: "550 no such user") : DeliveryTests.done
            }
        ])
        try await fixture.takeIn([event(1), event(1, update: 1)])
        try await eventually("both have ended") { try await fixture.states() == [.dead: 1, .done: 1] }
        try await eventually("the dead one is copied") { fixture.letters.now.count == 1 }
        try await eventually("and marked") {
            try await fixture.ledger.deadLetters(worker: "confirmations", limit: 10).isEmpty
        }
        fixture.engine.copier?.copy()
        fixture.engine.start()
        await fixture.pass(.seconds(12))
        let letter = try #require(fixture.letters.now.first)
        #expect(fixture.letters.now.count == 1)
        #expect(letter.topic == "dead-letters")
        #expect(letter.key == Array(event(1).order.text.utf8))
        let value = String(decoding: letter.value!, as: UTF8.self)
        #expect(value.contains(#""reason":"550 no such user""#))
        #expect(value.contains(#""origin":{"cluster":"test","topic":"orders","partition":0,"offset":0}"#))
        #expect(letter.headers.contains { $0.name == "ce_type" && $0.value == Array("orderrelay.delivery.dead".utf8) })
    }

    @Test("a refused password opens the breaker, kills no row, and ends with the first success")
    func configuration() async throws {
        let isWrong = Shared(true)
        let seen = Sightings()
        let fixture = try await EngineFixture([
            "email": TestAdapter(concurrency: 1) { attempt in
                seen.note(attempt)
                return isWrong.now ? .configuration(why: "535 credentials") : DeliveryTests.done
            }
        ])
        fixture.engine.start()
        try await fixture.takeIn((1...20).map { event($0) })
        try await eventually("the first attempt is written") {
            let states = try await fixture.states()
            return states[.pending] == 20
        }
        #expect(seen.all.count == 1)
        isWrong.now = false
        await fixture.pass(.seconds(100))
        try await eventually("all are done") { try await fixture.states() == [.done: 20] }
        #expect(seen.all.count == 21)
    }

    @Test("rows of a switched-off destination stay pending until it is switched on")
    func switchedOff() async throws {
        let fixture = try await EngineFixture([:])
        fixture.engine.start()
        try await fixture.takeIn([event(1), event(2)])
        await fixture.pass(.seconds(20))
        #expect(try await fixture.states() == [.pending: 2])
        fixture.adapters.now = ["email": TestAdapter { _ in DeliveryTests.done }]
        await fixture.pass(.seconds(6))
        try await eventually("both are done") { try await fixture.states() == [.done: 2] }
    }

    @Test("outcomes wait for a ledger that is away, and are written once")
    func ledgerAway() async throws {
        let goOn = Once<Void>()
        let seen = Sightings()
        let fixture = try await EngineFixture([
            "email": TestAdapter { attempt in
                seen.note(attempt)
                await goOn.value
                return DeliveryTests.done
            }
        ])
        try await fixture.takeIn([event(1)])
        try await eventually("it is attempted") { seen.all.count == 1 }
        fixture.database.mood.now = .away
        goOn.give(())
        await fixture.pass(.seconds(8))
        fixture.database.mood.now = .well
        await fixture.pass(.seconds(6))
        try await eventually("the row is done") { try await fixture.states() == [.done: 1] }
        #expect(seen.all.count == 1)
    }

    @Test("rows of an intake whose answer was lost are found, given back and delivered, without doubt about them")
    func unknownCommit() async throws {
        let seen = Sightings()
        let fixture = try await EngineFixture([
            "email": TestAdapter { attempt in
                seen.note(attempt)
                return DeliveryTests.done
            }
        ])
        fixture.engine.start()
        fixture.database.mood.now = .losesAnswers
        await #expect(throws: LedgerError.self) { try await fixture.takeIn([event(1), event(2)]) }
        #expect(try await fixture.states() == [.inFlight: 2])
        fixture.database.mood.now = .well
        await fixture.pass(.seconds(12))
        try await eventually("both are done") { try await fixture.states() == [.done: 2] }
        #expect(seen.all.map(\.delivery.isOutcomeUnknown) == [false, false])
    }
}
