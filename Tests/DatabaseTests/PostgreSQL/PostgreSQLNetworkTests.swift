import Foundation
import Support
import Testing

@testable import Database

/// What happens when the network between this program and a server that is well fails.
@Suite("Faults of the network before PostgreSQL", .enabled(if: PostgreSQLServer.isHere && Toxiproxy.isHere))
struct PostgreSQLNetworkTests {
    private func database(
        through proxy: Toxiproxy, _ fixture: PostgreSQLFixture, _ options: PostgreSQLOptions
    ) throws -> PostgreSQLDatabase {
        try PostgreSQLDatabase(
            url:
                "postgresql://\(PostgreSQLServer.role):\(PostgreSQLServer.password)@127.0.0.1:\(proxy.port)/\(fixture.name)",
            options: options)
    }

    @Test(
        "a network that is cut is an error by the deadline, and works again when it is whole", .timeLimit(.minutes(3)))
    func cut() async throws {
        let fixture = try await PostgreSQLFixture(tables: [InsertionLog.table])
        let proxy = try await Toxiproxy(to: fixture.server.port)
        let database = try database(through: proxy, fixture, .impatient(transaction: 2_000, connecting: 2_000))
        let log = InsertionLog()
        try await eventually("it works") {
            await log.insertOne(into: database)
            return !log.now.confirmed.isEmpty
        }
        let before = log.now
        // Nothing passes any more, and nobody says so.
        for direction in [Toxiproxy.Direction.toServer, .toClient] {
            try await proxy.add("timeout", direction, ["timeout": 0])
        }
        let writing = await milliseconds { await log.insertOne(into: database) }
        #expect(
            (1_900..<10_000).contains(writing) && log.now.unknown.count == before.unknown.count + 1, "\(writing) ms")
        let waiting = await milliseconds { await log.insertOne(into: database) }
        #expect((1_900..<10_000).contains(waiting) && log.now.undone.count == before.undone.count + 1, "\(waiting) ms")
        let reading = await milliseconds {
            await expect(code: .unreachable) { try await database.read(Statement("SELECT 1")) }
        }
        #expect((900..<10_000).contains(reading), "\(reading) ms")
        for direction in [Toxiproxy.Direction.toServer, .toClient] { try await proxy.remove("timeout", direction) }
        try await eventually("it works again", within: .seconds(30)) {
            await log.insertOne(into: database)
            return log.now.confirmed.count > before.confirmed.count
        }
        try await log.check(against: fixture.database)
        await database.close()
        await fixture.database.close()
    }

    @Test("over a slow network a transaction of many statements takes one way there and back", .timeLimit(.minutes(3)))
    func slow() async throws {
        let fixture = try await PostgreSQLFixture(tables: ["CREATE TABLE t (a bigint)"])
        let proxy = try await Toxiproxy(to: fixture.server.port)
        let database = try database(through: proxy, fixture, PostgreSQLOptions(name: "test"))
        let statements = (0..<8).map { Statement("INSERT INTO t(a) VALUES ($1)", [.integer($0)], mustChange: 1) }
        _ = try await database.transaction(statements)
        _ = try await database.read(Statement("SELECT 1"))
        try await proxy.add("latency", .toClient, ["latency": 400])
        let writing = try await milliseconds { _ = try await database.transaction(statements) }
        #expect((400..<800).contains(writing), "\(writing) ms")
        // Of those that wait together each connection takes some at once.
        let reading = try await milliseconds {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<16 { group.addTask { _ = try await database.read(Statement("SELECT 1")) } }
                try await group.waitForAll()
            }
        }
        #expect((400..<1_200).contains(reading), "\(reading) ms")
        #expect(try await fixture.number("SELECT count(*) FROM t") == 16)
        await database.close()
        await fixture.database.close()
    }

    @Test(
        "connections that are reset, or end, in mid-pipeline lose nothing that was confirmed, and nothing holds twice",
        .timeLimit(.minutes(3)),
        arguments: [
            ("reset_peer", Toxiproxy.Direction.toServer, ["timeout": 15]), ("limit_data", .toServer, ["bytes": 30_000]),
            ("limit_data", .toClient, ["bytes": 3_000]),
        ])
    func reset(toxic: String, direction: Toxiproxy.Direction, attributes: [String: Int]) async throws {
        let fixture = try await PostgreSQLFixture(tables: [InsertionLog.table])
        let proxy = try await Toxiproxy(to: fixture.server.port)
        let database = try database(
            through: proxy, fixture, PostgreSQLOptions(name: "test", bulk: 2, brisk: 2, reading: 1))
        let log = InsertionLog()
        let isOver = Shared(false)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<4 {
                group.addTask {
                    await log.insert(into: database, urgency: number % 2 == 0 ? .bulk : .brisk, until: isOver)
                }
            }
            group.addTask {
                defer { isOver.now = true }
                for round in 1...12 {
                    let confirmed = log.now.confirmed.count
                    try await eventually("work goes on, round \(round)", within: .seconds(10)) {
                        log.now.confirmed.count > confirmed + 3
                    }
                    let broken = log.now.undone.count + log.now.unknown.count
                    try await proxy.add(toxic, direction, attributes)
                    try await eventually("a transaction was broken off, round \(round)", within: .seconds(10)) {
                        log.now.undone.count + log.now.unknown.count > broken
                    }
                    try await proxy.remove(toxic, direction)
                }
            }
            try await group.waitForAll()
        }
        #expect(!log.now.unknown.isEmpty)
        await database.close()
        try await log.check(against: fixture.database)
        await fixture.database.close()
    }
}
