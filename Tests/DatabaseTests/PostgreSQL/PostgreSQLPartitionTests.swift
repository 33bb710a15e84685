import Support
import Testing

@testable import Database

/// What is particular to tables that are partitioned, on a real server.
@Suite("Partitioned tables of PostgreSQL", .enabled(if: PostgreSQLServer.isHere), .timeLimit(.minutes(3)))
struct PostgreSQLPartitionTests {
    private func fixture() async throws -> PostgreSQLFixture {
        try await PostgreSQLFixture(tables: [
            "CREATE TABLE t (a bigint, CONSTRAINT small CHECK (a < 1000)) PARTITION BY RANGE (a)",
            "CREATE TABLE t_one (LIKE t INCLUDING ALL)",
            "ALTER TABLE t ATTACH PARTITION t_one FOR VALUES FROM (0) TO (10)",
            "INSERT INTO t VALUES (1)",
        ])
    }

    @Test("a row that no partition takes is told apart from one that a CHECK refuses, and may be written later")
    func noPartition() async throws {
        let database = try await fixture().database
        let error = await expect(code: .noPartition) {
            try await database.transaction([Statement("INSERT INTO t VALUES ($1)", [.integer(10)])])
        }
        #expect(error?.outcome == .undone)
        await expect(code: .constraint) {
            try await database.transaction([Statement("INSERT INTO t_one VALUES ($1)", [.integer(5_000)])])
        }
        await database.close()
    }

    @Test("a partition is let go of beside transactions, and what is done already is passed over")
    func detached() async throws {
        let fixture = try await fixture()
        let texts = ["ALTER TABLE t DETACH PARTITION t_one CONCURRENTLY", "DROP TABLE IF EXISTS t_one"]
        try await fixture.database.runAlone([texts[0]])
        #expect(try await fixture.number("SELECT count(*) FROM t") == 0)
        #expect(try await fixture.number("SELECT count(*) FROM t_one") == 1)
        for _ in 0..<2 { try await fixture.database.runAlone(texts) }
        #expect(try await fixture.number("SELECT count(*) FROM pg_class WHERE relname = 't_one'") == 0)
        await fixture.database.close()
    }

    @Test("through a pooler nothing is run outside of transactions, and the error says what to do")
    func pooled() async throws {
        let fixture = try await fixture()
        let pooled = try fixture.another(PostgreSQLOptions(name: "pooled", isPooled: true))
        let error = await expect(code: .denied) { try await pooled.runAlone(["VACUUM t"]) }
        #expect(error?.message.contains("orderrelay prune") == true)
        for database in [pooled, fixture.database] { await database.close() }
    }
}
