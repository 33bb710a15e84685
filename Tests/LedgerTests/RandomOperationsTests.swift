import Database
import Orders
import Support
import Testing

@testable import Ledger

/// SplitMix64: a seed gives the same numbers everywhere.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64
    init(seed: UInt64) { state = seed }
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

/// Two processes do at random what processes do, and die at random; after each step every invariant of the books is asked
/// of the tables.
@Suite("Random operations") struct RandomOperationsTests {
    @Test(
        "whatever two processes do and lose, the books close and keys keep their order",
        arguments: LedgerMaker.all, 1...25 as ClosedRange<UInt64>)
    func booksClose(maker: LedgerMaker, seed: UInt64) async throws {
        var run = try await Run(maker, seed: seed)
        for step in 0..<120 {
            try await run.step()
            try await run.check("seed \(seed), step \(step)")
        }
        try await run.drain()
        try await run.check("seed \(seed), at the end")
        let isInOrder = run.deliveredInOrder
        #expect(isInOrder, "seed \(seed): an event was delivered before an earlier one of its key")
    }

    struct Run {
        let fixture: Fixture
        var random: SeededGenerator
        var next: Int64 = 0
        var made = 0
        /// What each process holds, as it believes.
        var held: [String: [LeasedDelivery]] = ["a": [], "b": []]
        /// Lanes and their events in the order of their outcomes.
        var ended: [String: [String]] = [:]
        /// Lanes and their events in the order of planning.
        var planned: [String: [String]] = [:]
        var deliveredInOrder = true

        init(_ maker: LedgerMaker, seed: UInt64) async throws {
            fixture = try await Fixture(maker)
            random = SeededGenerator(seed: seed)
            _ = try await fixture.ledger.position(of: "w", in: partition, base: 0)
        }

        mutating func step() async throws {
            let owner = Bool.random(using: &random) ? "a" : "b"
            switch Int.random(in: 0..<10, using: &random) {
            case 0...2: try await takeIn(owner)
            case 3...4: try await take(owner)
            case 5...7: try await complete(owner)
            case 8:
                // The process dies: what it held is forgotten by it, not by the ledger. Or its outcomes come too late.
                if Bool.random(using: &random) { held[owner] = [] }
                fixture.clock.advance(Int64.random(in: 1...40_000, using: &random))
                _ = try await fixture.ledger.rescueExpired(worker: "w")
            default:
                _ = try await fixture.ledger.renew(held[owner]!, owner: owner)
            }
        }

        mutating func takeIn(_ owner: String) async throws {
            var entries: [IntakeEntry] = []
            for _ in 0..<Int.random(in: 0...5, using: &random) {
                let offset = next + Int64(entries.count)
                let order = Int.random(in: 0..<4, using: &random)
                made += 1
                let event = event(order, update: made)
                switch Int.random(in: 0..<6, using: &random) {
                case 0: entries.append(entry(event, at: offset, .skipped(reason: "no destination")))
                case 1: entries.append(entry(event, at: offset, .folded))
                default:
                    var deliveries = [PlannedDelivery(destination: "x")]
                    if Bool.random(using: &random) { deliveries.append(PlannedDelivery(destination: "y")) }
                    if Int.random(in: 0..<8, using: &random) == 0 { deliveries[0].declined = "declined" }
                    entries.append(entry(event, at: offset, .planned(deliveries)))
                }
            }
            let gap = Int64.random(in: 0...1, using: &random)
            let isStale = Int.random(in: 0..<5, using: &random) == 0
            let batch = IntakeBatch(
                worker: "w", source: partition, owner: owner, from: next - (isStale ? 1 : 0),
                next: next + Int64(entries.count) + gap, entries: entries, room: ["x": 2, "y": 1])
            do throws(LedgerError) {
                held[owner]! += try await fixture.ledger.takeIn(batch)
                guard !isStale || next == 0 else { return }
                next = batch.next
                for entry in entries { note(entry) }
            } catch {
                #expect((error.code == .fenced && isStale) || (error.code == .other && next == 0), "\(error)")
            }
        }

        private mutating func note(_ entry: IntakeEntry) {
            guard case .planned(let deliveries) = entry.disposition else { return }
            for delivery in deliveries { planned["\(delivery.destination) \(entry.key)", default: []].append(entry.id) }
        }

        mutating func take(_ owner: String) async throws {
            let destination: Destination = Bool.random(using: &random) ? "x" : "y"
            let taken = try await fixture.ledger.takeDue(
                worker: "w", destination: destination, limit: Int.random(in: 1...4, using: &random), owner: owner)
            held[owner]!.removeAll { old in taken.contains { $0.id == old.id } }
            held[owner]! += taken
        }

        mutating func complete(_ owner: String) async throws {
            let count = Int.random(in: 0...held[owner]!.count, using: &random)
            let rows = Array(held[owner]!.shuffled(using: &random).prefix(count))
            held[owner]!.removeAll { rows.contains($0) }
            let completions = rows.map { row in
                let verdicts: [Completion.Verdict] = [
                    .done, .done, .held(afterMilliseconds: 1_000),
                    .retry(afterMilliseconds: Int64.random(in: 0...90_000, using: &random)),
                    .dead(reason: "refused"), .skipped(reason: "declined"), .givenBack,
                ]
                var completion = completion(row, verdicts.randomElement(using: &random)!)
                if case .held = completion.verdict { completion.outcome = "configuration" }
                return completion
            }
            let written = try await fixture.ledger.complete(completions, owner: owner)
            #expect(written.isSubset(of: Set(rows.map(\.id))))
            for completion in completions where written.contains(completion.delivery.id) && completion.closesItsRow {
                ended["\(completion.delivery.destination) \(completion.delivery.key)", default: []]
                    .append(completion.delivery.eventID)
            }
        }

        /// Lets one process do all that is left.
        mutating func drain() async throws {
            for _ in 0..<2_000 {
                fixture.clock.advance(100_000)
                _ = try await fixture.ledger.rescueExpired(worker: "w")
                var rows: [LeasedDelivery] = []
                for destination: Destination in ["x", "y"] {
                    rows += try await fixture.ledger.takeDue(
                        worker: "w", destination: destination, limit: 50, owner: "z")
                }
                let completions = rows.map { LedgerTests.completion($0) }
                let written = try await fixture.ledger.complete(completions, owner: "z")
                #expect(written.count == rows.count)
                for row in rows { ended["\(row.destination) \(row.key)", default: []].append(row.eventID) }
                let open = try await fixture.number(
                    "SELECT count(*) FROM deliveries WHERE state <> 'parked'")
                let parked = try await fixture.number("SELECT count(*) FROM deliveries WHERE state = 'parked'")
                if open == 0 || (rows.isEmpty && parked > 0) { break }
            }
            let stuck = try await fixture.number(
                """
                SELECT count(*) FROM deliveries AS d WHERE state IN ('pending', 'in_flight') AND NOT EXISTS (
                  SELECT 1 FROM deliveries AS e WHERE e.destination = d.destination AND e.key = d.key AND e.id < d.id
                  AND e.state = 'parked')
                """)
            #expect(stuck == 0, "rows that nothing holds were never taken")
            for (lane, events) in ended {
                // Declined at birth and parked ones are missing among those that ended.
                let order = planned[lane]!.filter(Set(events).contains)
                if order != events { deliveredInOrder = false }
            }
        }

        /// Open and closed rows.
        private static let rows = """
            SELECT id, worker, event_id, attempt FROM deliveries UNION ALL SELECT id, worker, event_id, attempt FROM history
            """

        func check(_ place: String) async throws {
            for book in try await fixture.ledger.books(of: "w") {
                #expect(book.unaccounted == 0, "\(place): \(book)")
            }
            let position = try await fixture.ledger.position(of: "w", in: partition)!
            let sum = position.planned + position.folded + position.skipped + position.lost
            #expect(position.next == next && sum == position.next - position.base, "\(place): \(position)")
            let wrong: [(String, String)] = [
                (
                    "two of a lane are in flight",
                    "SELECT count(*) FROM (SELECT 1 FROM deliveries WHERE state = 'in_flight' GROUP BY destination, key HAVING count(*) > 1) AS t"
                ),
                (
                    "a row is in flight before an earlier open one of its lane",
                    """
                    SELECT count(*) FROM deliveries AS d JOIN deliveries AS e ON e.destination = d.destination AND e.key = d.key
                    AND e.id < d.id WHERE d.state = 'in_flight'
                    """
                ),
                (
                    "attempts and their count differ",
                    """
                    SELECT count(*) FROM (\(Self.rows)) AS d
                    WHERE d.attempt <> (SELECT count(*) FROM attempts AS a WHERE a.delivery = d.id AND a.class <> 'configuration')
                    """
                ),
                (
                    "a row is open and closed",
                    "SELECT count(*) FROM deliveries AS d JOIN history AS h ON h.id = d.id"
                ),
                (
                    "an attempt has no row",
                    "SELECT count(*) FROM attempts WHERE delivery NOT IN (SELECT d.id FROM (\(Self.rows)) AS d)"
                ),
                (
                    "a row's event is missing",
                    """
                    SELECT count(*) FROM (\(Self.rows)) AS d WHERE NOT EXISTS (SELECT 1 FROM events AS e
                    WHERE e.worker = d.worker AND e.event_id = d.event_id AND e.disposition = 'planned')
                    """
                ),
                (
                    "events and position differ",
                    "SELECT count(*) - \(position.planned) FROM events WHERE disposition = 'planned'"
                ),
                ("folds and position differ", "SELECT count(*) - \(position.folded) FROM folds"),
            ]
            for (what, text) in wrong {
                let count = try await fixture.number(text)
                #expect(count == 0, "\(place): \(what) (\(count))")
            }
        }
    }
}
