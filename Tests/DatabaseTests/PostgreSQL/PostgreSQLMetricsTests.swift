import Support
import Telemetry
import Testing

@testable import Database

/// What is shown of the connections.
@Suite("Metrics of PostgreSQL", .enabled(if: PostgreSQLServer.isHere)) struct PostgreSQLMetricsTests {
    private static let table = ["CREATE TABLE t (a bigint)"]
    private static let insertion = Statement("INSERT INTO t(a) VALUES (1)")

    private func options(_ metrics: Metrics, bulk: Int = 1) -> PostgreSQLOptions {
        PostgreSQLOptions(name: "test", bulk: bulk, brisk: 1, reading: 1, metrics: metrics)
    }

    @Test("a line shows its connections, what waits for them, and for how long")
    func backlog() async throws {
        let fixture = try await PostgreSQLFixture(tables: Self.table)
        let metrics = Metrics()
        let other = try fixture.another(options(metrics, bulk: 3))
        #expect(metrics.database("connections", "bulk") == 0 && metrics.database("connections_wanted", "bulk") == 0)
        let holder = try await HeldTransaction("LOCK TABLE t IN ACCESS EXCLUSIVE MODE", in: fixture)
        let backlog = Task {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<10 {
                    group.addTask { _ = try await other.transaction([Self.insertion], urgency: .bulk) }
                }
                try await group.waitForAll()
            }
        }
        try await eventually("three are under way and seven wait") {
            metrics.database("connections", "bulk") == 3 && metrics.database("waiting_jobs", "bulk") == 7
        }
        #expect(metrics.database("connections_wanted", "bulk") == 3)
        #expect(metrics.database("connections_in_use", "bulk") == 3)
        #expect(metrics.database("statement_seconds_count", "bulk") == 0)
        #expect(metrics.database("connections_in_use", "brisk") == 0)
        #expect(metrics.database("connections", "brisk") == 0 && metrics.database("waiting_jobs", "reading") == 0)
        // What waits now counts as well as what was taken.
        try await eventually("they have waited for a while") {
            (metrics.database("longest_wait_seconds", "bulk") ?? 0) >= 0.2
        }
        try await holder.commit()
        try await backlog.value
        #expect(metrics.database("waiting_jobs", "bulk") == 0)
        // An answer is there before its connection is free again.
        try await eventually("none is in use") { metrics.database("connections_in_use", "bulk") == 0 }
        #expect(metrics.database("statement_seconds_count", "bulk") == 10)
        #expect(
            (0.2..<90).contains(metrics.database("statement_seconds_sum", "bulk") ?? 0), "three waited for the lock")
        #expect((0.2..<30).contains(metrics.database("longest_wait_seconds", "bulk") ?? 0))
        #expect(metrics.database("longest_wait_seconds", "reading") == 0)
        for name in ["connections_lost_total", "connection_failures_total", "unknown_outcomes_total"] {
            for line in ["bulk", "brisk", "reading"] { #expect(metrics.database(name, line) == 0, "\(name) \(line)") }
        }
        await other.close()
        #expect(metrics.database("connections", "bulk") == 0)
        await fixture.database.close()
    }

    @Test("a connection that is lost is counted, and the one that takes its place is not")
    func lost() async throws {
        let metrics = Metrics()
        let fixture = try await PostgreSQLFixture(tables: Self.table, options: options(metrics))
        for count in 1...2 {
            _ = try await fixture.database.transaction([Self.insertion])
            try await fixture.terminate()
            _ = try await fixture.database.transaction([Self.insertion])
            #expect(metrics.database("connections_lost_total", "brisk") == Double(count))
        }
        #expect(metrics.database("connections", "brisk") == 1)
        #expect(metrics.database("unknown_outcomes_total", "brisk") == 0)
        await fixture.database.close()
        #expect(metrics.database("connections_lost_total", "brisk") == 2, "what is closed is not lost")
    }

    @Test("where there is no server, one is wanted and tries are counted")
    func noServer() async throws {
        let metrics = Metrics()
        let database = try PostgreSQLDatabase(
            url: "postgresql://u@127.0.0.1:\(FreePorts.take(1)[0])/x", options: options(metrics))
        async let reading = Result { try await database.read(Statement("SELECT 1")) }
        try await eventually("a try has failed while the read waits") {
            metrics.database("connections_wanted", "reading") == 1
                && (metrics.database("connection_failures_total", "reading") ?? 0) >= 1
        }
        #expect(metrics.database("connections", "reading") == 0)
        guard case .failure = await reading else {
            Issue.record("there was a server")
            return
        }
        #expect((5..<60).contains(metrics.database("longest_wait_seconds", "reading") ?? 0))
        #expect(metrics.database("connections_wanted", "reading") == 0)
        await database.close()
    }

    @Test("a connection that leaves the machine without TLS is shown as in the clear, any other is not")
    func inClear() async throws {
        let script = """
            openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost \
              -keyout server.key -out server.crt
            chmod 600 server.key
            """
        let server = try await PostgreSQLServer(settings: ["ssl=on"], script: script)
        let name = try await server.makeDatabase()
        // 0.0.0.0 leads to this machine, and is no name of it that the address knows.
        for (host, mode, shown) in [
            ("0.0.0.0", "disable", 1.0), ("0.0.0.0", "require", 0), ("127.0.0.1", "disable", 0),
        ] {
            let metrics = Metrics()
            let database = try PostgreSQLDatabase(
                url: server.url(database: name, host: host, query: "sslmode=\(mode)"), options: options(metrics))
            _ = try await database.read(Statement("SELECT 1"))
            #expect(metrics.database("connections", "reading") == 1)
            #expect(metrics.database("connections_in_clear", "reading") == shown, "\(host) \(mode)")
            #expect(metrics.database("connections_in_clear", "bulk") == 0)
            await database.close()
            #expect(metrics.database("connections_in_clear", "reading") == 0)
        }
    }
}

extension Metrics {
    /// What `/metrics` says of a line; nil: nothing.
    func database(_ name: String, _ line: String) -> Double? {
        let start = "orderrelay_database_\(name){line=\"\(line)\"} "
        return rendered().split(separator: "\n").first { $0.hasPrefix(start) }.flatMap {
            Double($0.dropFirst(start.count))
        }
    }
}
