import Foundation
import Support
import Synchronization
import Testing

@testable import Database

/// What transactions, reads and migrations do on a real server.
@Suite("Transactions on PostgreSQL", .enabled(if: PostgreSQLServer.isHere)) struct PostgreSQLTransactionTests {
    static let position = [
        "CREATE TABLE p (id bigint PRIMARY KEY, next bigint NOT NULL, CONSTRAINT closed_books CHECK (next >= 0))",
        "CREATE TABLE r (id bigint PRIMARY KEY)", "INSERT INTO p VALUES (1, 0)",
    ]

    static func step(from: Int64) -> [Statement] {
        [
            Statement(
                "UPDATE p SET next = CASE WHEN next = $1 THEN $1 + 1 ELSE -1 END WHERE id = 1", [.integer(from)],
                mustChange: 1, isFence: true),
            Statement("INSERT INTO r(id) VALUES ($1)", [.integer(from)]),
        ]
    }

    @Test("of several owners one holds each step, and rows are as many as the position says")
    func owners() async throws {
        let fixture = try await PostgreSQLFixture(tables: Self.position)
        let pools = try (0..<4).map { _ in try fixture.another() }
        let (held, refused) = try await withThrowingTaskGroup(of: (Int, Int).self) { group in
            for pool in pools {
                group.addTask {
                    var (held, refused) = (0, 0)
                    for _ in 0..<50 {
                        let next = try await pool.read(Statement("SELECT next FROM p"))[0][0].integer!
                        do throws(DatabaseError) {
                            _ = try await pool.transaction(Self.step(from: next), urgency: .bulk)
                            held += 1
                        } catch {
                            #expect(error.code == .constraint && error.constraint == "closed_books", "\(error)")
                            #expect(error.outcome == .undone)
                            refused += 1
                        }
                    }
                    return (held, refused)
                }
            }
            return try await group.reduce(into: (0, 0)) { $0 = ($0.0 + $1.0, $0.1 + $1.1) }
        }
        #expect(held + refused == 200 && held >= 50)
        #expect(try await fixture.number("SELECT next FROM p") == Int64(held))
        #expect(try await fixture.number("SELECT count(*) FROM r") == Int64(held))
        for pool in pools { await pool.close() }
        await fixture.database.close()
    }

    @Test("with a hook, COMMIT waits for it, and nobody sees the rows before")
    func hookHoldsCommit() async throws {
        let seen = Shared<[String]>([])
        let name = Shared("")
        let server = try await PostgreSQLServer.shared()
        let fixture = try await PostgreSQLFixture(tables: Self.position) {
            let count = (try? server.sqlBlocking("SELECT count(*) FROM r", database: name.now)) ?? "?"
            seen.change { $0.append(count) }
        }
        name.now = fixture.name
        _ = try await fixture.database.transaction(Self.step(from: 0))
        await expect(code: .constraint) { try await fixture.database.transaction(Self.step(from: 0)) }
        _ = try await fixture.database.transaction([Statement("SELECT 1")])
        #expect(seen.now == ["0"])
        #expect(try await fixture.number("SELECT count(*) FROM r") == 1)
        await fixture.database.close()
    }

    @Test("transactions that wait for one another in a circle are run again, and all hold")
    func deadlocks() async throws {
        let fixture = try await PostgreSQLFixture(
            tables: [
                "CREATE TABLE t (id bigint PRIMARY KEY, n bigint NOT NULL)", "INSERT INTO t VALUES (1, 0), (2, 0)",
            ])
        try await fixture.sql("ALTER ROLE relay SET deadlock_timeout = '20ms'")
        func add(_ first: Int64, _ second: Int64) -> [Statement] {
            [first, second].map { Statement("UPDATE t SET n = n + 1 WHERE id = $1", [.integer($0)], mustChange: 1) }
                + [Statement("SELECT 1 FROM (SELECT pg_sleep(0.002)) AS s")]
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<40 {
                group.addTask {
                    _ = try await fixture.database.transaction(
                        number % 2 == 0 ? add(1, 2) : add(2, 1), urgency: number % 4 < 2 ? .bulk : .brisk)
                }
            }
            try await group.waitForAll()
        }
        #expect(try await fixture.number("SELECT min(n) FROM t") == 40)
        await fixture.database.close()
    }

    @Test("twenty reads at once, one of them wrong, share a connection, and each has its own answer")
    func readsInOnePipeline() async throws {
        let fixture = try await PostgreSQLFixture()
        let address = try PostgreSQLAddress(url: fixture.server.url(database: fixture.name))
        let connection = try PostgreSQLConnection.connect(to: address, as: "test", line: .reading, isPooled: false)
        var prepared = PreparedStatements()
        var script = PipelineScript(prepared)
        for number in 0..<20 {
            let statement =
                number == 7
                ? Statement("SELECT 1 / $1", [.integer(0)]) : Statement("SELECT $1::bigint", [.integer(Int64(number))])
            try script.addPlain([statement], &prepared)
        }
        let pipeline = connection.perform(script, isReading: true, deadline: .max) { job, _ in "read \(job)" }
        #expect(!pipeline.isLost && pipeline.endings.count == 20)
        for (number, ending) in pipeline.endings.enumerated() {
            switch ending {
            case .success(let rows): #expect(rows == [[[.integer(Int64(number))]]] && number != 7)
            case .failure(let failure): #expect(number == 7 && failure.error.code == .data)
            }
        }
        connection.close()
        let numbers = try await withThrowingTaskGroup(of: Int64.self) { group in
            for number in 0..<200 {
                group.addTask {
                    try await fixture.database.read(Statement("SELECT $1::bigint", [.integer(Int64(number))]))[0][0]
                        .integer!
                }
            }
            return try await group.reduce(into: Set<Int64>()) { $0.insert($1) }
        }
        #expect(numbers.count == 200)
        await fixture.database.close()
    }

    @Test("what a session or the schema has forgotten is prepared again, unseen by who asks")
    func preparedAgain() async throws {
        let fixture = try await PostgreSQLFixture(tables: ["CREATE TABLE t (a integer)", "INSERT INTO t VALUES (7)"])
        let selection = Statement("SELECT a FROM t")
        for _ in 0..<2 { #expect(try await fixture.database.transaction([selection]) == [[[.integer(7)]]]) }
        for _ in 0..<2 { #expect(try await fixture.database.read(selection) == [[.integer(7)]]) }
        _ = try await fixture.database.transaction([Statement("DEALLOCATE ALL")])
        #expect(try await fixture.database.transaction([selection]) == [[[.integer(7)]]])
        try await fixture.sql("ALTER TABLE t ALTER a TYPE text")
        #expect(try await fixture.database.transaction([selection]) == [[[.text("7")]]])
        #expect(try await fixture.database.read(selection) == [[.text("7")]])
        await fixture.database.close()
    }

    @Test("no value of a row is in any error")
    func noValues() async throws {
        let fixture = try await PostgreSQLFixture(
            tables: [
                "CREATE TABLE t (a text PRIMARY KEY, n bigint CONSTRAINT small CHECK (n < 10), d date)",
                "INSERT INTO t VALUES ('secret', 1)", "CREATE TABLE c (a text REFERENCES t)",
            ])
        for (statement, code, native) in [
            (Statement("INSERT INTO t(a) VALUES ($1)", [.text("secret")]), DatabaseError.Code.constraint, "23505"),
            (
                Statement("INSERT INTO t(a, n) VALUES ($1, $2)", [.text("secret"), .integer(4711)]), .constraint,
                "23514"
            ),
            (Statement("INSERT INTO c(a) VALUES ($1)", [.text("secret-too")]), .constraint, "23503"),
            (Statement("INSERT INTO t(a, n) VALUES ('x', $1)", [.text("secret")]), .data, "22P02"),
            (Statement("INSERT INTO t(a, d) VALUES ('x', $1)", [.text("secret")]), .data, "22007"),
            (Statement("SELECT CAST($1 AS bigint)", [.text("99999999999999999999secret")]), .data, "22003"),
            (Statement("INSERT INTO t(a) VALUES ($1)", [.text(Self.incompressible + "secret")]), .data, "54000"),
        ] {
            let error = await expect(code: code) { try await fixture.database.transaction([statement]) }
            #expect(error?.nativeCode == native)
            let message = try #require(error?.message)
            #expect(!message.contains("secret") && !message.contains("4711"), "\(message)")
        }
        let error = await expect(code: .constraint) {
            try await fixture.database.transaction([Statement("INSERT INTO t(a, n) VALUES ('y', 11)")])
        }
        #expect(error?.constraint == "small" && error?.message.contains("\"t\"") == true)
        await fixture.database.close()
    }

    /// Too long for an index, also where it is compressed.
    private static let incompressible: String = {
        var state: UInt64 = 1
        return (0..<9_000).map { _ in
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return String(UnicodeScalar(UInt8(33 + (state >> 33) % 90)))
        }.joined()
    }()

    @Test("U+0000 is stored as U+FFFD, as a value and in rows")
    func zero() async throws {
        let fixture = try await PostgreSQLFixture(tables: ["CREATE TABLE t (a text)"])
        _ = try await fixture.database.transaction([
            Statement("INSERT INTO t(a) VALUES ($1)", [.text("a\0b")]),
            Statement(SQL("INSERT INTO t(a) SELECT v.a FROM rows AS v", rows: ["a": .text]), rows: [[.text("a\0b")]]),
        ])
        #expect(
            try await fixture.database.read(Statement("SELECT a FROM t")) == [
                [.text("a\u{FFFD}b")], [.text("a\u{FFFD}b")],
            ])
        await fixture.database.close()
    }

    @Test("a type that has no place among ours is a fault of the statement's")
    func foreignTypes() async throws {
        let fixture = try await PostgreSQLFixture()
        let error = await expect(code: .statement) { try await fixture.database.read(Statement("SELECT 1.5")) }
        #expect(error?.message.contains("must be cast") == true)
        #expect(
            try await fixture.database.read(Statement("SELECT true, 1::smallint, 'n'::name")) == [
                [.integer(1), .integer(1), .text("n")]
            ])
        await fixture.database.close()
    }

    @Test("a backlog of bulk does not hold brisk transactions and reads")
    func linesApart() async throws {
        let fixture = try await PostgreSQLFixture(tables: ["CREATE TABLE t (a bigint)"])
        let other = try fixture.another()
        let holder = try await HeldTransaction("LOCK TABLE t IN ACCESS EXCLUSIVE MODE", in: fixture)
        let waiting = Shared(0)
        let backlog = Task {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<50 {
                    group.addTask {
                        _ = try await other.transaction([Statement("INSERT INTO t(a) VALUES (1)")], urgency: .bulk)
                        waiting.change { $0 += 1 }
                    }
                }
                try await group.waitForAll()
            }
        }
        for _ in 0..<5 { _ = try await other.transaction([Statement("SELECT 1")], urgency: .brisk) }
        #expect(try await other.read(Statement("SELECT 2")) == [[.integer(2)]])
        #expect(waiting.now == 0)
        try await holder.commit()
        try await backlog.value
        #expect(try await fixture.number("SELECT count(*) FROM t") == 50)
        for pool in [other, fixture.database] { await pool.close() }
    }

    @Test("connections are made when there is something to do, and no more than allowed")
    func bounds() async throws {
        let fixture = try await PostgreSQLFixture(options: PostgreSQLOptions(name: "test", connections: 4))
        func sessions() async throws -> Int {
            let text = try await fixture.server.sql(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = '\(fixture.name)' AND application_name = 'orderrelay/test'"
            )
            return Int(text) ?? -1
        }
        // A session that was closed is shown until the server has ended it.
        try await eventually("one session, which migrated") { try await sessions() == 1 }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<90 {
                group.addTask {
                    let statement = Statement("SELECT 1 FROM (SELECT pg_sleep(0.02)) AS s")
                    if number % 3 == 0 {
                        _ = try await fixture.database.read(statement)
                    } else {
                        _ = try await fixture.database.transaction(
                            [statement], urgency: number % 3 == 1 ? .bulk : .brisk)
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(try await sessions() == 4)
        await fixture.database.close()
        #expect(try await sessions() == 0)
    }

    @Test("programs that start at once make the schema once, also one that may not make tables where it is there")
    func migratedAtOnce() async throws {
        let fixture = try await PostgreSQLFixture()
        let migrations =
            [Migration(name: "tables", statements: [])]
            + (1...5).map { number in
                Migration(
                    name: "m\(number)",
                    statements: ["CREATE TABLE t\(number) (a bigint)", "INSERT INTO t\(number) VALUES (1)"])
            }
        let done = try await withThrowingTaskGroup(of: [String].self) { group in
            for _ in 0..<8 {
                group.addTask {
                    let database = try fixture.another()
                    let done = try await database.migrate(migrations)
                    await database.close()
                    return done
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        #expect(done.sorted() == migrations.dropFirst().map(\.name))
        #expect(try await fixture.number("SELECT count(*) FROM t5") == 1)
        try await fixture.sql(
            """
            CREATE ROLE reader_\(fixture.name) LOGIN PASSWORD 'x';
            GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO reader_\(fixture.name)
            """)
        let lesser = try PostgreSQLDatabase(
            url: fixture.server.url(database: fixture.name, role: "reader_\(fixture.name)", password: "x"),
            options: PostgreSQLOptions(name: "lesser"))
        #expect(try await lesser.migrate(migrations) == [])
        await expect(code: .denied) {
            try await lesser.migrate(migrations + [Migration(name: "m6", statements: ["CREATE TABLE t6 (a bigint)"])])
        }
        await lesser.close()
        await fixture.database.close()
    }
}
