import Database
import Orders
import Support
import Testing

@testable import Ledger

/// A row that opens again comes in front of rows that others are taking at that moment.
@Suite("Replays beside takes", .serialized) struct ReplayConcurrencyTests {
    private static let replays = 178
    private static let keys = 6
    private static let sources = [partition, LogPartition(cluster: "c", topic: "orders", partition: 4)]

    @Test(
        "178 replays beside two takers and an intake: no row is in flight before an earlier open one",
        arguments: LedgerMaker.shared)
    func inversions(maker: LedgerMaker) async throws {
        let fixture = try await Fixture(maker)
        _ = try await fixture.ledger.position(of: "w", in: partition, base: 0)
        let isOver = Shared(false)
        let (seen, looks, wanted) = (Shared(0), Shared(0), Shared(1))
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<2 {
                let ledger = try fixture.another()
                group.addTask {
                    try await Self.deliver(ledger, owner: "\(number)", seed: UInt64(number), until: isOver)
                }
            }
            for source in Self.sources {
                let ledger = try fixture.another()
                group.addTask { try await Self.takeIn(ledger, from: source, after: wanted, until: isOver) }
            }
            let watching = try fixture.open()
            group.addTask {
                while !isOver.now {
                    let inverted = try await watching.read(Statement(Self.inverted))
                    looks.change { $0 += 1 }
                    seen.change { $0 += inverted.count }
                }
                await watching.close()
            }
            let ledger = try fixture.another()
            group.addTask {
                defer { isOver.now = true }
                for _ in 0..<Self.replays { try await Self.replay(ledger, fixture.clock, wanted) }
                await ledger.close()
            }
            try await group.waitForAll()
        }
        #expect(seen.now == 0, "\(seen.now) rows were in flight before an earlier open one")
        #expect(looks.now > 100, "nobody looked")
        #expect(try await fixture.number("SELECT count(*) FROM replay_rows WHERE fate = 'replayed'") >= 178)
        #expect(try await fixture.ledger.books(of: "w").allSatisfy { $0.unaccounted == 0 })
    }

    /// An order with a dead row and a later pending one, and a replay of the dead one.
    private static func ready(_ maker: LedgerMaker) async throws -> (Fixture, dead: LeasedDelivery, replay: String) {
        let fixture = try await Fixture(maker)
        let ledger = fixture.ledger
        _ = try await ledger.position(of: "w", in: partition, base: 0)
        _ = try await ledger.takeIn(batch([event(1)], to: "x", worker: "w"))
        let dead = try await ledger.takeDue(worker: "w", destination: "x", limit: 1, owner: "a")
        _ = try await ledger.complete(dead.map { completion($0, .dead(reason: "no")) }, owner: "a")
        _ = try await ledger.takeIn(batch([event(1, update: 1)], to: "x", from: 1, worker: "w"))
        let selection = ReplaySelection(destination: "x")
        let replay = try await ledger.makeReplay(
            selection, tally: try await ledger.tally(selection), name: "test", author: "test", rate: 100)
        return (fixture, try #require(dead.first), replay)
    }

    /// Somebody waits for one of the ledger's locks.
    private static let waiting = """
        SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted
          AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
        """

    @Test(
        "a replay waits for a take that is not committed, and then leaves alone what that has overtaken",
        arguments: LedgerMaker.shared.filter(\.isPostgreSQL))
    func behindATake(maker: LedgerMaker) async throws {
        let (fixture, _, id) = try await Self.ready(maker)
        let taking = try await fixture.holding([
            LedgerLock.sharing(["x"]),
            Statement(
                DeliveryStatements.take, [.text("w"), .text("b")], rows: [[.text("x"), .integer(5)]], isFence: true),
        ])
        let ledger = fixture.ledger
        let step = Task { try await ledger.stepReplays(of: "w") }
        try await eventually("the step waits") { try await fixture.number(Self.waiting) == 1 }
        try await taking.commit()
        #expect(try await step.value == .done(replay: id, destination: "x", fates: [.superseded: 1]))
        #expect(try await ledger.leased(to: "b", worker: "w").map(\.eventID) == [event(1, update: 1).id])
    }

    @Test(
        "a take waits for a replay that is not committed, and then takes what that has opened",
        arguments: LedgerMaker.shared.filter(\.isPostgreSQL))
    func behindAReplay(maker: LedgerMaker) async throws {
        let (fixture, dead, _) = try await Self.ready(maker)
        let id = [Value.integer(dead.id)]
        let replaying = try await fixture.holding([
            LedgerLock.alone(with: "x"),
            Statement(
                """
                INSERT INTO deliveries(id, worker, destination, event_id, key, part, state, next_attempt_at, planned_at,
                  changed_at) OVERRIDING SYSTEM VALUE
                SELECT id, worker, destination, event_id, key, part, 'pending', now_ms(), planned_at, now_ms() FROM history
                WHERE id = $1
                """, id),
            Statement("DELETE FROM history WHERE id = $1", id, isFence: true),
        ])
        let ledger = fixture.ledger
        let take = Task { try await ledger.takeDue(worker: "w", destination: "x", limit: 5, owner: "b") }
        try await eventually("the take waits") { try await fixture.number(Self.waiting) == 1 }
        try await replaying.commit()
        #expect(try await take.value.map(\.id) == [dead.id])
    }

    private static let inverted = """
        SELECT d.id FROM deliveries AS d JOIN deliveries AS e ON e.key = d.key AND e.destination = d.destination
          AND e.id < d.id WHERE d.state = 'in_flight'
        """

    /// Every other row dies, so that there is always something to replay.
    private static func deliver(_ ledger: Ledger, owner: String, seed: UInt64, until isOver: Shared<Bool>) async throws
    {
        var random = SeededGenerator(seed: seed)
        while !isOver.now {
            let rows = try await ledger.takeDue(worker: "w", destination: "x", limit: 3, owner: owner)
            let ends = rows.map { row in
                completion(row, Bool.random(using: &random) ? .dead(reason: "no") : .skipped(reason: "declined"))
            }
            _ = try await ledger.complete(ends, owner: owner)
        }
        await ledger.close()
    }

    /// More events of the same few orders, as many batches as are wanted.
    private static func takeIn(
        _ ledger: Ledger, from source: LogPartition, after wanted: Shared<Int>, until isOver: Shared<Bool>
    ) async throws {
        var next = try await ledger.position(of: "w", in: source, base: 0).next
        while !isOver.now {
            let orders = orders(of: source, Int(next) / keys)
            let events = orders.map { event($0, update: Int(next) + $0) }
            var batch = batch(events, to: "x", from: next, owner: "intake", worker: "w")
            batch.source = source
            _ = try await ledger.takeIn(batch)
            next = batch.next
            while !isOver.now, next >= Int64(wanted.now * keys) { try await Task.sleep(for: .milliseconds(1)) }
        }
        await ledger.close()
    }

    /// The orders of a batch: a few, and others after some batches, since no order has a thousand events.
    private static func orders(of source: LogPartition, _ batch: Int) -> Range<Int> {
        let first = Int(source.partition) * 1_000_000 + max(0, batch / 8) * keys
        return first..<(first + keys)
    }

    /// One replay that opens at least one row.
    private static func replay(_ ledger: Ledger, _ clock: ManualClock, _ wanted: Shared<Int>) async throws {
        var selection = ReplaySelection(destination: "x")
        var tally = ReplayTally()
        while tally.count(.replayed) == 0 {
            clock.advance(1)
            // No more than the takers keep up with: of orders that nobody has come to yet none is dead.
            let isCaughtUp = try await ledger.books(of: "w").allSatisfy { book in
                [.pending, .inFlight].reduce(0) { $0 + (book.rows[$1] ?? 0) } < 8 * keys
            }
            let batch = wanted.change { wanted in
                if isCaughtUp { wanted += 1 }
                return wanted
            }
            selection.orders = sources.flatMap { Array(orders(of: $0, batch)) + Array(orders(of: $0, batch - 8)) }
                .map { orderID($0) }
            tally = try await ledger.tally(selection)
        }
        let id = try await ledger.makeReplay(selection, tally: tally, name: "test", author: "test", rate: 10_000)
        while try await ledger.replay(id)?.state == .running {
            if case .waits(let milliseconds) = try await ledger.stepReplays(of: "w") { clock.advance(milliseconds) }
        }
    }
}
