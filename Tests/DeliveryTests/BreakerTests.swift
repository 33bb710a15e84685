import Intake
import Lifecycle
import Testing

@testable import Delivery

@Suite struct BreakerTests {
    func failed(_ breaker: inout Breaker, isDecisive: Bool = false, at now: ContinuousClock.Instant = start)
        -> Breaker.Change
    {
        breaker.failed(
            generation: breaker.generation, isDecisive: isDecisive, at: now, policy: .breaker, random: longest)
    }

    /// A breaker that five failures opened at `start`: until 10 s later.
    var open: Breaker {
        var breaker = Breaker()
        for _ in 0..<5 { _ = failed(&breaker) }
        return breaker
    }

    @Test("four failures in a row change nothing, the fifth opens it")
    func opens() {
        var breaker = Breaker()
        for _ in 0..<4 { #expect(failed(&breaker) == .none) }
        #expect(breaker.admits > 0)
        #expect(failed(&breaker) == .opened)
        #expect(breaker.admits == 0)
        #expect(breaker.admitsAt == start + .seconds(10))
    }

    @Test("an answer between failures starts the count again")
    func answered() {
        var breaker = Breaker()
        for _ in 0..<4 { _ = failed(&breaker) }
        #expect(breaker.answered(generation: breaker.generation) == .none)
        #expect(failed(&breaker) == .none)
        #expect(breaker.state == .closed(failures: 1))
    }

    @Test("refused credentials open it at once")
    func decisive() {
        var breaker = Breaker()
        #expect(failed(&breaker, isDecisive: true) == .opened)
    }

    @Test("once the time is over exactly one attempt may try, and its success closes it")
    func probeSucceeds() {
        var breaker = open
        breaker.tick(start + .seconds(9))
        #expect(breaker.admits == 0)
        breaker.tick(start + .seconds(10))
        #expect(breaker.admits == 1)
        breaker.started()
        #expect(breaker.admits == 0)
        #expect(breaker.answered(generation: breaker.generation) == .closed)
        #expect(breaker.state == .closed(failures: 0))
    }

    @Test("a failed try opens it again, for longer each time up to the cap")
    func probeFails() {
        var breaker = open
        var now = start + .seconds(10)
        for expected in [20, 40, 80, 160, 300, 300] {
            breaker.tick(now)
            breaker.started()
            #expect(failed(&breaker, at: now) == .opened)
            #expect(breaker.admitsAt == now + .seconds(expected))
            now += .seconds(expected)
        }
    }

    @Test("what was on its way when it opened says nothing afterwards")
    func stale() {
        var breaker = Breaker()
        let before = breaker.generation
        for _ in 0..<5 { _ = failed(&breaker) }
        let opened = breaker
        #expect(breaker.answered(generation: before) == .none)
        #expect(
            breaker.failed(generation: before, isDecisive: false, at: start, policy: .breaker, random: longest) == .none
        )
        #expect(breaker == opened)
    }

    @Test("a try that was not made after all leaves room for another")
    func withdrawn() {
        var breaker = open
        breaker.tick(start + .seconds(10))
        breaker.started()
        breaker.withdrawn(generation: breaker.generation)
        #expect(breaker.admits == 1)
    }
}
