import Foundation
import Support
import Telemetry
import Testing

@testable import Database

/// What happens when a real server, or the way to it, fails.
@Suite("Faults of PostgreSQL", .enabled(if: PostgreSQLServer.isHere)) struct PostgreSQLFaultTests {
    static let table = ["CREATE TABLE t (a bigint)"]
    static let insertion = Statement("INSERT INTO t(a) VALUES (1)")

    @Test("a commit whose answer is lost is told as unknown, and may hold")
    func unknownOutcome() async throws {
        let server = try await PostgreSQLServer(settings: ["synchronous_standby_names=nobody"])
        let waiting = try await PostgreSQLFixture(on: server, query: "options=-c%20synchronous_commit%3Dlocal")
        _ = try await waiting.database.transaction([Statement("CREATE TABLE t (a bigint)")])
        let metrics = Metrics()
        let committing = try waiting.another(PostgreSQLOptions(name: "other", metrics: metrics))
        async let outcome = Result { try await committing.transaction([Self.insertion]) }
        try await eventually("the commit waits for a standby") {
            try await server.sql("SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep'") == "1"
        }
        try await waiting.terminate(where: "wait_event = 'SyncRep'")
        guard case .failure(let error as DatabaseError) = await outcome else {
            Issue.record("the commit was taken for a success")
            return
        }
        #expect(error.code == .unreachable && error.outcome == .unknown && error.isRetriable, "\(error)")
        #expect(try await waiting.number("SELECT count(*) FROM t") == 1)
        #expect(metrics.database("unknown_outcomes_total", "brisk") == 1)
        #expect(metrics.database("unknown_outcomes_total", "bulk") == 0)
        for database in [committing, waiting.database] { await database.close() }
    }

    @Test("a server that stands still is an error by the deadline, and works again when it goes on")
    func frozen() async throws {
        let server = try await PostgreSQLServer()
        let fixture = try await PostgreSQLFixture(on: server, tables: Self.table, options: .impatient())
        #expect(try await fixture.number("SELECT count(*) FROM t") == 0)
        _ = try await fixture.database.transaction([Self.insertion])
        try server.freeze()
        let writing = await milliseconds {
            let error = await expect(code: .unreachable) { try await fixture.database.transaction([Self.insertion]) }
            #expect(error?.outcome == .unknown && error?.isRetriable == true)
        }
        #expect((900..<3_000).contains(writing), "\(writing) ms")
        // The next finds no connection, and none is made.
        let connecting = await milliseconds {
            let error = await expect(code: .unreachable) { try await fixture.database.transaction([Self.insertion]) }
            #expect(error?.outcome == .undone)
        }
        #expect((900..<3_000).contains(connecting), "\(connecting) ms")
        let reading = await milliseconds {
            await expect(code: .unreachable) { try await fixture.database.read(Statement("SELECT 1")) }
        }
        #expect((900..<3_000).contains(reading), "\(reading) ms")
        try server.thaw()
        try await eventually("it works again") {
            (try? await fixture.database.transaction([Self.insertion])) != nil
        }
        // The frozen one was told all before it stood still.
        #expect((2...3).contains(try await fixture.number("SELECT count(*) FROM t")))
        await fixture.database.close()
    }

    @Test("a server that is restarted, or killed, is connected to again; what waits meanwhile is done afterwards")
    func restarted() async throws {
        let server = try await PostgreSQLServer()
        let fixture = try await PostgreSQLFixture(on: server, tables: Self.table)
        for isKilled in [false, true] {
            _ = try await fixture.database.transaction([Self.insertion])
            #expect(try await fixture.number("SELECT 1") == 1)
            if isKilled { try await server.kill() } else { try await server.stop() }
            async let waiting = fixture.database.transaction([Self.insertion])
            async let reading = fixture.number("SELECT count(*) FROM t")
            try await server.start()
            _ = try await waiting
            #expect(try await reading > 0)
        }
        #expect(try await fixture.number("SELECT count(*) FROM t") == 4)
        await fixture.database.close()
    }

    @Test("where there is no server, what waits fails in its time, and says why")
    func noServer() async throws {
        let port = FreePorts.take(1)[0]
        let database = try PostgreSQLDatabase(
            url: "postgresql://u:hunter2@127.0.0.1:\(port)/x", options: .impatient(connecting: 300))
        let time = await milliseconds {
            let error = await expect(code: .unreachable) { try await database.read(Statement("SELECT 1")) }
            #expect(error?.isRetriable == true && error?.outcome == .undone)
            let message = error?.message ?? ""
            #expect(
                message.contains("refused") && message.contains("127.0.0.1") && !message.contains("hunter2"),
                "\(message)")
        }
        #expect((250..<5_000).contains(time))
        await database.close()
    }

    @Test("a wrong password, role or database is refused at once, without the password in the message")
    func denied() async throws {
        let server = try await PostgreSQLServer.shared()
        let name = try await server.makeDatabase()
        for (url, native) in [
            (server.url(database: name, password: "hunter2"), "28P01"),
            (server.url(database: name, role: "nobody", password: "hunter2"), "28P01"),
            (server.url(database: "nowhere"), "3D000"),
        ] {
            let database = try PostgreSQLDatabase(url: url, options: PostgreSQLOptions(name: "test"))
            let time = await milliseconds {
                let error = await expect(code: .denied) { try await database.migrate([]) }
                #expect(error?.isRetriable == false && error?.nativeCode == native, "\(String(describing: error))")
                let message = error?.message ?? ""
                #expect(!message.contains("hunter2") && !message.contains(PostgreSQLServer.password), "\(message)")
                #expect(message.contains("postgresql://"), "\(message)")
            }
            #expect(time < 3_000)
            await database.close()
        }
    }

    @Test("a password that is changed while the program runs is waited for")
    func deniedLater() async throws {
        let server = try await PostgreSQLServer()
        let fixture = try await PostgreSQLFixture(on: server, tables: Self.table)
        try await server.sql("ALTER ROLE relay PASSWORD 'another'")
        try await fixture.terminate()
        let error = await expect(code: .denied) { try await fixture.database.transaction([Self.insertion]) }
        #expect(error?.isRetriable == true)
        try await server.sql("ALTER ROLE relay PASSWORD '\(PostgreSQLServer.password)'")
        try await eventually("it is let in again") {
            (try? await fixture.database.transaction([Self.insertion])) != nil
        }
        await fixture.database.close()
    }

    @Test("a server that has no connection left is waited for, and used when it has one")
    func tooManyConnections() async throws {
        let server = try await PostgreSQLServer(settings: ["max_connections=5", "superuser_reserved_connections=1"])
        let name = try await server.makeDatabase()
        let address = try PostgreSQLAddress(url: server.url(database: name))
        var others: [PostgreSQLConnection] = []
        while let other = try? PostgreSQLConnection.connect(to: address, as: "other", line: .brisk, isPooled: false) {
            others.append(other)
        }
        #expect(others.count == 4)
        let database = PostgreSQLDatabase(address: address, options: .impatient())
        let error = await expect(code: .unreachable) { try await database.transaction([Statement("SELECT 1")]) }
        #expect(error?.isRetriable == true && error?.nativeCode == "53300", "\(String(describing: error))")
        others.removeLast().close()
        try await eventually("it gets the one that is free") {
            (try? await database.transaction([Statement("SELECT 1")])) != nil
        }
        await database.close()
    }

    @Test("a server that takes no writes is passed over for the one that does")
    func severalHosts() async throws {
        let fixture = try await PostgreSQLFixture(tables: Self.table)
        let standby = try await PostgreSQLServer()
        let gone = FreePorts.take(1)[0]
        try await standby.sql("ALTER ROLE relay SET default_transaction_read_only = on")
        try await standby.sql("CREATE DATABASE \(fixture.name) OWNER relay")
        let url =
            "postgresql://relay:\(PostgreSQLServer.password)@127.0.0.1:\(gone),127.0.0.1:\(standby.port),"
            + "127.0.0.1:\(fixture.server.port)/\(fixture.name)"
        let database = try PostgreSQLDatabase(url: url, options: PostgreSQLOptions(name: "test"))
        _ = try await database.transaction([Self.insertion])
        #expect(try await fixture.number("SELECT count(*) FROM t") == 1)
        await database.close()
        await fixture.database.close()
    }

    @Test("a transaction that waits too long for a lock fails as a conflict, undone")
    func lockTimeout() async throws {
        let fixture = try await PostgreSQLFixture(tables: Self.table, query: "options=-c%20lock_timeout%3D100ms")
        let holder = try await HeldTransaction("LOCK TABLE t IN ACCESS EXCLUSIVE MODE", in: fixture)
        let error = await expect(code: .conflict) { try await fixture.database.transaction([Self.insertion]) }
        #expect(error?.nativeCode == "55P03" && error?.isRetriable == true && error?.outcome == .undone)
        try await holder.commit()
        _ = try await fixture.database.transaction([Self.insertion])
        await fixture.database.close()
    }

    @Test("reads that were under way when the connection was lost are asked again")
    func readsAgain() async throws {
        let fixture = try await PostgreSQLFixture()
        let holder = try await HeldTransaction("SELECT 1 FROM (SELECT pg_advisory_xact_lock(1)) AS l", in: fixture)
        async let slow = fixture.database.read(Statement("SELECT 7 FROM (SELECT pg_advisory_lock(1)) AS l"))
        try await eventually("it is under way") {
            try await fixture.server.sql(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = '\(fixture.name)' AND wait_event = 'advisory'"
            ) == "1"
        }
        try await fixture.terminate(where: "wait_event = 'advisory'")
        try await holder.commit()
        #expect(try await slow == [[.integer(7)]])
        await fixture.database.close()
    }

    @Test("after it is closed nothing is taken, and what waited for a server ends")
    func closed() async throws {
        let fixture = try await PostgreSQLFixture(tables: Self.table)
        let done = await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<50 { group.addTask { (try? await fixture.database.transaction([Self.insertion])) != nil } }
            group.addTask {
                await fixture.database.close()
                return false
            }
            return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
        }
        await expect(code: .closed) { try await fixture.database.read(Statement("SELECT 1")) }
        let other = try fixture.another()
        #expect(try await other.read(Statement("SELECT count(*) FROM t")) == [[.integer(Int64(done))]])
        await other.close()
        let nowhere = try PostgreSQLDatabase(
            url: "postgresql://u@127.0.0.1:\(FreePorts.take(1)[0])/x", options: .impatient(connecting: 300))
        async let waiting = Result { try await nowhere.read(Statement("SELECT 1")) }
        await nowhere.close()
        guard case .failure = await waiting else {
            Issue.record("there was a server")
            return
        }
    }
}

/// `Result(catching:)` of what is asynchronous.
extension Result where Failure == any Error {
    init(_ work: () async throws -> Success) async {
        do { self = .success(try await work()) } catch { self = .failure(error) }
    }
}
