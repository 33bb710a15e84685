import Ledger
import Lifecycle
import Support
import Testing

@testable import Delivery

/// What a destination that never answers costs the others, counted in takes: no clock is in it.
@Suite("A dead destination among others") struct DeadDestinationTests {
    @Test("the others' rows are taken as soon, and in as few takes, as if it worked", arguments: [50, 200])
    func takes(destinations: Int) {
        var well = TakingBench(destinations: destinations, dead: nil)
        well.run()
        var bench = TakingBench(destinations: destinations, dead: 0)
        bench.run()
        let others = (1..<destinations).map(TakingBench.destination)
        #expect(others.allSatisfy { bench.done[$0] == TakingBench.rowsOfEach })
        #expect(bench.takes <= well.takes)
        // One take each for the two that ask first, and all others together, as many as one take asks for.
        let most = LaneTable<Bool>.takenDestinationsMaximum
        #expect(others.allSatisfy { bench.firstTake[$0]! <= 2 + (destinations - 2 + most - 1) / most })
        // Its own share, and nothing of theirs: four attempts, and what is leased ahead while one is thought to take a second.
        let dead = TakingBench.destination(0)
        #expect(bench.done[dead] == nil && bench.attempts[dead] == TakingBench.limits.concurrency)
        #expect(bench.table.entries[dead]!.lane.held <= 24)
    }
}

/// The lanes of many destinations with rows that are all due, of which one may hang; whatever is asked for is there at once.
private struct TakingBench {
    static let rowsOfEach = 100
    static let limits = Lane.Limits(concurrency: 4, timeout: .seconds(10), perSecond: nil)
    static func destination(_ number: Int) -> Destination { Destination("d\(number)") }

    /// A receiver is whether it answers.
    private(set) var table = LaneTable<Bool> { _ in limits }
    private(set) var takes = 0
    /// Which take brought a destination its first rows.
    private(set) var firstTake: [Destination: Int] = [:]
    private(set) var attempts: [Destination: Int] = [:]
    private(set) var done: [Destination: Int] = [:]
    private var left: [Destination: Int] = [:]
    private var nextID: Int64 = 1
    private var actions: [LaneTable<Bool>.Action] = []

    init(destinations: Int, dead: Int?) {
        for number in 0..<destinations {
            let destination = Self.destination(number)
            table.enter(destination, number != dead)
            left[destination] = Self.rowsOfEach
            actions += table.change(destination, at: start) { $0.noticed(dueAt: start) }
        }
    }

    /// Until nothing follows any more.
    mutating func run() {
        // Each row is attempted once, and each take brings a row or is a lane's last.
        var stepsLeft = left.count * Self.rowsOfEach * 4
        while !actions.isEmpty, stepsLeft > 0 {
            stepsLeft -= 1
            perform(actions.removeFirst())
        }
        #expect(actions.isEmpty, "it goes on for ever")
    }

    private mutating func perform(_ action: LaneTable<Bool>.Action) {
        switch action {
        case .attempt(let held, let answers):
            let (id, destination) = (held.row.id, held.row.destination)
            attempts[destination, default: 0] += 1
            guard answers else { return }
            done[destination, default: 0] += 1
            actions += table.change(destination, at: start) { lane in
                _ = lane.ended(id, .answered, took: .zero, at: start, policy: .breaker, random: shortest)
            }
            actions += table.change(destination, at: start) { $0.written(id, .closed, at: start) }
        case .take(let limits):
            takes += 1
            let rows = limits.reduce(into: [Destination: [LeasedDelivery]]()) { $0[$1.key] = take($1.key, $1.value) }
            actions += table.took(limits, .rows(rows, Lease(since: start)), at: start, random: shortest)
        case .giveBack(let rows): Issue.record("rows are given back: \(rows)")
        case .wake: break
        }
    }

    private mutating func take(_ destination: Destination, _ limit: Int) -> [LeasedDelivery] {
        let count = min(limit, left[destination]!)
        left[destination]! -= count
        if count > 0, firstTake[destination] == nil { firstTake[destination] = takes }
        return (0..<count).map { _ in
            defer { nextID += 1 }
            return row(nextID, to: destination)
        }
    }
}
