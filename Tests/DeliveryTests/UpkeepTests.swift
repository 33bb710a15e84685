import Database
import Intake
import Kafka
import Ledger
import Primitives
import Support
import Telemetry
import Testing

@testable import Delivery

@Suite struct UpkeepTests {
    /// A chore that notes when it was done, and hangs on demand.
    private final class NotingChore: Chore {
        let pause: Duration
        let hangs: Bool
        let times = Shared(0)
        init(every pause: Duration, hangs: Bool = false) {
            self.pause = pause
            self.hangs = hangs
        }
        func perform() async -> Duration {
            times.change { $0 += 1 }
            if hangs { try? await Task.sleep(for: .seconds(3600)) }
            return pause
        }
    }

    @Test("each chore is done at once, and then at its own pace, whatever becomes of the others")
    func pace() async throws {
        let time = ManualTime()
        let (quick, slow) = (NotingChore(every: .seconds(1)), NotingChore(every: .seconds(4)))
        let hanging = NotingChore(every: .seconds(1), hangs: true)
        let others = Upkeep([quick, slow], time: time)
        let upkeep = Upkeep([hanging, quick, slow], time: time)
        upkeep.start()
        try await eventually("all are done once") {
            quick.times.now == 1 && slow.times.now == 1 && hanging.times.now == 1
        }
        for second in 1...8 {
            try await eventually("the quick one is done after \(second - 1) s") { quick.times.now == second }
            try await Task.sleep(for: .milliseconds(2))
            time.advance(by: .seconds(1))
        }
        try await eventually("the last ones are done") { quick.times.now == 9 && slow.times.now == 3 }
        #expect(hanging.times.now == 1)
        upkeep.stop()
        #expect(others.isAtRest(at: time.now), "what was not started has nothing to do")
    }

    @Test("after a stop nothing is done any more")
    func stops() async throws {
        let time = ManualTime()
        let chore = NotingChore(every: .seconds(1))
        let upkeep = Upkeep([chore], time: time)
        upkeep.start()
        try await eventually("it is at rest") { chore.times.now == 1 && upkeep.isAtRest(at: time.now) }
        upkeep.stop()
        time.advance(by: .seconds(10))
        try await Task.sleep(for: .milliseconds(20))
        #expect(chore.times.now == 1)
    }

    @Test("a chore that is under way at the stop ends, and is not done again")
    func stopsAmidst() async throws {
        let time = ManualTime()
        let goOn = Once<Void>()
        let (began, ended) = (Shared(0), Shared(0))
        final class Slow: Chore {
            let goOn: Once<Void>
            let (began, ended): (Shared<Int>, Shared<Int>)
            init(_ goOn: Once<Void>, _ began: Shared<Int>, _ ended: Shared<Int>) {
                (self.goOn, self.began, self.ended) = (goOn, began, ended)
            }
            func perform() async -> Duration {
                began.change { $0 += 1 }
                await goOn.value
                ended.change { $0 += 1 }
                return .zero
            }
        }
        let upkeep = Upkeep([Slow(goOn, began, ended)], time: time)
        upkeep.start()
        try await eventually("it has begun") { began.now == 1 }
        upkeep.stop()
        goOn.give(())
        try await eventually("it has ended") { ended.now == 1 }
        try await Task.sleep(for: .milliseconds(20))
        #expect(ended.now == 1 && upkeep.isAtRest(at: time.now))
    }

    @Test("a dead row that cannot be copied is copied at a later run, once")
    func copiesLater() async throws {
        let fixture = try await EngineFixture(["email": TestAdapter { _ in .permanent(why: "550 no such user") }])
        fixture.letterFaults.now = [KafkaError(.timedOut, "test", isRetriable: true)]
        try await fixture.takeIn([event(1)])
        try await eventually("the row is dead") { try await fixture.states() == [.dead: 1] }
        try await eventually("the copy failed") { fixture.letterFaults.now.isEmpty }
        #expect(fixture.letters.now.isEmpty)
        fixture.engine.start()
        await fixture.pass(.seconds(20))
        #expect(fixture.letters.now.count == 1)
    }

    @Test("destinations are shown by the kind of their receiver and the state of their breaker, not by name")
    func breakers() async throws {
        let failing = TestAdapter { _ in .configuration(why: "535 wrong password") }
        let fixture = try await EngineFixture(["email": failing, "sms": failing])
        let labels = #"worker="confirmations",kind="email""#
        func shows(_ line: String) -> Bool { fixture.metrics.rendered().contains("\norderrelay_delivery_\(line)\n") }
        #expect(shows("breakers{\(labels),state=\"open\"} 0") && shows("held_rows{\(labels)} 0"))
        #expect(shows("attempts_total{\(labels),outcome=\"configuration\"} 0"))
        try await fixture.takeIn([event(1)], to: ["email", "sms"])
        try await eventually("both breakers have opened") { shows("breakers{\(labels),state=\"open\"} 2") }
        #expect(shows("breakers{\(labels),state=\"closed\"} 0"))
        #expect(shows("attempts_total{\(labels),outcome=\"configuration\"} 2"))
        #expect(!fixture.metrics.rendered().contains("sms"))
        #expect(fixture.metrics.families.allSatisfy { $0.unforeseen.isEmpty && $0.missing.isEmpty })
    }

    @Test("rows that another process has left are taken when a look is asked for, not only at the next regular one")
    func looksWhenAsked() async throws {
        let fixture = try await EngineFixture(["email": TestAdapter { _ in DeliveryTests.done }])
        fixture.engine.start()
        await fixture.pass(.milliseconds(100))
        _ = try await fixture.ledger.takeIn(
            IntakeBatch(
                worker: "confirmations", source: source, owner: "another", from: 0, next: 2,
                entries: (0..<2).map {
                    entry(event($0 + 1), at: Int64($0), .planned([PlannedDelivery(destination: "email")]))
                }))
        await fixture.pass(.seconds(1))
        #expect(try await fixture.states() == [.pending: 2], "nobody has told this process of them")
        // Time stands still from here on.
        fixture.engine.lookForDueRows()
        try await eventually("they are done") { try await fixture.states() == [.done: 2] }
        try await eventually("the look has ended") { fixture.engine.lookout.isAtRest }
    }

    @Test("what is older than the retention is removed, and counted")
    func prunes() async throws {
        let fixture = try await EngineFixture(["email": TestAdapter { _ in DeliveryTests.done }])
        try await fixture.takeIn([event(1), event(2)])
        fixture.engine.start()
        await fixture.pass(.seconds(10))
        #expect(try await fixture.states() == [.done: 2])
        fixture.time.advance(by: .seconds(91 * 24 * 3600))
        try await fixture.takeIn([event(3)])
        await fixture.pass(.seconds(900), step: .seconds(30))
        #expect(try await fixture.states() == [.done: 1])
        let text = fixture.metrics.rendered()
        for table in ["history", "events"] {
            let name = "orderrelay_ledger_pruned_rows_total"
            #expect(text.contains("\n\(name){worker=\"confirmations\",table=\"\(table)\"} 2\n"), "\(text)")
        }
        #expect(text.contains("\norderrelay_ledger_prune_waits{worker=\"confirmations\"} 0\n"))
    }

    @Test("a prune that fails is counted, and is no sign that the ledger is away")
    func pruneFails() async throws {
        let fixture = try await EngineFixture([:])
        fixture.engine.start()
        await fixture.pass(.seconds(10))
        _ = try await fixture.database.transaction([Statement("DROP TABLE periods")])
        await fixture.pass(.seconds(90))
        #expect(
            fixture.metrics.rendered().contains(
                "\norderrelay_ledger_prune_failures_total{worker=\"confirmations\"} 1\n"))
        #expect(!fixture.engine.isLedgerAway)
    }

    @Test("a ledger that is away is known by the next question, and by the metric; and that it is back")
    func contact() async throws {
        let fixture = try await EngineFixture([:])
        fixture.engine.start()
        await fixture.pass(.seconds(6))
        #expect(!fixture.engine.isLedgerAway)
        fixture.database.mood.now = .away
        await fixture.pass(.seconds(6))
        #expect(fixture.engine.isLedgerAway)
        #expect(
            fixture.metrics.rendered().contains("\norderrelay_delivery_ledger_away{worker=\"confirmations\"} 1\n"))
        fixture.database.mood.now = .well
        await fixture.pass(.seconds(6))
        #expect(!fixture.engine.isLedgerAway)
    }
}
