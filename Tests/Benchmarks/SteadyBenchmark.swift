import Foundation
import Ledger
import Support

/// Minutes at full rate: whether the table of open rows keeps its size, and what writers notice of a period that is pruned
/// half-way.
enum SteadyBenchmark {
    static let usage = "[MINUTES [DISK_MS]] [SETTING=VALUE…]"
    /// What a writer may wait, in milliseconds. The server notes each wait for a lock that is longer.
    private static let waitMaximum = 50

    @Sendable static func run(_ words: [String]) async throws {
        let numbers = words.compactMap { Int($0) }
        let minutes = max(2, numbers.first ?? 10)
        let server = try await LedgerBenchmark.server(
            diskMilliseconds: numbers.dropFirst().first ?? 1,
            settings: ["log_lock_waits=on", "deadlock_timeout=\(waitMaximum)ms"] + words.filter { $0.contains("=") })
        let database = try await server.makeDatabase()
        let url = server.url(database: database)
        let load = try await FullRate(url)
        let (ledger, other) = (try await LedgerBenchmark.open(url), try await LedgerBenchmark.open(url))
        // Periods are made ahead, as a worker does in its first minutes.
        _ = try await ledger.prune(owner: "b") { _ in true }
        print("\(FullRate.words), \(minutes) minutes")
        let isEnough = Shared(false)
        async let turns = SmallTurns.write(from: 500_000_000, partition: 99, other) { isEnough.now }
        let pruned = try await load.run {
            var pruned: Range<ContinuousClock.Instant>?
            for minute in 1...minutes {
                let (start, done) = (ContinuousClock.now, load.done)
                if minute == minutes / 2 + 1 { pruned = try await prune(ledger, server, database) }
                try await Task.sleep(until: start + .seconds(60))
                let rate = Double(load.done - done) / ((.now - start) / .seconds(1))
                print("  minute \(minute): \(Int(rate)) events/s; \(try await size(server, database))")
            }
            isEnough.now = true
            return pruned
        }
        isEnough.now = true
        try await report(turns, pruned)
        let waits = server.log.split(separator: "\n").filter { $0.contains("still waiting for") }
        // Who lets go of a partition waits for transactions that are open, and for a vacuum of it; nobody waits for those two.
        let writers = waits.filter { !$0.contains("virtual transaction") && !$0.contains("ShareUpdateExclusiveLock") }
        print("  waits for a lock of more than \(waitMaximum) ms: \(writers.count) of writers, goal: none")
        for wait in writers.prefix(5) { print("    \(wait)") }
        let books = try await ledger.books(of: "w")
        precondition(books.allSatisfy { $0.unaccounted == 0 }, "the books do not balance")
        print("  the books balance: \(books.map { "\($0.destination): \($0.planned) planned, \($0.removed) removed" })")
        for ledger in [ledger, other] { await ledger.close() }
        withExtendedLifetime(server) {}
    }

    /// Lets the database's time go on, a period after another, until the one that all rows were written in is dropped.
    ///
    /// - Returns: when that one was pruned.
    private static func prune(
        _ ledger: Ledger, _ server: PostgreSQLServer, _ database: String
    ) async throws -> Range<ContinuousClock.Instant> {
        // Not by 90: that early the rows of the first period are deleted one by one, and it does not go as a whole.
        for days in [18, 36, 54, 72, 108, 126] as [Int64] {
            try await LedgerBenchmark.shift(by: days, server, database)
            let start = ContinuousClock.now
            let report = try await ledger.prune(owner: "b") { pause in (try? await Task.sleep(for: pause)) != nil }
            guard let removed = report?.removed["periods"], removed > 0 else { continue }
            let end = ContinuousClock.now
            print("  pruned in \(end - start): \(report?.removed ?? [:])")
            let books = try await ledger.books(of: "w")
            precondition(books.allSatisfy { $0.unaccounted == 0 }, "the books do not balance after the prune")
            return start..<end
        }
        preconditionFailure("no period was dropped")
    }

    private static func size(_ server: PostgreSQLServer, _ database: String) async throws -> String {
        let row = try await server.sql(
            """
            SELECT pg_table_size('deliveries') / 1000000, pg_indexes_size('deliveries') / 1000000,
              (SELECT n_dead_tup FROM pg_stat_user_tables WHERE relname = 'deliveries'),
              (SELECT autovacuum_count FROM pg_stat_user_tables WHERE relname = 'deliveries')
            """, database: database
        ).split(separator: "|")
        return "deliveries \(row[0]) MB and indexes of \(row[1]) MB (goal: 200), \(row[2]) dead rows, "
            + "\(row[3]) vacuums"
    }

    private static func report(_ turns: [SmallTurns.Turn], _ pruned: Range<ContinuousClock.Instant>?) {
        let isBeside = { (turn: SmallTurns.Turn) in
            pruned.map { turn.begin < $0.upperBound && turn.begin + turn.time > $0.lowerBound } ?? false
        }
        SmallTurns.report("five events beside the prune", turns.filter(isBeside))
        SmallTurns.report("five events before and after", turns.filter { !isBeside($0) })
    }
}
