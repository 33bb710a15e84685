import Database
import Orders
import Support
import Testing

@testable import Ledger

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
        #expect(run.inverted.isEmpty, "seed \(seed): rows were given out after later ones of their key")
    }

    struct Run {
        let fixture: Fixture
        var random: SeededGenerator
        var next: Int64 = 0
        var made = 0
        /// What each process holds, as it believes.
        var held: [String: [LeasedDelivery]] = ["a": [], "b": []]
        /// By lane the latest row that its receiver has or may have: it was attempted, or lost with a process that may have
        /// done so. What failed for the configuration, was declined or given back never got there. Order means that no row
        /// before it is given out any more, whatever is replayed.
        var reached: [String: Int64] = [:]
        /// Rows that were.
        var inverted: [Int64] = []

        init(_ maker: LedgerMaker, seed: UInt64) async throws {
            fixture = try await Fixture(maker)
            random = SeededGenerator(seed: seed)
            _ = try await fixture.ledger.position(of: "w", in: partition, base: 0)
        }

        mutating func step() async throws {
            let owner = Bool.random(using: &random) ? "a" : "b"
            switch Int.random(in: 0..<14, using: &random) {
            case 0...2: try await takeIn(owner)
            case 3...4: try await take(owner)
            case 5...7: try await complete(owner)
            case 8:
                // The process dies: what it held is forgotten by it, not by the ledger. Or its outcomes come too late.
                if Bool.random(using: &random) { held[owner] = [] }
                fixture.clock.advance(Int64.random(in: 1...40_000, using: &random))
                try await rescue()
            case 9: try await makeReplay()
            case 10...12: try await stepReplays()
            default:
                _ = try await fixture.ledger.renew(held[owner]!, owner: owner)
            }
        }

        /// Whoever held what is rescued may have attempted it.
        mutating func rescue() async throws {
            let lost = try await fixture.database.read(
                Statement(
                    "SELECT id, destination, key FROM deliveries WHERE state = 'in_flight' AND lease_until <= now_ms()")
            )
            for row in lost { reach("\(row[1].text!) \(row[2].text!)", row[0].integer!) }
            _ = try await fixture.ledger.rescueExpired(worker: "w")
        }

        mutating func makeReplay() async throws {
            let states: [DeliveryState] = [.dead, .parked, .done].filter { _ in Bool.random(using: &random) }
            let destinations: [Destination?] = ["x", "y", nil]
            var selection = ReplaySelection(
                destination: destinations.randomElement(using: &random)!, states: Set(states),
                again: Bool.random(using: &random))
            if Bool.random(using: &random) { selection.orders = [orderID(0), orderID(3)] }
            let tally = try await fixture.ledger.tally(selection)
            guard tally.count(.replayed) > 0 else { return }
            let id = try await fixture.ledger.makeReplay(
                selection, tally: tally, name: "test", author: "test", rate: Int.random(in: 1...5, using: &random))
            guard Int.random(in: 0..<5, using: &random) == 0 else { return }
            _ = try await fixture.ledger.stepReplays(of: "w")
            _ = try await fixture.ledger.abortReplay(id, by: "test")
        }

        mutating func stepReplays() async throws {
            if case .waits(let milliseconds) = try await fixture.ledger.stepReplays(of: "w") {
                fixture.clock.advance(milliseconds)
                _ = try await fixture.ledger.stepReplays(of: "w")
            }
        }

        private mutating func reach(_ lane: String, _ row: Int64) { reached[lane] = max(reached[lane] ?? 0, row) }

        /// Rows are given out.
        private mutating func note(granted rows: [LeasedDelivery]) {
            inverted += rows.filter { $0.id < reached["\($0.destination) \($0.key)"] ?? 0 }.map(\.id)
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
                let leased = try await fixture.ledger.takeIn(batch)
                note(granted: leased)
                held[owner]! += leased
                guard !isStale || next == 0 else { return }
                next = batch.next
            } catch {
                #expect((error.code == .fenced && isStale) || (error.code == .other && next == 0), "\(error)")
            }
        }

        mutating func take(_ owner: String) async throws {
            let destination: Destination = Bool.random(using: &random) ? "x" : "y"
            let taken = try await fixture.ledger.takeDue(
                worker: "w", destination: destination, limit: Int.random(in: 1...4, using: &random), owner: owner)
            note(granted: taken)
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
                    .dead(reason: "refused"), .dead(reason: "given up"), .parked(reason: "reintake"),
                    .skipped(reason: "declined"), .givenBack,
                ]
                // What was in doubt stays so until the receiver has it.
                var completion = completion(row, verdicts.randomElement(using: &random)!, unknown: row.isOutcomeUnknown)
                if case .held = completion.verdict { completion.outcome = "configuration" }
                return completion
            }
            let written = try await fixture.ledger.complete(completions, owner: owner)
            #expect(written.isSubset(of: Set(rows.map(\.id))))
            for completion in completions where written.contains(completion.delivery.id) {
                switch completion.verdict {
                case .held, .skipped, .givenBack: break
                case .done, .retry, .dead, .parked:
                    reach("\(completion.delivery.destination) \(completion.delivery.key)", completion.delivery.id)
                }
            }
        }

        /// Lets one process do all that is left.
        mutating func drain() async throws {
            for _ in 0..<2_000 {
                fixture.clock.advance(100_000)
                try await rescue()
                while try await fixture.ledger.stepReplays(of: "w") != .nothing { fixture.clock.advance(1_000) }
                var rows: [LeasedDelivery] = []
                for destination: Destination in ["x", "y"] {
                    rows += try await fixture.ledger.takeDue(
                        worker: "w", destination: destination, limit: 50, owner: "z")
                }
                note(granted: rows)
                let completions = rows.map { LedgerTests.completion($0) }
                let written = try await fixture.ledger.complete(completions, owner: "z")
                #expect(written.count == rows.count)
                for row in rows { reach("\(row.destination) \(row.key)", row.id) }
                let open = try await fixture.number(
                    "SELECT count(*) FROM deliveries WHERE worker <> '' AND state <> 'parked'")
                let parked = try await fixture.number("SELECT count(*) FROM deliveries WHERE state = 'parked'")
                if open == 0 || (rows.isEmpty && parked > 0) { break }
            }
            let stuck = try await fixture.number(
                """
                SELECT count(*) FROM deliveries AS d WHERE worker <> '' AND state IN ('pending', 'in_flight') AND NOT EXISTS (
                  SELECT 1 FROM deliveries AS e WHERE e.destination = d.destination AND e.key = d.key AND e.id < d.id
                  AND e.state = 'parked')
                """)
            #expect(stuck == 0, "rows that nothing holds were never taken")
        }

        /// Open and closed rows.
        private static let rows = """
            SELECT id, worker, event_id, attempts_before + attempt AS attempts FROM deliveries
            WHERE worker <> ''
            UNION ALL SELECT id, worker, event_id, attempts_before + attempt FROM history
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
                    WHERE d.attempts <> (SELECT count(*) FROM attempts AS a WHERE a.delivery = d.id AND a.class <> 'configuration')
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
                (
                    "a replay's figures and its rows differ",
                    """
                    SELECT count(*) FROM replay_parts AS p
                    WHERE p.replayed + p.superseded + p.in_doubt + p.without_event <> (SELECT count(*) FROM replay_rows AS f
                      WHERE f.replay = p.replay AND f.destination = p.destination)
                    """
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
