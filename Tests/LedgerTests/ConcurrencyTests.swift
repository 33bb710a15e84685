import Database
import Foundation
import Orders
import Support
import Testing

@testable import Ledger

/// Several programs on one database, each with connections of its own. In the long form, `ORDERRELAY_LONG=1`, 10,000 tries
/// instead of 500, and five minutes instead of half a one.
@Suite("Several programs at once", .serialized) struct ConcurrencyTests {
    @Test("four owners of one partition at once: what is held is what the position says", arguments: LedgerMaker.shared)
    func zombies(maker: LedgerMaker) async throws {
        let triesOfEach = isLongForm ? 2_500 : 125
        let fixture = try await Fixture(maker)
        _ = try await fixture.ledger.position(of: "w", in: partition, base: 0)
        let held = Shared(0)
        let refused = Shared(0)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for owner in 0..<4 {
                let ledger = try fixture.another()
                group.addTask {
                    for attempt in 0..<triesOfEach {
                        let next = try await ledger.position(of: "w", in: partition)!.next
                        let events = (0...attempt % 3).map { event(owner * 10_000 + attempt, update: $0) }
                        do throws(LedgerError) {
                            let batch = batch(events, from: next, owner: "\(owner)", worker: "w", room: 3)
                            _ = try await ledger.takeIn(batch)
                            held.change { $0 += events.count }
                        } catch {
                            guard error.code == .fenced else { throw error }
                            refused.change { $0 += 1 }
                        }
                    }
                    await ledger.close()
                }
            }
            try await group.waitForAll()
        }
        let position = try await fixture.ledger.position(of: "w", in: partition)!
        #expect(position.next == held.now && position.planned == held.now)
        #expect(try await fixture.number("SELECT count(*) FROM events") == held.now)
        #expect(try await fixture.number("SELECT count(*) FROM deliveries WHERE worker <> ''") == held.now)
        #expect(try await fixture.number("SELECT max(log_offset) + 1 FROM events") == held.now)
        #expect(refused.now > 0, "nobody came between: nothing was tried")
        if isLongForm { print("zombies on \(maker.kind): \(held.now) records held, \(refused.now) tries refused") }
    }

    @Test(
        "eight programs that do everything at once never hear of a deadlock, and the books close",
        arguments: LedgerMaker.shared)
    func everything(maker: LedgerMaker) async throws {
        let fixture = try await Fixture(maker)
        let clock = fixture.clock
        let end = ContinuousClock.now + .seconds(isLongForm ? 300 : 30)
        let programs = try (0..<8).map { number in
            Program(
                number: number, ledger: try fixture.another(), seed: UInt64(number + 1),
                mayWaitInVain: isLongForm && !maker.isPostgreSQL)
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                // Leases run out now and then.
                while ContinuousClock.now < end {
                    clock.advance(1_000)
                    try await Task.sleep(for: .milliseconds(50))
                }
            }
            for program in programs { group.addTask { try await program.run(until: end) } }
            try await group.waitForAll()
        }
        for program in programs { await program.ledger.close() }
        let waits = programs.map(\.waitsInVain.now)
        #expect(waits.reduce(0, +) < 40, "waited for the file in vain: \(waits)")
        let books = try await fixture.ledger.books(of: "w")
        #expect(!books.isEmpty && books.allSatisfy { $0.unaccounted == 0 }, "\(books)")
        #expect(try await fixture.number("SELECT count(*) FROM history") > 0)
        let sums = "SELECT CAST(SUM(next_offset - planned - folded - skipped) AS bigint) FROM positions"
        #expect(try await fixture.number(sums) == 0)
    }

    /// One program: it takes in partitions that others take in too, and delivers what is due to shared destinations.
    private struct Program: Sendable {
        let number: Int
        let ledger: Ledger
        let seed: UInt64
        /// A file has one writer, and no queue before it: in five minutes beside seven others one may wait longer than its five
        /// seconds. Workers try again then, as after any outage; on a server nothing of the kind happens.
        let mayWaitInVain: Bool
        let waitsInVain = Shared(0)

        func run(until end: ContinuousClock.Instant) async throws {
            var random = SeededGenerator(seed: seed)
            var held: [LeasedDelivery] = []
            var made = 0
            let owner = "\(number)"
            while ContinuousClock.now < end {
                do throws(LedgerError) {
                    try await step(owner, &made, &held, &random)
                } catch {
                    guard mayWaitInVain, error.isRetriable else { throw error }
                    waitsInVain.change { $0 += 1 }
                }
            }
        }

        private func step(
            _ owner: String, _ made: inout Int, _ held: inout [LeasedDelivery], _ random: inout SeededGenerator
        ) async throws(LedgerError) {
            switch Int.random(in: 0..<10, using: &random) {
            case 0...3:
                made += 1
                held += try await takeIn(made, owner, &random)
            case 4...5:
                let limits: [Destination: Int] = ["x": 4, "y": 4, "z": 4]
                held += try await ledger.takeDue(worker: "w", limits, owner: owner).values.joined()
            case 6...7:
                let ended = held.shuffled(using: &random).map { row in
                    completion(row, Bool.random(using: &random) ? .done : .retry(afterMilliseconds: 500))
                }
                held = []
                _ = try await ledger.complete(ended, owner: owner)
            case 8:
                _ = try await ledger.renew(held, owner: owner)
                _ = try await ledger.rescueExpired(worker: "w")
                if Bool.random(using: &random) { held = [] }
            default:
                try await ledger.heartbeat(process: owner, worker: "w")
                _ = try await ledger.pendingDestinations(of: "w")
            }
        }

        private func takeIn(
            _ made: Int, _ owner: String, _ random: inout SeededGenerator
        ) async throws(LedgerError) -> [LeasedDelivery] {
            var source = partition
            source.partition = Int32.random(in: 0..<4, using: &random)
            let next = try await ledger.position(of: "w", in: source, base: 0).next
            let count = Int.random(in: 1...20, using: &random)
            let entries = (0..<count).map { index in
                entry(
                    event(Int(source.partition) * 100 + index % 7, update: number * 1_000_000 + made * 100 + index),
                    at: next + Int64(index),
                    .planned((["x", "y", "z"] as [Destination]).map { PlannedDelivery(destination: $0) }))
            }
            // All programs count the same buyers.
            let changes = (0..<20).shuffled(using: &random).prefix(count).map { buyer in
                ReadModelChange.buyer(
                    SaleBuyer(account: "acme", offer: "-", source: "-", minute: 1, buyer: "buyer \(buyer)"))
            }
            let batch = IntakeBatch(
                worker: "w", source: source, owner: owner, from: next, next: next + Int64(count), entries: entries,
                room: ["x": 4, "y": 4], changes: Array(changes))
            do throws(LedgerError) { return try await ledger.takeIn(batch) } catch {
                guard error.code == .fenced else { throw error }
                return []
            }
        }
    }
}
