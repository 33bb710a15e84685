import Intake
import Ledger
import Lifecycle
import Testing

@testable import Delivery

@Suite struct LaneTests {
    func lane(concurrency: Int = 2, perSecond: Int? = nil) -> Lane {
        Lane(limits: Lane.Limits(concurrency: concurrency, timeout: .seconds(10), perSecond: perSecond))
    }

    func lease(_ since: ContinuousClock.Instant = start) -> Lease { Lease(since: since) }

    func attempts(_ actions: [Lane.Action]) -> [Int64] {
        actions.compactMap { if case .attempt(let held) = $0 { held.row.id } else { nil } }
    }
    func given(_ actions: [Lane.Action]) -> [Int64] {
        actions.flatMap { action -> [Int64] in
            if case .giveBack(let rows) = action { rows.map(\.id) } else { [] }
        }
    }
    func take(_ actions: [Lane.Action]) -> Int? {
        actions.lazy.compactMap { if case .take(let limit) = $0 { limit } else { nil } }.first
    }
    func wake(_ actions: [Lane.Action]) -> ContinuousClock.Instant? {
        actions.lazy.compactMap { if case .wake(let instant) = $0 { instant } else { nil } }.first
    }
    func end(_ lane: inout Lane, _ id: Int64, _ sign: Lane.Sign, at now: ContinuousClock.Instant = start) {
        _ = lane.ended(id, sign, took: .milliseconds(10), at: now, policy: .breaker, random: longest)
    }

    @Test("as many rows are attempted at once as the adapter allows; the next when one ends")
    func concurrency() {
        var lane = lane()
        let room = lane.reserve(5, at: start)
        #expect(room == 5)
        lane.settled(reserved: room, rows: (1...5).map { row($0) }, left: 0, lease: lease(), at: start)
        #expect(attempts(lane.advance(at: start)) == [1, 2])
        #expect(attempts(lane.advance(at: start)) == [])
        end(&lane, 1, .answered)
        #expect(attempts(lane.advance(at: start)) == [3])
    }

    @Test("room is held for a transaction until it is settled or abandoned")
    func reservation() {
        var lane = lane()
        let all = lane.reserve(1000, at: start)
        #expect(all == lane.target)
        #expect(lane.reserve(1, at: start) == 0)
        lane.settled(reserved: all, rows: [], left: 0, lease: lease(), at: start)
        #expect(lane.reserve(1, at: start) == 1)
    }

    @Test("rows that had no room are taken as soon as there is some")
    func left() {
        var lane = lane()
        lane.settled(reserved: 0, rows: [], left: 7, lease: lease(), at: start)
        #expect(take(lane.advance(at: start)) == lane.target)
        #expect(take(lane.advance(at: start)) == nil, "one take at a time")
        lane.took((1...7).map { row($0) }, limit: lane.target, lease: lease(), at: start)
        #expect(attempts(lane.advance(at: start)) == [1, 2])
    }

    @Test("new rows wait behind those that are due already")
    func backlogFirst() {
        var lane = lane()
        lane.noticed(dueAt: start)
        #expect(lane.reserve(1, at: start) == 0)
        #expect(lane.reserve(1, at: start - .seconds(1)) == 1)
    }

    @Test("a row due later is taken then, not before")
    func dueLater() {
        var lane = lane()
        lane.noticed(dueAt: start + .seconds(8))
        var actions = lane.advance(at: start)
        #expect(take(actions) == nil)
        #expect(wake(actions) == start + .seconds(8))
        actions = lane.advance(at: start + .seconds(8))
        #expect(take(actions) != nil)
    }

    @Test("a take of what is due now forgets nothing that is due later")
    func dueNowAndLater() {
        var lane = lane()
        lane.noticed(dueAt: start + .seconds(8))
        lane.noticed(dueAt: start)
        let limit = take(lane.advance(at: start))!
        lane.took([], limit: limit, lease: lease(), at: start)
        let actions = lane.advance(at: start)
        #expect(take(actions) == nil)
        #expect(wake(actions) == start + .seconds(8))
    }

    @Test("a full take is followed by another, a short one is not")
    func takesOn() {
        var lane = lane()
        lane.noticed(dueAt: start)
        let limit = take(lane.advance(at: start))!
        lane.took((1...Int64(limit)).map { row($0) }, limit: limit, lease: lease(), at: start)
        #expect(lane.due.first == start)
        _ = lane.advance(at: start)
        // Half of the room must be free again before it is worth a take.
        for id in 1...Int64(limit) {
            end(&lane, id, .answered)
            lane.written(id, .closed, at: start)
            if take(lane.advance(at: start)) != nil { break }
        }
        #expect(lane.isTaking)
        lane.took([], limit: 10, lease: lease(), at: start)
        #expect(lane.due.isEmpty)
    }

    @Test("when a row closes, rows that it held back are asked for")
    func heldBack() {
        var lane = lane()
        let room = lane.reserve(1, at: start)
        // Two events of one order in one batch: the second is pending behind the first.
        lane.settled(reserved: room, rows: [row(1, key: "a")], left: 1, lease: lease(), at: start)
        var actions = lane.advance(at: start)
        #expect(attempts(actions) == [1])
        if take(actions) != nil { lane.took([], limit: 1, lease: lease(), at: start) }
        #expect(take(lane.advance(at: start)) == nil, "an empty answer is not asked for again")
        end(&lane, 1, .answered)
        #expect(take(lane.advance(at: start)) == nil)
        lane.written(1, .closed, at: start)
        actions = lane.advance(at: start)
        #expect(take(actions) != nil)
    }

    @Test("a row that cannot start within a third of its lease is given back")
    func tooLate() {
        var lane = lane(concurrency: 1)
        let room = lane.reserve(2, at: start)
        lane.settled(reserved: room, rows: [row(1), row(2)], left: 0, lease: lease(), at: start)
        let actions = lane.advance(at: start)
        #expect(attempts(actions) == [1])
        #expect(wake(actions) == start + .seconds(10))
        #expect(given(lane.advance(at: start + .milliseconds(9999))) == [])
        #expect(given(lane.advance(at: start + .seconds(10))) == [2])
    }

    @Test("a renewed lease gives a waiting row more time")
    func renewed() {
        var lane = lane(concurrency: 1)
        let room = lane.reserve(2, at: start)
        lane.settled(reserved: room, rows: [row(1), row(2)], left: 0, lease: lease(), at: start)
        _ = lane.advance(at: start)
        lane.renewed([1, 2], lease: lease(start + .seconds(9)))
        #expect(given(lane.advance(at: start + .seconds(10))) == [])
    }

    @Test("five failures in a row: what waits is given back, nothing is taken, then one row tries")
    func breaker() {
        var lane = lane(concurrency: 5)
        let room = lane.reserve(8, at: start)
        lane.settled(reserved: room, rows: (1...8).map { row($0) }, left: 0, lease: lease(), at: start)
        #expect(attempts(lane.advance(at: start)).count == 5)
        for id in 1...5 { end(&lane, Int64(id), .failed(isDecisive: false)) }
        #expect(given(lane.advance(at: start)) == [6, 7, 8])
        for id in 1...8 { lane.written(Int64(id), .again(start), at: start) }
        let actions = lane.advance(at: start)
        #expect(take(actions) == nil)
        #expect(wake(actions) == start + .seconds(10))
        #expect(lane.reserve(1, at: start) == 0)
        #expect(take(lane.advance(at: start + .seconds(10))) == 1)
        lane.took([row(9)], limit: 1, lease: lease(start + .seconds(10)), at: start + .seconds(10))
        #expect(attempts(lane.advance(at: start + .seconds(10))) == [9])
        #expect(take(lane.advance(at: start + .seconds(10))) == nil, "nothing more before the outcome is known")
        end(&lane, 9, .answered, at: start + .seconds(11))
        #expect(take(lane.advance(at: start + .seconds(11)))! > 1)
    }

    @Test("a receiver that asks for a pause gets it")
    func throttled() {
        var lane = lane()
        let room = lane.reserve(3, at: start)
        lane.settled(reserved: room, rows: (1...3).map { row($0) }, left: 0, lease: lease(), at: start)
        _ = lane.advance(at: start)
        end(&lane, 1, .throttled(.seconds(4)))
        let actions = lane.advance(at: start)
        #expect(attempts(actions) == [])
        #expect(wake(actions) == start + .seconds(4))
        #expect(attempts(lane.advance(at: start + .seconds(4))) == [3])
    }

    @Test("a switched-off destination gives back and takes nothing; switched on it goes on")
    func switchedOff() {
        var lane = lane()
        let room = lane.reserve(3, at: start)
        lane.settled(reserved: room, rows: (1...3).map { row($0) }, left: 1, lease: lease(), at: start)
        lane.set(nil)
        let actions = lane.advance(at: start)
        #expect(given(actions) == [1, 2, 3])
        #expect(take(actions) == nil)
        #expect(lane.reserve(1, at: start) == 0)
        lane.set(Lane.Limits(concurrency: 2, timeout: .seconds(10), perSecond: nil))
        #expect(take(lane.advance(at: start)) != nil)
    }

    @Test("a stopping lane gives back what waits, keeps what is attempted, begins nothing")
    func stopping() {
        var lane = lane()
        let room = lane.reserve(4, at: start)
        lane.settled(reserved: room, rows: (1...4).map { row($0) }, left: 3, lease: lease(), at: start)
        #expect(attempts(lane.advance(at: start)) == [1, 2])
        lane.stop()
        let actions = lane.advance(at: start)
        #expect(given(actions) == [3, 4])
        #expect(take(actions) == nil)
        #expect(lane.attempting.keys.sorted() == [1, 2])
        lane.set(Lane.Limits(concurrency: 2, timeout: .seconds(10), perSecond: nil))
        #expect(lane.phase == .stopping, "a stopping lane stays so")
    }

    @Test("a slow receiver leases few rows ahead, a fast one many")
    func ahead() {
        var lane = lane()
        lane.mean = .seconds(10)
        #expect(lane.target == lane.limits.concurrency)
        lane.mean = .milliseconds(5)
        #expect(lane.target == lane.limits.concurrency + Lane.aheadMaximum)
    }

    @Test("a lane's own rate holds attempts back, divided by the processes")
    func rate() {
        var lane = lane(concurrency: 100, perSecond: 10)
        lane.budget.set(processes: 5)
        #expect(lane.reserve(1000, at: start) == 10, "what it may start within five seconds")
        lane.settled(reserved: 10, rows: (1...60).map { row($0) }, left: 0, lease: lease(), at: start)
        var started = 0
        for tenth in 0...50 {
            started += attempts(lane.advance(at: start + .milliseconds(100 * tenth))).count
        }
        // 2 a second here, and one second's worth saved at the start.
        #expect((11...12).contains(started))
    }
}
