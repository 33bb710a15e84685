import Support
import Testing

@testable import Database

/// Migrations that no transaction may hold, on a real server.
@Suite("Migrations of PostgreSQL that are alone", .enabled(if: PostgreSQLServer.isHere), .timeLimit(.minutes(3)))
struct PostgreSQLLoneMigrationTests {
    private static let tables = Migration(name: "tables", statements: [])
    private static let index = Migration(
        name: "index", postgreSQL: ["CREATE UNIQUE INDEX CONCURRENTLY t_a ON t (a)"], sqlite: [], isAlone: true)

    private func states(of fixture: PostgreSQLFixture) async throws -> String {
        try await fixture.sql(
            "SELECT string_agg(indexrelid::regclass || ' ' || indisvalid, ', ') FROM pg_index WHERE indrelid = 't'::regclass"
        )
    }

    @Test("an index whose making failed is left invalid, and made anew")
    func invalidIndex() async throws {
        let fixture = try await PostgreSQLFixture(
            tables: ["CREATE TABLE t (a bigint)", "INSERT INTO t VALUES (1), (1)"])
        let error = await expect(code: .constraint) {
            try await fixture.database.migrate([Self.tables, Self.index])
        }
        #expect(error?.message.contains("t_a") == true)
        #expect(try await states(of: fixture) == "t_a false")
        try await fixture.sql("DELETE FROM t")
        #expect(try await fixture.database.migrate([Self.tables, Self.index]) == ["index"])
        #expect(try await states(of: fixture) == "t_a true")
        await fixture.database.close()
    }

    @Test("a process that ends while it makes an index lets the next one make it, and one that was made is kept")
    func crashed() async throws {
        let fixture = try await PostgreSQLFixture(tables: ["CREATE TABLE t (a bigint)"])
        // What is CONCURRENTLY waits for this one's end.
        let holder = try await HeldTransaction("INSERT INTO t(a) VALUES (1)", in: fixture)
        let other = try fixture.another()
        async let crashing = Result { try await other.migrate([Self.tables, Self.index]) }
        try await eventually("the index is being made") { try await states(of: fixture) == "t_a false" }
        async let waiting = fixture.database.migrate([Self.tables, Self.index])
        try await fixture.terminate(where: "query LIKE 'CREATE UNIQUE INDEX%'")
        guard case .failure(let error as DatabaseError) = await crashing else {
            Issue.record("the migration was not broken off")
            return
        }
        #expect(error.isRetriable && error.outcome == .unknown, "\(error)")
        try await holder.commit()
        #expect(try await waiting == ["index"])
        #expect(try await states(of: fixture) == "t_a true")
        // It had been made, and the process ended before it said so.
        let made = try await fixture.sql("SELECT 't_a'::regclass::oid")
        try await fixture.sql("DELETE FROM migrations WHERE name = 'index'")
        #expect(try await other.migrate([Self.tables, Self.index]) == ["index"])
        #expect(try await fixture.sql("SELECT 't_a'::regclass::oid") == made)
        for database in [other, fixture.database] { await database.close() }
    }

    @Test("others write while an index is made, also for longer than they wait for a lock")
    func othersGoOn() async throws {
        let fixture = try await PostgreSQLFixture(tables: ["CREATE TABLE t (a bigint)"])
        let writer = try fixture.another(query: "options=-c%20lock_timeout%3D200ms")
        let migrating = try fixture.another(query: "options=-c%20lock_timeout%3D200ms")
        let holder = try await HeldTransaction("INSERT INTO t(a) VALUES (0)", in: fixture)
        async let done = migrating.migrate([Self.tables, Self.index])
        try await eventually("the index is being made") { try await states(of: fixture) == "t_a false" }
        let time = try await milliseconds {
            for number in 1...5 {
                _ = try await writer.transaction([
                    Statement("INSERT INTO t(a) VALUES ($1)", [.integer(Int64(number))])
                ])
                try await Task.sleep(for: .milliseconds(100))
            }
        }
        #expect(time > 400, "longer than a lock is waited for")
        try await holder.commit()
        #expect(try await done == ["index"])
        #expect(try await fixture.number("SELECT count(*) FROM t") == 6)
        // The session has its limits again.
        let limits = try await migrating.transaction([
            Statement("SELECT current_setting('lock_timeout'), current_setting('statement_timeout')")
        ])
        #expect(limits == [[[.text("200ms"), .text("30s")]]])
        let locks = "SELECT count(*) FROM pg_locks AS l JOIN pg_database AS d ON d.oid = l.database"
        let ours = "\(locks) WHERE l.locktype = 'advisory' AND d.datname = current_database()"
        #expect(try await fixture.number(ours) == 0)
        for database in [writer, migrating, fixture.database] { await database.close() }
    }

    @Test("of eight processes one runs it")
    func once() async throws {
        let fixture = try await PostgreSQLFixture(tables: ["CREATE TABLE t (a bigint)"])
        let done = try await withThrowingTaskGroup(of: [String].self) { group in
            for _ in 0..<8 {
                group.addTask {
                    let database = try fixture.another()
                    let done = try await database.migrate([Self.tables, Self.index])
                    await database.close()
                    return done
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        #expect(done == ["index"])
        #expect(try await states(of: fixture) == "t_a true")
        await fixture.database.close()
    }

    @Test("a partition is detached once, also where that was broken off half-way")
    func detached() async throws {
        let fixture = try await PostgreSQLFixture(
            tables: [
                "CREATE TABLE e (a bigint) PARTITION BY RANGE (a)",
                "CREATE TABLE e_1 PARTITION OF e FOR VALUES FROM (1) TO (10)", "INSERT INTO e VALUES (5)",
            ])
        let detach = Migration(
            name: "detach", postgreSQL: ["ALTER TABLE e DETACH PARTITION e_1 CONCURRENTLY"], sqlite: [], isAlone: true)
        let holder = try await HeldTransaction("INSERT INTO e(a) VALUES (6)", in: fixture)
        async let crashing = Result { try await fixture.database.migrate([Self.tables, detach]) }
        try await eventually("it is half detached") {
            try await fixture.sql("SELECT count(*) FROM pg_inherits WHERE inhdetachpending") == "1"
        }
        try await fixture.terminate(where: "query LIKE 'ALTER TABLE e DETACH%'")
        guard case .failure = await crashing else {
            Issue.record("the migration was not broken off")
            return
        }
        try await holder.commit()
        #expect(try await fixture.database.migrate([Self.tables, detach]) == ["detach"])
        #expect(try await fixture.number("SELECT count(*) FROM e_1") == 2)
        #expect(try await fixture.sql("SELECT count(*) FROM pg_inherits WHERE inhparent = 'e'::regclass") == "0")
        // Detached already, and the process ended before it said so.
        try await fixture.sql("DELETE FROM migrations WHERE name = 'detach'")
        #expect(try await fixture.database.migrate([Self.tables, detach]) == ["detach"])
        await fixture.database.close()
    }
}
