import Database
import Foundation
import Orders
import Support
import Testing

@testable import Ledger

/// The schema of released versions becomes the present one, and loses nothing.
@Suite("Migrations") struct MigrationTests {
    private static let before = Array(Schema.migrations.prefix { !$0.name.hasPrefix("010") })
    private static let owner = "00ff"

    let clock = ManualClock()
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func open() throws -> any Database {
        try SQLiteDatabase(path: folder.file(), isDurable: false, now: clock.now)
    }

    /// A file of version 009 with `count` rows in each of the six states, and an attempt of each that is closed.
    private func makeOldFile(rows count: Int) async throws {
        let database = try open()
        _ = try await database.migrate(Self.before)
        let states = ["pending", "in_flight", "parked", "done", "dead", "skipped"]
        var statements = [
            Statement(
                """
                INSERT INTO positions(worker, cluster, topic, part, base_offset, next_offset, planned)
                VALUES ('w', 'c', 'orders', 3, 0, $1, $1)
                """, [.integer(Int64(count * states.count))]),
            Statement(
                "INSERT INTO books(worker, destination, part, planned) VALUES ('w', 'email', 3, $1)",
                [.integer(Int64(count * states.count))]),
        ]
        statements.append(
            Statement(
                """
                WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < $1)
                INSERT INTO events(worker, event_id, account, key, cluster, topic, part, log_offset, type, happened_at,
                  taken_at, disposition, digest, body) SELECT 'w', 'e' || i, 'acme', 'k' || i, 'c', 'orders', 3, i, 't', 1, 2,
                  'planned', zeroblob(32), X'7B7D' FROM n
                """, [.integer(Int64(count * states.count))]))
        for (place, state) in states.enumerated() {
            let isLeased = state == "in_flight"
            statements.append(
                Statement(
                    """
                    WITH RECURSIVE n(i) AS (SELECT $1 UNION ALL SELECT i + $2 FROM n WHERE i + $2 < $3)
                    INSERT INTO deliveries(id, worker, destination, event_id, key, part, state, attempt, next_attempt_at,
                      lease_no, lease_owner, lease_until, planned_at, changed_at, copied_at, reason, receipt)
                    SELECT i + 1, 'w', 'email', 'e' || i, 'k' || i, 3, $4, 1, 5, 1, $5, $6, 3, 4, NULL, 'because',
                      '{"a":"b"}' FROM n
                    """,
                    [
                        .integer(Int64(place)), .integer(Int64(states.count)), .integer(Int64(count * states.count)),
                        .text(state), isLeased ? .text("a") : .null, isLeased ? .integer(.max) : .null,
                    ]))
        }
        statements.append(
            Statement("INSERT INTO attempts SELECT id, 1, 6, 7, 'done', 'ok' FROM deliveries WHERE state = 'done'"))
        _ = try await database.transaction(statements)
        await database.close()
    }

    @Test("closed rows move to history, open ones stay with their leases, ids go on, and a copy is kept")
    func openRowsApart() async throws {
        try await makeOldFile(rows: 3)
        let database = try open()
        let ledger = try await Ledger.made(on: database)
        func number(_ text: String) async throws -> Int64? {
            try await database.read(Statement(text)).first?.first?.integer
        }
        let books = try #require(try await ledger.books(of: "w").first)
        #expect(books.rows == [.pending: 3, .inFlight: 3, .parked: 3, .done: 3, .dead: 3, .skipped: 3])
        #expect(books.unaccounted == 0)
        #expect(try await number("SELECT count(*) FROM history WHERE id IN (4, 5, 6, 10, 11, 12, 16, 17, 18)") == 9)
        #expect(
            try await number(
                """
                SELECT count(*) FROM history WHERE attempt = 1 AND lease_no = 1 AND planned_at = 3 AND changed_at = 4
                  AND reason = 'because' AND receipt = '{"a":"b"}' AND event_id = 'e' || (id - 1)
                """) == 9)
        let held = try await ledger.leased(to: "a", worker: "w")
        #expect(held.map(\.id) == [2, 8, 14])
        #expect(try await ledger.complete([completion(held[0])], owner: "a") == [2])
        #expect(try await ledger.deadLetters(worker: "w", limit: 10).map(\.id) == [5, 11, 17])
        _ = try await ledger.position(of: "w", in: LogPartition(cluster: "c", topic: "orders", partition: 4), base: 0)
        var batch = batch([event(1)], worker: "w")
        batch.source.partition = 4
        _ = try await ledger.takeIn(batch)
        #expect(try await number("SELECT max(id) FROM deliveries") == 19, "a closed row's id was given out again")

        let copy = try SQLiteDatabase(path: folder.file() + ".before-010", isDurable: false, now: clock.now)
        #expect(try await copy.read(Statement("SELECT count(*) FROM deliveries")) == [[.integer(18)]])
        #expect(try await copy.migrate(Self.before).isEmpty, "the copy is of the version before")
        await copy.close()
        await ledger.close()
    }

    @Test("a new file has nothing that a copy would keep")
    func newFile() async throws {
        let ledger = try await Ledger.made(on: try open())
        await ledger.close()
        #expect(!FileManager.default.fileExists(atPath: folder.file() + ".before-010"))
    }

    @Test("while a program of the version before runs, the schema stays as it is, and the error says what to do")
    func refusesBesideOthers() async throws {
        try await makeOldFile(rows: 1)
        let database = try open()
        let beat = Statement(
            ConfigurationStatements.heartbeat, [.text(Self.owner), .text("w")])
        _ = try await database.transaction([beat])
        let ledger = Ledger(database: database, sealing: nil)
        do throws(LedgerError) {
            try await ledger.migrate()
            Issue.record("the schema was changed beside another program")
        } catch {
            #expect(error.isRetriable && error.message.contains("stop them"), "\(error)")
        }
        #expect(try await database.read(Statement("SELECT count(*) FROM deliveries")) == [[.integer(6)]])
        clock.advance(15_000)
        try await ledger.migrate()
        #expect(try await database.read(Statement("SELECT count(*) FROM deliveries")) == [[.integer(3)]])
        await ledger.close()
    }

    @Test("eight programs that start at once make one schema", arguments: LedgerMaker.shared)
    func atOnce(maker: LedgerMaker) async throws {
        let open: @Sendable () throws -> any Database
        if maker.isPostgreSQL {
            let server = try await PostgreSQLServer.shared()
            let url = server.url(database: try await server.makeDatabase())
            open = { try PostgreSQLDatabase(url: url, options: PostgreSQLOptions(name: "test", connections: 3)) }
        } else {
            try await makeOldFile(rows: 500)
            let (path, now) = (folder.file(), clock.now)
            open = { try SQLiteDatabase(path: path, isDurable: false, now: now) }
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    let ledger = Ledger(database: try open(), sealing: nil)
                    // As a process does: another one may hold the file for longer than is waited for it at once.
                    try await eventually("the schema is there") {
                        do throws(LedgerError) { try await ledger.migrate() } catch {
                            guard error.isRetriable else { throw error }
                            return false
                        }
                        return true
                    }
                    #expect(try await ledger.accounts().isEmpty)
                    await ledger.close()
                }
            }
            try await group.waitForAll()
        }
        let database = try open()
        let names = try await database.read(Statement("SELECT name FROM migrations ORDER BY name")).map { $0[0].text }
        #expect(names == Schema.migrations.map(\.name))
        if !maker.isPostgreSQL {
            #expect(try await database.read(Statement("SELECT count(*) FROM history")) == [[.integer(1_500)]])
        }
        await database.close()
    }
}
