import Database
import Orders
import Support
import Testing

@testable import Ledger

@Suite("Tables become partitioned", .enabled(if: PostgreSQLServer.isHere), .timeLimit(.minutes(5)))
struct PartitionMigrationTests {
    private static let before = Array(Schema.migrations.prefix { !$0.name.hasPrefix("013") })
    private static let each = 40

    /// A database of the version before: 40 rows in each of six states, with their events and attempts.
    private func old() async throws -> (server: PostgreSQLServer, name: String, database: any Database) {
        let server = try await PostgreSQLServer.shared()
        let name = try await server.makeDatabase()
        try await server.sql(LedgerMaker.clock, database: name)
        let database = try PostgreSQLDatabase(
            url: server.url(database: name), options: PostgreSQLOptions(name: "test", connections: 3))
        _ = try await database.migrate(Self.before)
        let count = Int64(Self.each * 6)
        let state = "(ARRAY['pending', 'in_flight', 'parked', 'done', 'dead', 'skipped'])[1 + i % 6]"
        _ = try await database.transaction([
            Statement(
                """
                INSERT INTO positions(worker, cluster, topic, part, base_offset, next_offset, planned)
                VALUES ('w', 'c', 'orders', 3, 0, $1, $1)
                """, [.integer(count)]),
            Statement(
                "INSERT INTO books(worker, destination, part, planned) VALUES ('w', 'email', 3, $1)", [.integer(count)]),
            Statement(
                """
                INSERT INTO events(worker, event_id, account, key, cluster, topic, part, log_offset, type, happened_at,
                  taken_at, disposition, digest, body)
                SELECT 'w', 'e' || i, 'acme', 'k' || i, 'c', 'orders', 3, i, 't', 1, 2, 'planned',
                  decode(repeat('00', 32), 'hex'), convert_to('{}', 'UTF8') FROM generate_series(0, $1 - 1) AS i
                """, [.integer(count)]),
            Statement(
                """
                INSERT INTO deliveries(worker, destination, event_id, key, part, state, next_attempt_at, lease_no,
                  lease_owner, lease_until, planned_at, changed_at)
                SELECT 'w', 'email', 'e' || i, 'k' || i, 3, \(state), 5, 1, CASE WHEN i % 6 = 1 THEN 'a' END,
                  CASE WHEN i % 6 = 1 THEN 9000000000000 END, 3, 4
                FROM generate_series(0, $1 - 1) AS i WHERE i % 6 < 3
                """, [.integer(count)]),
            Statement(
                """
                INSERT INTO history(id, worker, destination, event_id, key, part, state, attempt, lease_no, planned_at,
                  changed_at, reason)
                SELECT nextval(pg_get_serial_sequence('deliveries', 'id')), 'w', 'email', 'e' || i, 'k' || i, 3, \(state),
                  1, 1, 3, 4, 'because' FROM generate_series(0, $1 - 1) AS i WHERE i % 6 >= 3
                """, [.integer(count)]),
            Statement("INSERT INTO attempts SELECT id, 1, 6, 7, 'done', 'ok' FROM history"),
        ])
        return (server, name, database)
    }

    private func check(_ ledger: Ledger, _ server: PostgreSQLServer, _ name: String) async throws {
        let kinds = try await server.sql(
            "SELECT string_agg(relkind::text, '') FROM pg_class WHERE relname IN ('history', 'events', 'attempts')",
            database: name)
        #expect(kinds == "ppp")
        let book = try #require(try await ledger.books(of: "w").first)
        let each = Int64(Self.each)
        #expect(
            book.rows == [.pending: each, .inFlight: each, .parked: each, .done: each, .dead: each, .skipped: each])
        #expect(book.unaccounted == 0 && book.removed == 0)
        for (table, count) in [("events", each * 6), ("history", each * 3), ("attempts", each * 3)] {
            #expect(try await server.sql("SELECT count(*) FROM \(table)_p0", database: name) == "\(count)")
        }
        #expect(try await ledger.event("e7", worker: "w")?.source.partition == 3)
        // What is written lies beside it, with numbers that go on.
        let held = try await ledger.leased(to: "a", worker: "w")
        #expect(held.count == Self.each)
        #expect(try await ledger.complete([completion(held[0])], owner: "a") == [held[0].id])
        var batch = batch([event(1)], from: each * 6, worker: "w")
        batch.source = LogPartition(cluster: "c", topic: "orders", partition: 3)
        _ = try await ledger.takeIn(batch)
        let later = try await server.sql(
            "SELECT bool_and(seq > \(each * 6)) FROM events WHERE event_id LIKE '%created'", database: name)
        #expect(later == "t")
        #expect(try await server.sql("SELECT count(DISTINCT seq) = count(*) FROM events", database: name) == "t")
        let left = "SELECT count(*) FROM pg_constraint WHERE conname = 'before_periods'"
        #expect(try await server.sql(left, database: name) == "0")
        // And they can be pruned.
        try await server.sql(
            "UPDATE test_clock SET milliseconds = milliseconds + 93 * 86400000::bigint", database: name)
        try await ledger.markCopied(try await ledger.deadLetters(worker: "w", limit: 1000).map(\.id))
        let report = try #require(try await ledger.prune(owner: "p") { _ in true })
        #expect(report.removed["periods"] == 1 && !report.waitsForDeadLetters)
        let after = try #require(try await ledger.books(of: "w").first { $0.destination == "email" })
        #expect(after.unaccounted == 0 && after.removed >= each * 3)
        #expect(try await ledger.event("e0", worker: "w") != nil, "a pending row's event stays")
    }

    @Test("wherever the migration is broken off, it goes on, and rows, leases, numbers and books stay as they were")
    func resumable() async throws {
        let statements = Schema.partitions.postgreSQL
        for count in 0...statements.count {
            let (server, name, database) = try await old()
            _ = try await database.migrate(Self.before + [Schema.migrations[Self.before.count]])
            try await database.runAlone(Array(statements[..<count]))
            // The next process comes so much later that the first period is another one.
            try await server.sql(
                "UPDATE test_clock SET milliseconds = milliseconds + 3 * 86400000::bigint", database: name)
            let ledger = try await Ledger.made(on: database)
            try await check(ledger, server, name)
            await ledger.close()
        }
    }

    @Test("roles that could read and write the tables can do so afterwards")
    func rights() async throws {
        let (server, name, database) = try await old()
        try await server.sql(
            """
            CREATE ROLE relay_process LOGIN PASSWORD '\(PostgreSQLServer.password)';
            GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO relay_process;
            GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO relay_process;
            """, database: name)
        let owner = try await Ledger.made(on: database)
        try await server.sql(
            "GRANT SELECT, UPDATE ON retention, periods TO relay_process", database: name)
        let ledger = Ledger(
            database: try PostgreSQLDatabase(
                url: server.url(database: name, role: "relay_process"),
                options: PostgreSQLOptions(name: "test", connections: 3)), sealing: nil)
        let held = try await ledger.leased(to: "a", worker: "w")
        #expect(try await ledger.complete([completion(held[0])], owner: "a") == [held[0].id])
        var batch = batch([event(1)], from: Int64(Self.each * 6), worker: "w")
        batch.source = LogPartition(cluster: "c", topic: "orders", partition: 3)
        _ = try await ledger.takeIn(batch)
        // It may neither make tables nor drop any: it says who must.
        do throws(LedgerError) {
            try await ledger.makePeriods(.standard, now: epoch.milliseconds)
            Issue.record("a role without the right made a partition")
        } catch { #expect(error.message.contains("orderrelay prune"), "\(error)") }
        do throws(LedgerError) {
            try await ledger.runAlone(PeriodStatements.drop(Period(name: "p0", to: 0), of: "attempts"))
            Issue.record("a role without the right dropped a partition")
        } catch { #expect(error.message.contains("orderrelay prune"), "\(error)") }
        await ledger.close()
        await owner.close()
    }

    @Test("while a process of the version before runs, the tables stay as they are, and the error says what to do")
    func refusesBesideOthers() async throws {
        let (server, name, database) = try await old()
        _ = try await database.transaction([
            Statement(ConfigurationStatements.heartbeat, [.text("00ff"), .text("w")])
        ])
        let ledger = Ledger(database: database, sealing: nil)
        do throws(LedgerError) {
            try await ledger.migrate()
            Issue.record("the tables were changed beside another program")
        } catch { #expect(error.isRetriable && error.message.contains("stop them"), "\(error)") }
        #expect(try await server.sql("SELECT relkind FROM pg_class WHERE relname = 'events'", database: name) == "r")
        try await server.sql("UPDATE test_clock SET milliseconds = milliseconds + 15000", database: name)
        try await ledger.migrate()
        try await check(ledger, server, name)
        await ledger.close()
    }
}
