import Database
import Foundation
import Ledger
import Orders
import Support

/// What partitions cost on an order's way, and what writers notice of a prune.
///
/// Events of about 1 KB, two destinations each, looked for, planned to done, a hundred at a time. PostgreSQL on its own disk, fsync on, with 1 ms more for each
/// fdatasync.
enum RetentionBenchmark {
    static let usage = "[EVENTS]"
    private static let day: Int64 = 24 * 60 * 60 * 1000

    @Sendable static func run(_ words: [String]) async throws {
        let events = words.first.flatMap(Int.init) ?? 20_000
        let folder = try TemporaryFolder("retention")
        let server = try await LedgerBenchmark.server(diskMilliseconds: 1)
        print("\(events) events, two destinations each, planned to done; PostgreSQL 15, 1 ms disk")
        for round in 1...2 {
            for shape in Shape.allCases {
                for clients in [1, 4] { try await way(events, clients: clients, shape, server, round: round) }
            }
        }
        let database = try await server.makeDatabase()
        print("PostgreSQL")
        try await besidePrune(events * 4, open: { try await LedgerBenchmark.open(server.url(database: database)) }) {
            try await LedgerBenchmark.shift(by: 93, server, database)
        }
        print("SQLite, synchronous FULL")
        let ahead = Shared<Int64>(0)
        let url = "sqlite:\(folder.file("retention.db"))"
        try await besidePrune(
            events * 4,
            open: {
                let ledger = try Ledger.open(
                    url: url, sealing: nil, now: { Int64(Date().timeIntervalSince1970 * 1_000) + ahead.now })
                try await ledger.migrate()
                return ledger
            }
        ) { ahead.now = 93 * day }
    }

    enum Shape: String, CaseIterable { case oneTable = "no partitions", three = "3 partitions", eight = "8 partitions" }

    // MARK: An order's way

    private static func way(
        _ events: Int, clients: Int, _ shape: Shape, _ server: PostgreSQLServer, round: Int
    ) async throws {
        let database = try await server.makeDatabase()
        let url = server.url(database: database)
        let first = try await LedgerBenchmark.open(url)
        try await give(first, shape, server, database)
        await first.close()
        var ledgers: [Ledger] = []
        let share = events / clients
        // The server's processes are counted once they have ended.
        try await waitForTheEnd(of: database, server)
        let before = try server.processorTime()
        for _ in 0..<clients { ledgers.append(try await LedgerBenchmark.open(url)) }
        let time = try await LedgerBenchmark.seconds {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for client in 0..<clients {
                    let ledger = ledgers[client]
                    group.addTask {
                        let end = (client + 1) * share
                        for start in stride(from: client * share, to: end, by: LedgerBenchmark.batchSize) {
                            let range = start..<min(start + LedgerBenchmark.batchSize, end)
                            // As an intake does before: each id is looked for in every partition.
                            _ = try await ledger.known(range.map { LedgerBenchmark.event($0).id }, to: "w")
                            try await LedgerBenchmark.takeIn(
                                range, partition: Int32(client), room: LedgerBenchmark.batchSize, ledger,
                                owner: "\(client)", isCompleting: true)
                        }
                    }
                }
                try await group.waitForAll()
            }
        }
        for ledger in ledgers { await ledger.close() }
        try await waitForTheEnd(of: database, server)
        let spent = try server.processorTime() - before
        let done = share * clients
        print(
            "  \(shape.rawValue), \(clients) clients, round \(round): \(Int(Double(done) / time)) events/s, server \(Int(spent * 1e6 / Double(done))) µs an event"
        )
    }

    private static func waitForTheEnd(of database: String, _ server: PostgreSQLServer) async throws {
        try await eventually("all sessions have ended") {
            try await server.sql("SELECT count(*) FROM pg_stat_activity WHERE datname = '\(database)'") == "0"
        }
    }

    /// Brings the tables of a new ledger into a shape.
    private static func give(
        _ ledger: Ledger, _ shape: Shape, _ server: PostgreSQLServer, _ database: String
    ) async throws {
        switch shape {
        case .oneTable:
            for table in ["history", "events", "attempts"] {
                try await server.sql(
                    """
                    ALTER TABLE \(table) DETACH PARTITION \(table)_p0;
                    DROP TABLE \(table);
                    ALTER TABLE \(table)_p0 RENAME TO \(table);
                    """, database: database)
            }
            try await server.sql(
                "ALTER TABLE events ALTER COLUMN seq ADD GENERATED ALWAYS AS IDENTITY; DELETE FROM periods",
                database: database)
        case .three: _ = try await ledger.prune(owner: "b") { _ in true }
        case .eight:
            for days in [0, 20, 40, 60, 80] as [Int64] {
                try await LedgerBenchmark.shift(by: days, server, database)
                _ = try await ledger.prune(owner: "b") { _ in true }
            }
        }
    }

    // MARK: Beside a prune

    /// Writers, as quick as they can and at leisure, while a period of `events` events goes.
    ///
    /// - Parameter age: has the ledger's time go on by more than its retention.
    private static func besidePrune(
        _ events: Int, open: () async throws -> Ledger, _ age: () async throws -> Void
    ) async throws {
        let ledger = try await open()
        try await LedgerBenchmark.takeIn(
            0..<events, partition: 0, room: LedgerBenchmark.batchSize, ledger, owner: "a", isCompleting: true)
        _ = try await ledger.prune(owner: "b") { _ in true }
        try await age()
        let other = try await open()
        let isPruned = Shared(false)
        async let writing = SmallTurns.write(from: events, partition: 1, other) { isPruned.now }
        try await Task.sleep(for: .seconds(5))
        let start = ContinuousClock.now
        let report = try await ledger.prune(owner: "b") { pause in (try? await Task.sleep(for: pause)) != nil }
        let pruned = start..<ContinuousClock.now
        try await Task.sleep(for: .seconds(5))
        isPruned.now = true
        let waits = try await writing
        let during = waits.filter { $0.begin < pruned.upperBound && $0.begin + $0.time > pruned.lowerBound }
        let apart = waits.filter { !($0.begin < pruned.upperBound && $0.begin + $0.time > pruned.lowerBound) }
        print("  a period of \(events) events: \(report?.removed ?? [:]), \(pruned.upperBound - pruned.lowerBound)")
        SmallTurns.report("beside it", during)
        SmallTurns.report("before and after", apart)
        let books = try await ledger.books(of: "w")
        precondition(books.allSatisfy { $0.unaccounted == 0 }, "the books do not balance")
        for ledger in [ledger, other] { await ledger.close() }
    }
}
