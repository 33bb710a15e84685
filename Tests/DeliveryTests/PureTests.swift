import Intake
import Ledger
import Lifecycle
import Orders
import Testing

@testable import Delivery

@Suite struct LeaseTests {
    @Test("an attempt starts only while its time-out and five seconds of the lease remain")
    func mayStart() {
        let lease = Lease(since: start)
        #expect(lease.mayStart(at: start + .seconds(15), timeout: .seconds(10)))
        #expect(!lease.mayStart(at: start + .milliseconds(15_001), timeout: .seconds(10)))
    }

    @Test("a leased row waits a third of the lease, less where its attempt is long")
    func startBy() {
        #expect(Lease(since: start).startBy(timeout: .seconds(10)) == start + .seconds(10))
        #expect(Lease(since: start).startBy(timeout: .seconds(20)) == start + .seconds(5))
    }

    @Test("others' leases are taken only after one lease of unbroken connection")
    func rescue() {
        var connection = LedgerConnection()
        #expect(!connection.mayRescue(at: start))
        for second in stride(from: 0, through: 30, by: 5) { connection.answered(at: start + .seconds(second)) }
        #expect(!connection.mayRescue(at: start + .milliseconds(29_999)))
        #expect(connection.mayRescue(at: start + .seconds(30)))
        connection.failed()
        #expect(!connection.mayRescue(at: start + .seconds(31)))
        connection.answered(at: start + .seconds(32))
        #expect(!connection.mayRescue(at: start + .seconds(40)))
    }

    @Test("a process that was frozen waits a lease again")
    func frozen() {
        var connection = LedgerConnection()
        for second in stride(from: 0, through: 30, by: 5) { connection.answered(at: start + .seconds(second)) }
        #expect(!connection.mayRescue(at: start + .seconds(90)), "nothing heard for a minute")
        connection.answered(at: start + .seconds(90))
        #expect(!connection.mayRescue(at: start + .seconds(91)))
    }
}

@Suite struct RateBudgetTests {
    @Test("over any ten seconds no more start than the share and one second's worth")
    func bounded() {
        var budget = RateBudget(perSecond: 20, processes: 4)
        var count = 0
        var now = start
        while now < start + .seconds(10) {
            let at = budget.mayStart(at: now)
            if at > now {
                now = at
            } else {
                budget.started(at: now)
                count += 1
            }
        }
        #expect((50...55).contains(count))
    }

    @Test("a rate below one a second is kept too")
    func slow() {
        var budget = RateBudget(perSecond: 1, processes: 10)
        budget.started(at: start)
        #expect(budget.mayStart(at: start) == start + .seconds(10))
    }

    @Test("without a rate only a pause holds back")
    func pause() {
        var budget = RateBudget(perSecond: nil)
        budget.started(at: start)
        #expect(budget.mayStart(at: start) == start)
        budget.pause(until: start + .seconds(3))
        budget.pause(until: start + .seconds(2))
        #expect(budget.mayStart(at: start) == start + .seconds(3))
    }
}

@Suite struct WakeUpsTests {
    @Test("names come out when due, earliest first, each once")
    func order() {
        var wakeUps = WakeUps<Int>()
        let times = (0..<200).map { ($0 * 7919) % 200 }
        for time in times { wakeUps.add(time, at: start + .seconds(time)) }
        wakeUps.add(150, at: start + .seconds(1))
        wakeUps.add(3, at: start + .seconds(500))
        wakeUps.remove(4)
        let first = wakeUps.due(at: start + .seconds(5))
        #expect(Set(first.prefix(3)) == [0, 1, 150])
        #expect(Array(first.dropFirst(3)) == [2, 3, 5])
        #expect(wakeUps.due(at: start + .seconds(300)).count == 193)
        #expect(wakeUps.due(at: start + .seconds(1000)) == [])
        #expect(wakeUps.count == 0)
    }

    @Test("names that are removed before their time take no room")
    func removed() {
        var wakeUps = WakeUps<Int>()
        wakeUps.add(-1, at: start + .seconds(500))
        for number in 0..<100_000 {
            wakeUps.add(number, at: start + .seconds(12))
            wakeUps.remove(number)
        }
        #expect(wakeUps.entryCount < 5_000)
        #expect(wakeUps.due(at: start + .seconds(500)) == [-1])
    }
}

@Suite struct JudgementTests {
    func judge(_ outcome: Outcome, attempt: Int = 0, isUnknown: Bool = false, random: Randomness = longest)
        -> Completion
    {
        Judgement(policy: .delivery, random: random).completion(
            of: outcome, for: row(1, attempt: attempt, isUnknown: isUnknown), startedAt: Timestamp(milliseconds: 0),
            took: .milliseconds(5), age: .zero)
    }

    @Test("each outcome has its verdict")
    func verdicts() {
        let link = Link(connection: "hub", ours: "order/1/contact", theirs: "77")
        let done = judge(.done(answer: "250 ok", receipt: ["a": "b"], links: [link]))
        #expect(done.verdict == .done && done.receipt == ["a": "b"] && done.links == [link])
        #expect(judge(.retry(after: nil, why: "x")).verdict == .retry(afterMilliseconds: 10_000))
        #expect(judge(.permanent(why: "550 no")).verdict == .dead(reason: "550 no"))
        #expect(judge(.declined(why: "isNotifyAccount=false")).verdict == .skipped(reason: "isNotifyAccount=false"))
        let unknown = judge(.unknown(why: "x"))
        #expect(unknown.verdict == .retry(afterMilliseconds: 10_000))
        #expect(unknown.isOutcomeUnknown)
    }

    @Test("after thirty attempts a row is dead, but not for a fault of the configuration")
    func exhausted() {
        #expect(judge(.retry(after: nil, why: "x"), attempt: 28).verdict != .dead(reason: ""))
        #expect(
            judge(.retry(after: nil, why: "451 busy"), attempt: 29).verdict
                == .dead(reason: "given up after 30 attempts: 451 busy"))
        for attempt in [0, 29, 200] {
            let held = judge(.configuration(why: "535"), attempt: attempt).verdict
            guard case .held(let delay) = held, delay <= 10_000 else {
                Issue.record("a refused password used up an attempt, or hours: \(held)")
                return
            }
        }
    }

    @Test("what may have been taken stays in doubt until an attempt knows better")
    func doubt() {
        #expect(judge(.retry(after: nil, why: "x"), isUnknown: true).isOutcomeUnknown)
        #expect(!judge(.retry(after: nil, why: "x")).isOutcomeUnknown)
        #expect(Judgement.givenBack(row(1, isUnknown: true)).isOutcomeUnknown)
    }

    @Test("what a receiver says is one bounded line")
    func clip() {
        #expect(Judgement.clip("a\r\nb") == "a  b")
        #expect(Judgement.clip(String(repeating: "ї", count: 1000)).count == Judgement.answerCharactersMaximum)
    }
}
