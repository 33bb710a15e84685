import Foundation
import Primitives
import Support
import Testing

@testable import Database

/// What happens when a server is lost for good, or its disk has no room.
@Suite("Failover and full disks of PostgreSQL", .enabled(if: PostgreSQLServer.isHere)) struct PostgreSQLFailoverTests {
    @Test(
        "when a primary dies and its synchronous standby is promoted, work goes on with all that was confirmed",
        .timeLimit(.minutes(3)))
    func failover() async throws {
        let primary = try await PostgreSQLServer(settings: ["synchronous_standby_names=*"])
        let standby = try await PostgreSQLServer(standbyOf: primary)
        let name = try await primary.makeDatabase()
        // The standby stands first: it lets this program in, takes no writes, and is passed over.
        let url =
            "postgresql://\(PostgreSQLServer.role):\(PostgreSQLServer.password)@127.0.0.1:\(standby.port),"
            + "127.0.0.1:\(primary.port)/\(name)?target_session_attrs=read-write"
        try await eventually("the standby has the database") {
            (try? await standby.sql("SELECT 1", database: name)) == "1"
        }
        let database = try PostgreSQLDatabase(url: url, options: PostgreSQLOptions(name: "test"))
        _ = try await database.migrate([Migration(name: "tables", statements: [InsertionLog.table])])
        let log = InsertionLog()
        let isOver = Shared(false)
        async let writing: Void = log.insert(into: database, until: isOver)
        async let alsoWriting: Void = log.insert(into: database, urgency: .bulk, until: isOver)
        try await eventually("work is under way") { log.now.confirmed.count > 20 }
        #expect(try await database.read(Statement("SELECT count(*) FROM pg_stat_wal_receiver")) == [[.integer(0)]])
        try await primary.kill()
        try await standby.promote()
        let confirmed = log.now.confirmed.count
        let recovery = try await milliseconds {
            try await eventually("work goes on at the standby", within: .seconds(20)) {
                log.now.confirmed.count > confirmed
            }
        }
        // A pause of 5 s at most between two tries, and the time of one.
        #expect(recovery <= 10_000, "\(recovery) ms")
        try await eventually("and goes on") { log.now.confirmed.count > confirmed + 20 }
        isOver.now = true
        _ = await (writing, alsoWriting)
        try await log.check(against: database)
        await database.close()
    }

    @Test("a standby alone takes no writes: they fail as unreachable until it is promoted", .timeLimit(.minutes(3)))
    func standbyAlone() async throws {
        let primary = try await PostgreSQLServer()
        let name = try await primary.makeDatabase()
        let standby = try await PostgreSQLServer(standbyOf: primary)
        let database = try PostgreSQLDatabase(url: standby.url(database: name), options: .impatient(connecting: 300))
        let error = await expect(code: .unreachable) { try await database.transaction([Statement("SELECT 1")]) }
        #expect(error?.isRetriable == true && error?.outcome == .undone)
        try await standby.promote()
        try await eventually("it takes them", within: .seconds(10)) {
            (try? await database.transaction([Statement("CREATE TABLE t (a bigint)")])) != nil
        }
        await database.close()
    }

    @Test(
        "a full disk is told as such and undoes what met it; once there is room work goes on",
        .enabled(if: PostgreSQLServer.canMount), .timeLimit(.minutes(3)))
    func fullDisk() async throws {
        let server = try await PostgreSQLServer(
            settings: ["min_wal_size=32MB", "max_wal_size=64MB"], diskMegabytes: 200)
        let fixture = try await PostgreSQLFixture(on: server, tables: [InsertionLog.table])
        let log = InsertionLog()
        await log.insertOne(into: fixture.database)
        // Whatever is left but 2 MB.
        let filler = server.data.appending(path: "filler").path
        try runCommand([
            "sh", "-c", "head -c 1G /dev/zero > '\(filler)' 2>/dev/null; truncate -s -2M '\(filler)'",
        ])
        var full: DatabaseError?
        for number in 0..<2_000 where full == nil {
            do throws(DatabaseError) {
                _ = try await fixture.database.transaction([
                    Statement(
                        "INSERT INTO t(id, filler) VALUES ($1, $2)", [.integer(-Int64(number) - 1), .text(Self.page)])
                ])
            } catch { full = error }
        }
        let error = try #require(full)
        #expect(error.code == .full && error.isRetriable && error.outcome == .undone, "\(error)")
        #expect(error.nativeCode == "53100" && error.message.contains("free space on the database's disk"), "\(error)")
        await log.insertOne(into: fixture.database)
        // What was there stays readable.
        #expect(try await fixture.number("SELECT count(*) FROM t WHERE id = 1") == Int64(InsertionLog.rowsEach))
        try FileManager.default.removeItem(atPath: filler)
        try await eventually("work goes on", within: .seconds(10)) {
            await log.insertOne(into: fixture.database)
            return log.now.confirmed.count > 1
        }
        _ = try await fixture.database.transaction([Statement("DELETE FROM t WHERE id < 0")])
        try await log.check(against: fixture.database)
        await fixture.database.close()
    }

    /// Nearly a page of a table, which cannot be compressed.
    private static let page: String = {
        var generator = SystemRandomNumberGenerator()
        return String((0..<1_900).map { _ in Character(UnicodeScalar(UInt8.random(in: 33..<127, using: &generator))) })
    }()
}
