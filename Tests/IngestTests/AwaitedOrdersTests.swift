import Orders
import Testing

@testable import Ingest

@Suite("Who waits for the ledger")
struct AwaitedOrdersTests {
    private let start = ContinuousClock.now
    private func wanted(_ number: Int, _ part: WantedOrder.Part = .order) -> WantedOrder {
        WantedOrder(
            id: OrderID(account: "shop", .external(id: "\(number)", source: nil)), account: "shop", part: part)
    }

    @Test("the first to wait starts the looking, and it ends with the last")
    func looking() {
        var awaited = AwaitedOrders<Int>(maximum: 9)
        #expect(awaited.wait(for: wanted(1), until: start + .seconds(1), 1) == .waits(startsLooking: true))
        #expect(awaited.wait(for: wanted(2), until: start + .seconds(2), 2) == .waits(startsLooking: false))
        let turn = awaited.turn(now: start)
        #expect(turn.expired.isEmpty && turn.wanted == [wanted(1), wanted(2)] && turn.nextEnd == start + .seconds(1))
        #expect(awaited.seen([wanted(1), wanted(2)]) == [1, 2])
        #expect(awaited.turn(now: start).nextEnd == nil)
        #expect(awaited.wait(for: wanted(3), until: start, 3) == .waits(startsLooking: true))
    }

    @Test("each waits no longer than it may, and only for what it asked for")
    func ends() {
        var awaited = AwaitedOrders<Int>(maximum: 9)
        _ = awaited.wait(for: wanted(1), until: start + .seconds(1), 1)
        _ = awaited.wait(for: wanted(1, .timeline), until: start + .seconds(3), 2)
        #expect(awaited.seen([wanted(2)]).isEmpty)
        let turn = awaited.turn(now: start + .seconds(1))
        #expect(turn.expired == [1] && turn.wanted == [wanted(1, .timeline)])
        #expect(awaited.seen([wanted(1)]).isEmpty)
        #expect(awaited.seen([wanted(1, .timeline)]) == [2] && awaited.count == 0)
    }

    @Test("no more wait than may, and nobody after the end")
    func bounded() {
        var awaited = AwaitedOrders<Int>(maximum: 1)
        _ = awaited.wait(for: wanted(1), until: start, 1)
        #expect(awaited.wait(for: wanted(2), until: start, 2) == .full)
        #expect(awaited.close() == [1])
        #expect(awaited.wait(for: wanted(1), until: start, 3) == .full)
    }
}
