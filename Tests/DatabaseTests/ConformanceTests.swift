import Synchronization
import Testing

@testable import Database

/// What every database must do, whichever it is. Each case gets one that is empty and its own.
@Suite struct ConformanceTests {
    static let makers = DatabaseMaker.all

    @Test("a transaction holds, and gives the rows of each statement in order", arguments: makers)
    func transactionHolds(maker: DatabaseMaker) async throws {
        let database = try await maker.make(tables: ["CREATE TABLE t (a BIGINT NOT NULL PRIMARY KEY, b TEXT)"])
        let rows = try await database.transaction([
            Statement("INSERT INTO t(a, b) VALUES ($1, $2) RETURNING a", [.integer(1), .text("one")]),
            Statement("INSERT INTO t(a, b) VALUES ($1, $2)", [.integer(2), .null]),
            Statement("SELECT a, b FROM t ORDER BY a"),
        ])
        #expect(rows == [[[.integer(1)]], [], [[.integer(1), .text("one")], [.integer(2), .null]]])
        #expect(try await database.read(Statement("SELECT count(*) FROM t")) == [[.integer(2)]])
        await database.close()
    }

    @Test("a snapshot's statements all see one instant, whatever is written meanwhile", arguments: makers)
    func snapshotIsOneInstant(maker: DatabaseMaker) async throws {
        let database = try await maker.make(
            tables: ["CREATE TABLE a (n BIGINT NOT NULL)", "CREATE TABLE b (n BIGINT NOT NULL)"])
        // Each transaction puts a row into both, so that they never differ.
        let isOver = Mutex(false)
        let writing = Task {
            while !isOver.withLock({ $0 }) {
                _ = try await database.transaction([
                    Statement("INSERT INTO a(n) VALUES (1)"), Statement("INSERT INTO b(n) VALUES (1)"),
                ])
            }
        }
        var counts: Set<[[Row]]> = []
        for _ in 0..<10 {
            let count = Statement("SELECT count(*) FROM a")
            let rows = try await database.snapshot(
                [count] + Array(repeating: Statement("SELECT count(*) FROM b"), count: 20) + [count])
            #expect(Set(rows).count == 1, "\(rows)")
            counts.insert(rows)
        }
        isOver.withLock { $0 = true }
        try await writing.value
        #expect(counts.count > 1, "nothing was written meanwhile")
        await database.close()
    }

    @Test("a snapshot refuses to write", arguments: makers)
    func snapshotOnlyReads(maker: DatabaseMaker) async throws {
        let database = try await maker.make(tables: ["CREATE TABLE t (a BIGINT)"])
        await expect(code: .statement) { try await database.snapshot([Statement("INSERT INTO t(a) VALUES (1)")]) }
        #expect(try await database.read(Statement("SELECT count(*) FROM t")) == [[.integer(0)]])
        await database.close()
    }

    @Test("values come back as they were given", arguments: makers)
    func valuesRoundTrip(maker: DatabaseMaker) async throws {
        let database = try await maker.make(tables: ["CREATE TABLE t (a BIGINT, b TEXT, c \(maker.bytes))"])
        let values: [[Value]] = [
            [.integer(.min), .text(""), .blob([])],
            [.integer(.max), .text("Привіт 👋 \"quoted\" 'so'"), .blob([0, 255, 10])],
            [.null, .null, .null],
        ]
        for row in values {
            _ = try await database.transaction([Statement("INSERT INTO t(a, b, c) VALUES ($1, $2, $3)", row)])
        }
        let rows = try await database.read(Statement("SELECT a, b, c FROM t ORDER BY b IS NULL, b"))
        #expect(rows == values)
        await database.close()
    }

    @Test("a number may be used again in its statement", arguments: makers)
    func numberUsedTwice(maker: DatabaseMaker) async throws {
        let database = try await maker.make(tables: ["CREATE TABLE t (a BIGINT, b BIGINT)"])
        _ = try await database.transaction([
            Statement("INSERT INTO t(a, b) VALUES ($1, $2)", [.integer(7), .integer(7)]),
            Statement("INSERT INTO t(a, b) VALUES ($1, $2)", [.integer(7), .integer(8)]),
        ])
        let rows = try await database.read(Statement("SELECT b FROM t WHERE a = $1 AND b = $1", [.integer(7)]))
        #expect(rows == [[.integer(7)]])
        await database.close()
    }

    @Test("a fence that changes another number of rows undoes the whole transaction", arguments: makers)
    func fenceUndoes(maker: DatabaseMaker) async throws {
        let database = try await maker.make(tables: ["CREATE TABLE t (a BIGINT NOT NULL PRIMARY KEY, b BIGINT)"])
        _ = try await database.transaction([Statement("INSERT INTO t(a, b) VALUES (1, 10)")])
        await expect(code: .fence) {
            try await database.transaction([
                Statement("INSERT INTO t(a, b) VALUES (2, 20)"),
                Statement("UPDATE t SET b = $1 WHERE a = $2", [.integer(0), .integer(99)], mustChange: 1),
                Statement("INSERT INTO t(a, b) VALUES (3, 30)"),
            ])
        }
        #expect(try await database.read(Statement("SELECT a FROM t")) == [[.integer(1)]])
        _ = try await database.transaction([Statement("UPDATE t SET b = 11 WHERE a = 1", mustChange: 1)])
        await database.close()
    }

    @Test("values go by their numbers, in whatever order a text names them", arguments: makers)
    func numbersInAnyOrder(maker: DatabaseMaker) async throws {
        let database = try await maker.make(tables: ["CREATE TABLE t (a BIGINT, b TEXT)"])
        _ = try await database.transaction([
            Statement("INSERT INTO t(b, a) VALUES ($2, $1)", [.integer(1), .text("$3 is no parameter")])
        ])
        #expect(
            try await database.read(Statement("SELECT a FROM t WHERE b = '$3 is no parameter'")) == [[.integer(1)]])
        await database.close()
    }

    @Test("rows arrive whole and in their order, however many", arguments: makers, [0, 1, 2, 63, 64, 65, 200, 1_000])
    func rows(maker: DatabaseMaker, count: Int) async throws {
        let database = try await maker.make(tables: ["CREATE TABLE t (w TEXT, a BIGINT, b TEXT, c \(maker.bytes))"])
        let rows = (0..<count).map { number -> [Value] in
            [
                .integer(Int64(number)), number % 3 == 0 ? .null : .text("Ї\(number)"),
                number % 5 == 0 ? .null : .blob(Array(repeating: UInt8(number & 0xFF), count: number % 4)),
            ]
        }
        let insertion = SQL(
            "INSERT INTO t(w, a, b, c) SELECT $1, v.a, v.b, v.c FROM rows AS v ORDER BY v.a RETURNING a",
            rows: ["a": .integer, "b": .text, "c": .blob])
        let results = try await database.transaction([
            Statement(insertion, [.text("w")], rows: rows), Statement("SELECT a, b, c FROM t WHERE w = 'w' ORDER BY a"),
        ])
        #expect(results[0].sorted { $0[0].integer! < $1[0].integer! } == rows.map { [$0[0]] })
        #expect(results[1] == rows)
        let lookup = SQL("SELECT v.a, (SELECT b FROM t WHERE t.a = v.a) FROM rows AS v", rows: ["a": .integer])
        let found = try await database.read(Statement(lookup, rows: rows.reversed().map { [$0[0]] }))
        #expect(found == rows.reversed().map { Array($0[0...1]) })
        await database.close()
    }

    @Test("a fence counts what all rows change", arguments: makers)
    func fenceOfRows(maker: DatabaseMaker) async throws {
        let database = try await maker.make(tables: ["CREATE TABLE t (a BIGINT NOT NULL PRIMARY KEY, b BIGINT)"])
        let rows = (0..<100).map { [Value.integer(Int64($0))] }
        let upsert = SQL(
            """
            INSERT INTO t(a, b) SELECT v.a, $1 FROM rows AS v WHERE true
            ON CONFLICT (a) DO UPDATE SET b = excluded.b WHERE t.b < excluded.b
            """, rows: ["a": .integer])
        _ = try await database.transaction([Statement(upsert, [.integer(1)], rows: rows, mustChange: 100)])
        _ = try await database.transaction([Statement(upsert, [.integer(1)], rows: [], mustChange: 0)])
        _ = try await database.transaction([Statement("UPDATE t SET b = 9 WHERE a = 99")])
        await expect(code: .fence) {
            try await database.transaction([Statement(upsert, [.integer(5)], rows: rows, mustChange: 100)])
        }
        #expect(try await database.read(Statement("SELECT max(b) FROM t WHERE a < 99")) == [[.integer(1)]])
        await database.close()
    }

    @Test("a statement of several texts is one, and each text takes the values that it names", arguments: makers)
    func severalTexts(maker: DatabaseMaker) async throws {
        let database = try await maker.make(tables: [
            "CREATE TABLE t (a BIGINT NOT NULL, w TEXT)", "CREATE TABLE h (a BIGINT NOT NULL, w TEXT)",
        ])
        _ = try await database.transaction([Statement("INSERT INTO t(a, w) VALUES (1, 'x'), (2, 'x'), (3, 'x')")])
        let move = SQL(
            postgreSQL: "SELECT 7 FROM (SELECT pg_advisory_xact_lock_shared(1)) AS l WHERE $1 = 'z'",
            """
            WITH gone AS (DELETE FROM t USING rows AS v WHERE t.a = v.a RETURNING t.a)
            INSERT INTO h(a, w) SELECT gone.a, $1 || $2 FROM gone RETURNING a
            """,
            sqlite:
                "INSERT INTO h(a, w) SELECT t.a, $1 || $2 FROM t JOIN rows AS v ON v.a = t.a WHERE true RETURNING a",
            "DELETE FROM t WHERE a IN (SELECT v.a FROM rows AS v)", rows: ["a": .integer])
        let results = try await database.transaction([
            Statement(move, [.text("y"), .text("z")], rows: [[.integer(3)], [.integer(1)], [.integer(8)]]),
            Statement("SELECT a, w FROM h ORDER BY a"), Statement("SELECT a FROM t"),
        ])
        #expect(Set(results[0]) == [[.integer(1)], [.integer(3)]])
        #expect(results[1] == [[.integer(1), .text("yz")], [.integer(3), .text("yz")]])
        #expect(results[2] == [[.integer(2)]])
        await database.close()
    }

    @Test("rows are locked where the database knows locks of rows", arguments: makers)
    func lockingClause(maker: DatabaseMaker) async throws {
        let database = try await maker.make(tables: ["CREATE TABLE t (a BIGINT)"])
        let rows = try await database.transaction([
            Statement("INSERT INTO t(a) VALUES (1), (2)"),
            Statement(
                """
                WITH c(a) AS (SELECT d.a FROM t AS d WHERE d.a > 1 ORDER BY d.a LIMIT 5
                  FOR UPDATE OF d SKIP LOCKED)
                UPDATE t SET a = 3 WHERE a IN (SELECT c.a FROM c) RETURNING a
                """),
        ])
        #expect(rows[1] == [[.integer(3)]])
        await database.close()
    }

    @Test("a table that is missing is told as the schema's absence", arguments: makers)
    func schemaMissing(maker: DatabaseMaker) async throws {
        let database = try await maker.make(tables: [])
        await expect(code: .schemaMissing) { try await database.read(Statement("SELECT a FROM nowhere")) }
        await expect(code: .schemaMissing) { try await database.transaction([Statement("DELETE FROM nowhere")]) }
        await database.close()
    }

    @Test("transactions of both kinds are served, with a backlog of the other", arguments: makers)
    func urgencies(maker: DatabaseMaker) async throws {
        let database = try await maker.make(tables: ["CREATE TABLE t (a BIGINT)"])
        let insertion = Statement("INSERT INTO t(a) VALUES (1)")
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<200 {
                group.addTask {
                    _ = try await database.transaction([insertion], urgency: number % 10 == 0 ? .brisk : .bulk)
                }
            }
            try await group.waitForAll()
        }
        #expect(try await database.read(Statement("SELECT count(*) FROM t")) == [[.integer(200)]])
        await database.close()
    }

    @Test("a broken constraint undoes the whole transaction, names itself, and tells no values", arguments: makers)
    func constraintUndoes(maker: DatabaseMaker) async throws {
        let database = try await maker.make(tables: [
            "CREATE TABLE t (a BIGINT NOT NULL PRIMARY KEY, b TEXT, CONSTRAINT positive_a CHECK (a > 0))"
        ])
        let error = await expect(code: .constraint) {
            try await database.transaction([
                Statement("INSERT INTO t(a, b) VALUES ($1, $2)", [.integer(1), .text("first")]),
                Statement("INSERT INTO t(a, b) VALUES ($1, $2)", [.integer(-4711), .text("someone@example.org")]),
            ])
        }
        #expect(error?.message.contains("positive_a") == true && error?.constraint == "positive_a")
        #expect(error?.message.contains("4711") == false && error?.message.contains("example.org") == false)
        #expect(error?.isRetriable == false && error?.outcome == .undone)
        #expect(try await database.read(Statement("SELECT count(*) FROM t")) == [[.integer(0)]])
        await database.close()
    }

    @Test("a wrong statement is told as one, and the next transaction goes on", arguments: makers)
    func wrongStatement(maker: DatabaseMaker) async throws {
        let database = try await maker.make(tables: ["CREATE TABLE t (a BIGINT)"])
        await expect(code: .statement) { try await database.transaction([Statement("SELEKT 1")]) }
        await expect(code: .statement) { try await database.transaction([Statement("INSERT INTO t(a) VALUES ($1)")]) }
        await expect(code: .statement) {
            try await database.read(Statement("INSERT INTO t(a) VALUES (1)")).isEmpty
        }
        _ = try await database.transaction([Statement("INSERT INTO t(a) VALUES (5)")])
        #expect(try await database.read(Statement("SELECT a FROM t")) == [[.integer(5)]])
        await database.close()
    }

    @Test("now_ms() is read once in a statement, and anew in the next", arguments: makers)
    func timeStandsStill(maker: DatabaseMaker) async throws {
        let database = try await maker.make(tables: ["CREATE TABLE t (a BIGINT, b BIGINT)"], clockStep: 1)
        let rows = try await database.transaction([
            Statement("INSERT INTO t(a, b) SELECT now_ms(), now_ms() FROM (VALUES (1), (2), (3)) AS v RETURNING a, b"),
            Statement("SELECT now_ms() > MAX(a) FROM t"),
        ])
        let times = rows[0].flatMap { $0.compactMap(\.integer) }
        #expect(times.count == 6 && Set(times).count == 1)
        #expect(maker.isSteppingClock ? rows[1] == [[.integer(1)]] : true)
        await database.close()
    }

    @Test("many transactions at once each hold or fail by themselves", arguments: makers)
    func manyAtOnce(maker: DatabaseMaker) async throws {
        let database = try await maker.make(tables: ["CREATE TABLE t (a BIGINT NOT NULL PRIMARY KEY)"])
        let outcomes = await withTaskGroup(of: Bool.self) { group in
            for number in 0..<300 {
                group.addTask {
                    // Every tenth is a duplicate of the one before it, or the one before it is of this.
                    let value = number % 10 == 9 ? number - 1 : number
                    let insertion = Statement("INSERT INTO t(a) VALUES ($1)", [.integer(Int64(value))])
                    return (try? await database.transaction([insertion])) != nil
                }
            }
            return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
        }
        #expect(outcomes == 270)
        #expect(try await database.read(Statement("SELECT count(*) FROM t")) == [[.integer(270)]])
        await database.close()
    }

    @Test("migrations run once, in order, and a stranger's stop the start", arguments: makers)
    func migrations(maker: DatabaseMaker) async throws {
        let database = try await maker.make(tables: [])
        let first = Migration(name: "one", statements: ["CREATE TABLE m1 (a BIGINT)", "INSERT INTO m1(a) VALUES (1)"])
        let second = Migration(name: "two", statements: ["CREATE TABLE m2 (a BIGINT)"])
        let known = [Migration(name: "tables", statements: [])]
        #expect(try await database.migrate(known + [first]) == ["one"])
        #expect(try await database.migrate(known + [first, second]) == ["two"])
        #expect(try await database.migrate(known + [first, second]) == [])
        #expect(try await database.read(Statement("SELECT count(*) FROM m1")) == [[.integer(1)]])
        await expect(code: .newerSchema) { try await database.migrate(known + [first]) }
        await database.close()
    }

    @Test("a migration that fails leaves nothing of itself", arguments: makers)
    func failedMigration(maker: DatabaseMaker) async throws {
        let database = try await maker.make(tables: [])
        let known = [Migration(name: "tables", statements: [])]
        let broken = Migration(
            name: "broken", statements: ["CREATE TABLE m1 (a BIGINT)", "CREATE TABEL m2 (a BIGINT)"])
        await expect(code: .statement) { try await database.migrate(known + [broken]) }
        let mended = Migration(name: "broken", statements: ["CREATE TABLE m1 (a BIGINT)"])
        #expect(try await database.migrate(known + [mended]) == ["broken"])
        await database.close()
    }

    @Test("a closed database says so", arguments: makers)
    func closed(maker: DatabaseMaker) async throws {
        let database = try await maker.make(tables: [])
        await database.close()
        await expect(code: .closed) { try await database.transaction([Statement("SELECT 1")]) }
        await expect(code: .closed) { try await database.read(Statement("SELECT 1")) }
        await database.close()
    }

    @Test("a migration that is alone is run once, beside others, and does what it says", arguments: makers)
    func migratedAlone(maker: DatabaseMaker) async throws {
        let database = try await maker.make(tables: ["CREATE TABLE t (a BIGINT, b BIGINT)"])
        let migrations = [
            Migration(name: "tables", statements: []),
            Migration(
                name: "indexes",
                postgreSQL: [
                    "CREATE UNIQUE INDEX CONCURRENTLY t_a ON t (a)",
                    "CREATE INDEX CONCURRENTLY IF NOT EXISTS t_b\n  ON t (b) WHERE b > 0",
                ],
                sqlite: ["CREATE UNIQUE INDEX t_a ON t (a)", "CREATE INDEX t_b ON t (b) WHERE b > 0"], isAlone: true),
            Migration(name: "rows", statements: ["INSERT INTO t(a, b) VALUES (1, 2)"]),
        ]
        #expect(try await database.migrate(migrations) == ["indexes", "rows"])
        #expect(try await database.migrate(migrations) == [])
        await expect(code: .constraint) {
            try await database.transaction([Statement("INSERT INTO t(a, b) VALUES (1, 3)")])
        }
        await database.close()
    }
}
