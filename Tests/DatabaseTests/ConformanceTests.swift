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
        #expect(error?.message.contains("positive_a") == true)
        #expect(error?.message.contains("4711") == false && error?.message.contains("example.org") == false)
        #expect(error?.isRetriable == false)
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
}
