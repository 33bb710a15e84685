import Foundation
import Support
import Testing

@testable import Database

/// The ways to a server that are not plain: TLS, and a pooler.
@Suite("Ways to PostgreSQL", .enabled(if: PostgreSQLServer.isHere)) struct PostgreSQLWaysTests {
    /// An authority, a certificate of its for `localhost`, and an authority that has nothing to do with either.
    private static let certificates = """
        key="-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes"
        openssl req -x509 $key -days 2 -keyout ca.key -out ca.crt -subj /CN=authority
        openssl req -x509 $key -days 2 -keyout stranger.key -out stranger.crt -subj /CN=stranger
        openssl req -new $key -keyout server.key -out server.csr -subj /CN=localhost
        echo subjectAltName=DNS:localhost > names
        openssl x509 -req -in server.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 2 -out server.crt -extfile names
        chmod 600 server.key
        """

    @Test("TLS is verified by name and authority, and bound to the login")
    func encrypted() async throws {
        let server = try await PostgreSQLServer(settings: ["ssl=on"], script: Self.certificates)
        let name = try await server.makeDatabase()
        let authority = server.data.appending(path: "ca.crt").path
        let verified = "sslmode=verify-full&sslrootcert=\(authority)"

        let good = try PostgreSQLDatabase(
            url: server.url(database: name, host: "localhost", query: verified + "&channel_binding=require"),
            options: PostgreSQLOptions(name: "test"))
        _ = try await good.migrate([])
        #expect(try await good.condition().isEncrypted)
        await good.close()

        let stranger = server.data.appending(path: "stranger.crt").path
        for (host, query, words) in [
            ("127.0.0.1", verified, "does not match host name"),
            ("localhost", "sslmode=verify-full&sslrootcert=\(stranger)", "certificate verify failed"),
            ("localhost", "sslmode=verify-full&sslrootcert=/nowhere/ca.crt", "does not exist"),
            ("localhost", "sslmode=disable&channel_binding=require", "channel binding"),
        ] {
            let database = try PostgreSQLDatabase(
                url: server.url(database: name, host: host, query: query), options: PostgreSQLOptions(name: "test"))
            let error = await expect(code: .denied) { try await database.migrate([]) }
            #expect(
                error?.isRetriable == false && error?.message.contains(words) == true, "\(String(describing: error))")
            await database.close()
        }
    }

    @Test("a server without TLS is refused where TLS is asked for, and told as clear where it is not")
    func clear() async throws {
        let fixture = try await PostgreSQLFixture()
        #expect(try await !fixture.database.condition().isEncrypted)
        let strict = try fixture.another(query: "sslmode=require")
        let error = await expect(code: .denied) { try await strict.migrate([]) }
        #expect(error?.message.contains("does not support SSL") == true)
        await strict.close()
        await fixture.database.close()
    }

    @Test("what all programs take together is told, beside what the server gives")
    func condition() async throws {
        let server = try await PostgreSQLServer(settings: ["max_connections=20", "superuser_reserved_connections=3"])
        let fixture = try await PostgreSQLFixture(
            on: server, options: PostgreSQLOptions(name: "crm", bulk: 4, brisk: 1, reading: 1))
        let other = try fixture.another(PostgreSQLOptions(name: "other", connections: 3))
        _ = try await other.transaction([Statement("SELECT 1")])
        let condition = try await fixture.database.condition()
        #expect(condition.connectionsMaximum == 17 && condition.connectionsOfProcess == 6)
        #expect(condition.connectionsOfPrograms == 3 && condition.connections == 3)
        #expect(condition.version.hasPrefix("15."))
        #expect(
            condition.address == "postgresql://relay@127.0.0.1:\(server.port)/\(fixture.name)" && !condition.isRemote)
        // The tests' servers run without fsync.
        let checkUp = try await fixture.database.checkUp()
        #expect(checkUp.name.hasPrefix("PostgreSQL 15.") && checkUp.name.contains(condition.address))
        #expect(checkUp.remarks.map { $0.text.prefix { $0 != " " } } == ["fsync"] && checkUp.remarks[0].isFault)
        await other.close()
        await fixture.database.close()
    }

    @Test("behind a pooler everything works that works without", .enabled(if: PostgreSQLServer.hasPooler))
    func pooled() async throws {
        let server = try await PostgreSQLServer()
        let direct = try await PostgreSQLFixture(on: server, tables: PostgreSQLTransactionTests.position)
        let port = try await server.startPooler()
        let url = "postgresql://\(PostgreSQLServer.role):\(PostgreSQLServer.password)@127.0.0.1:\(port)/\(direct.name)"
        let options = PostgreSQLOptions(name: "pooled", connections: 8, isPooled: true)

        // Its role has no limits of its own yet.
        let unlimited = try PostgreSQLDatabase(url: url, options: options)
        let error = await expect(code: .denied) { try await unlimited.read(Statement("SELECT 1")) }
        #expect(
            error?.message.contains("ALTER ROLE \"relay\" SET lock_timeout = '10s'") == true,
            "\(String(describing: error))")
        await unlimited.close()
        for limit in SessionSettings.limits {
            try await server.sql("ALTER ROLE relay SET \(limit.name) = \(limit.milliseconds)")
        }
        // The pooler's own connections are older than that.
        try await server.sql(
            "SELECT count(pg_terminate_backend(pid, 10000)) FROM pg_stat_activity WHERE usename = 'relay'")

        let database = try PostgreSQLDatabase(url: url, options: options)
        let insertion = SQL("INSERT INTO r(id) SELECT v.id FROM rows AS v", rows: ["id": .integer])
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<60 {
                group.addTask {
                    let rows = (0..<10).map { [Value.integer(Int64(1_000 + number * 10 + $0))] }
                    _ = try await database.transaction(
                        [Statement(insertion, rows: rows, mustChange: 10)], urgency: number % 2 == 0 ? .bulk : .brisk)
                    _ = try await database.read(Statement("SELECT count(*) FROM r WHERE id = $1", [rows[0][0]]))
                }
            }
            try await group.waitForAll()
        }
        #expect(try await database.read(Statement("SELECT count(*) FROM r")) == [[.integer(600)]])
        _ = try await database.transaction(PostgreSQLTransactionTests.step(from: 0))
        await expect(code: .constraint) { try await database.transaction(PostgreSQLTransactionTests.step(from: 0)) }
        await expect(code: .fence) {
            try await database.transaction([Statement("DELETE FROM r WHERE id = -1", mustChange: 1)])
        }
        let plan = try await database.transaction([
            Statement("SELECT current_setting('enable_seqscan'), current_setting('statement_timeout')")
        ])
        #expect(plan == [[[.text("off"), .text("30s")]]])
        // What a transaction sets is gone with it.
        #expect(try await database.read(Statement("SELECT current_setting('enable_seqscan')")) == [[.text("on")]])
        #expect(try await database.migrate([Migration(name: "tables", statements: [])]) == [])
        // A lock of the session's would be any client's.
        let index = Migration(
            name: "index", postgreSQL: ["CREATE INDEX CONCURRENTLY r_id ON r (id)"], sqlite: [], isAlone: true)
        let refusal = await expect(code: .denied) {
            try await database.migrate([Migration(name: "tables", statements: []), index])
        }
        #expect(refusal?.isRetriable == false && refusal?.message.contains("without DATABASE_POOLER") == true)
        await database.close()
        await direct.database.close()
    }
}
