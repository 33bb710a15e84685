import Dispatch
import Foundation
import Support
import Synchronization
import Testing

@testable import Database

/// What is SQLite's own: the file, and the other programs that use it.
@Suite struct SQLiteFileTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    func open(_ path: String? = nil, patience: Int64 = 5_000) throws -> SQLiteDatabase {
        var settings = SQLiteConnection.Settings()
        settings.patienceMilliseconds = patience
        return try SQLiteDatabase(path: path ?? folder.file(), settings: settings, now: { 0 })
    }

    /// Another program's connection.
    func stranger() throws -> SQLiteConnection {
        var settings = SQLiteConnection.Settings()
        settings.patienceMilliseconds = 0
        return try SQLiteConnection(path: folder.file(), settings: settings, now: { 0 })
    }

    static let table = Migration(name: "t", statements: ["CREATE TABLE t (a BIGINT)"])
    static let insertion = Statement("INSERT INTO t(a) VALUES (1)")

    @Test("what was committed is there after the file is opened again")
    func reopened() async throws {
        let first = try open()
        _ = try await first.migrate([Self.table])
        _ = try await first.transaction([Self.insertion])
        await first.close()
        let second = try open()
        #expect(try await second.read(Statement("SELECT count(*) FROM t")) == [[.integer(1)]])
        await second.close()
    }

    @Test("the file is in WAL mode, and synchronised at each commit unless told otherwise")
    func settings() async throws {
        let durable = try open()
        let rows = try await durable.transaction([Statement("PRAGMA journal_mode"), Statement("PRAGMA synchronous")])
        #expect(rows == [[[.text("wal")]], [[.integer(2)]]])
        await durable.close()
        let quick = try SQLiteDatabase(path: folder.file(), isDurable: false, now: { 0 })
        let quickRows = try await quick.transaction([Statement("PRAGMA synchronous")])
        #expect(quickRows == [[[.integer(1)]]])
        await quick.close()
    }

    @Test("the log of a busy file stays short, though at every moment someone reads")
    func logIsBegunAnew() throws {
        var settings = SQLiteConnection.Settings()
        settings.isDurable = false
        let writer = try SQLiteConnection(path: folder.file(), settings: settings, now: { 0 })
        try writer.execute("CREATE TABLE t (a BLOB)")
        let relay = try ReaderRelay(try stranger(), try stranger())
        var longest: Int64 = 0
        // 150 MB in all; each transaction is 256 KiB.
        for _ in 0..<600 {
            try writer.execute("INSERT INTO t(a) VALUES (randomblob(262144))")
            relay.passOn()
            longest = max(longest, Self.size(of: folder.file() + "-wal"))
        }
        #expect(relay.end() == nil)
        #expect(longest > 16 << 20, "the log was used at all")
        #expect(longest < 96 << 20, "64 MiB, and what is written until it is tried again")
        writer.close()
    }

    private static func size(of path: String) -> Int64 {
        ((try? FileManager.default.attributesOfItem(atPath: path)[.size]) as? NSNumber)?.int64Value ?? 0
    }

    @Test("a file that another program has locked is busy, for a bounded time, and then works again")
    func lockedByAnother() async throws {
        let database = try open(patience: 30)
        _ = try await database.migrate([Self.table])
        let other = try stranger()
        try other.execute("BEGIN IMMEDIATE")
        let error = await expect(code: .conflict) { try await database.transaction([Self.insertion]) }
        #expect(error?.isRetriable == true)
        #expect(try await database.read(Statement("SELECT count(*) FROM t")) == [[.integer(0)]])
        try other.execute("ROLLBACK")
        _ = try await database.transaction([Self.insertion])
        await database.close()
    }

    @Test("a writer waits for another program's short transaction")
    func waitsForAnother() async throws {
        let database = try open()
        _ = try await database.migrate([Self.table])
        let other = try stranger()
        try other.execute("BEGIN IMMEDIATE")
        async let writing = database.transaction([Self.insertion])
        // The reading connections are others, and are not held up.
        _ = try await database.read(Statement("SELECT 1"))
        try other.execute("COMMIT")
        _ = try await writing
        await database.close()
    }

    @Test("programs that start at once run each migration once")
    func migratedAtOnce() async throws {
        let migrations = (1...5).map { number in
            Migration(name: "m\(number)", statements: ["CREATE TABLE t\(number) (a BIGINT)"])
        }
        let path = folder.file()
        let done = try await withThrowingTaskGroup(of: [String].self) { group in
            for _ in 0..<6 {
                group.addTask {
                    let database = try SQLiteDatabase(path: path, now: { 0 })
                    let done = try await database.migrate(migrations)
                    await database.close()
                    return done
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        #expect(done.sorted() == migrations.map(\.name))
    }

    @Test("programs that write at once lose nothing")
    func writtenAtOnce() async throws {
        let first = try open()
        _ = try await first.migrate([Self.table])
        let others = try (0..<3).map { _ in try open() }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for database in others + [first] {
                for _ in 0..<4 {
                    group.addTask { for _ in 0..<10 { _ = try await database.transaction([Self.insertion]) } }
                }
            }
            try await group.waitForAll()
        }
        #expect(try await first.read(Statement("SELECT count(*) FROM t")) == [[.integer(160)]])
        for database in others + [first] { await database.close() }
    }

    @Test("a full file is told as full, undoes the transaction, and takes what still fits")
    func full() async throws {
        let database = try open()
        _ = try await database.migrate([Self.table, Migration(name: "b", statements: ["CREATE TABLE b (x BLOB)"])])
        // The same result code as a full file system, without needing one.
        _ = try await database.transaction([Statement("PRAGMA max_page_count = 20")])
        let large = Statement("INSERT INTO b(x) VALUES ($1)", [.blob([UInt8](repeating: 1, count: 200_000))])
        let error = await expect(code: .full) { try await database.transaction([Self.insertion, large]) }
        #expect(error?.isRetriable == true)
        #expect(try await database.read(Statement("SELECT count(*) FROM t")) == [[.integer(0)]])
        _ = try await database.transaction([Self.insertion])
        await database.close()
    }

    @Test("a folder that is missing, a file that is a folder, and one that is no database are each told")
    func cannotOpen() throws {
        #expect(throws: DatabaseError.self) { try open(folder.file("missing/ledger.db")) }
        for (path, code) in [
            (folder.file("missing/ledger.db"), DatabaseError.Code.denied), (folder.path, .denied),
        ] {
            do throws(DatabaseError) {
                _ = try SQLiteDatabase(path: path, now: { 0 })
                Issue.record("\(path) was opened")
            } catch { #expect(error.code == code && !error.isRetriable) }
        }
        let path = folder.file("notes.txt")
        try String(repeating: "these are notes, and no database\n", count: 100).write(
            toFile: path, atomically: true, encoding: .utf8)
        do throws(DatabaseError) {
            _ = try SQLiteDatabase(path: path, now: { 0 })
            Issue.record("a text was opened")
        } catch { #expect(error.code == .corrupt) }
    }

    @Test("a file, or a folder, that may not be written is told as such before anything is asked")
    func readOnly() async throws {
        let database = try open()
        _ = try await database.migrate([Self.table])
        await database.close()
        chmod(folder.path, 0o755)
        chmod(folder.file(), 0o444)
        #expect(try Self.refusal(of: folder.file()) == .denied)
        // A file that may be written in a folder that may not: the log beside it cannot be made.
        // (Whether the last log was removed depends on which connection closed last, so it is removed here.)
        chmod(folder.file(), 0o666)
        for suffix in ["-wal", "-shm"] { unlink(folder.file() + suffix) }
        #expect(try Self.refusal(of: folder.file()) == .denied)
        #expect(try Self.refusal(of: folder.file("new.db")) == .denied)
    }

    private static func refusal(of path: String) throws -> DatabaseError.Code? {
        try withoutPrivileges {
            do throws(DatabaseError) {
                _ = try SQLiteConnection(path: path, settings: .init(), now: { 0 })
                return nil
            } catch {
                #expect(!error.isRetriable, "\(error)")
                return error.code
            }
        }
    }

    @Test("a text of two statements is refused as a whole")
    func twoStatements() async throws {
        let database = try open()
        _ = try await database.migrate([Self.table])
        await expect(code: .statement) {
            try await database.transaction([Statement("INSERT INTO t(a) VALUES (1); DELETE FROM t")])
        }
        await expect(code: .statement) { try await database.transaction([Statement("  ")]) }
        await expect(code: .statement) { try await database.transaction([Statement("SELECT $a", [.null])]) }
        _ = try await database.transaction([Statement("INSERT INTO t(a) VALUES (1);")])
        #expect(try await database.read(Statement("SELECT count(*) FROM t")) == [[.integer(1)]])
        await database.close()
    }

    @Test("more texts than are kept prepared all still run")
    func manyTexts() async throws {
        let database = try open(":memory:")
        for number in 0..<(SQLiteConnection.statementsMaximum + 50) {
            #expect(try await database.read(Statement("SELECT \(number)")) == [[.integer(Int64(number))]])
        }
        #expect(try await database.read(Statement("SELECT 0")) == [[.integer(0)]])
        await database.close()
    }

    @Test("what was asked before closing is still done")
    func closesAfterWork() async throws {
        let database = try open()
        _ = try await database.migrate([Self.table])
        let done = await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<50 { group.addTask { (try? await database.transaction([Self.insertion])) != nil } }
            group.addTask {
                await database.close()
                return false
            }
            return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
        }
        let again = try open()
        #expect(try await again.read(Statement("SELECT count(*) FROM t")) == [[.integer(Int64(done))]])
        await again.close()
    }
}

/// Two readers of a file, on a thread of their own, of which one begins before the other ends: after each commit, and
/// where none comes for 20 ms, since then the writer waits for them.
///
/// `@unchecked`: the readers are the thread's alone.
private final class ReaderRelay: @unchecked Sendable {
    private let committed = DispatchSemaphore(value: 0)
    private let passed = DispatchSemaphore(value: 0)
    private let ended = DispatchSemaphore(value: 0)
    private let state = Mutex<(isEnding: Bool, failure: (any Error)?)>((false, nil))
    private var reading: SQLiteConnection
    private var idle: SQLiteConnection

    init(_ one: SQLiteConnection, _ other: SQLiteConnection) throws {
        reading = one
        idle = other
        try begin(reading)
        Thread.detachNewThread { self.run() }
    }

    /// Lets the readers change over, and waits until they have.
    func passOn() {
        committed.signal()
        passed.wait()
    }

    /// What went wrong, if anything did.
    func end() -> (any Error)? {
        state.withLock { $0.isEnding = true }
        ended.wait()
        return state.withLock { $0.failure }
    }

    private func run() {
        while !state.withLock({ $0.isEnding }) {
            let isAfterCommit = committed.wait(timeout: .now() + .milliseconds(20)) == .success
            do {
                try begin(idle)
                try reading.execute("COMMIT")
                swap(&reading, &idle)
            } catch {
                state.withLock { $0.failure = error }
            }
            if isAfterCommit { passed.signal() }
        }
        reading.close()
        idle.close()
        ended.signal()
    }

    /// A snapshot is taken by the first statement that reads.
    private func begin(_ reader: SQLiteConnection) throws {
        try reader.execute("BEGIN")
        try reader.execute("SELECT rowid FROM t LIMIT 1")
    }
}
