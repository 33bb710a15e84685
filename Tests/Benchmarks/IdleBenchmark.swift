import Delivery
import Foundation
import Intake
import Kafka
import Ledger
import Lifecycle
import Orders
import Support
import Telemetry

/// What workers that have nothing to do cost PostgreSQL: each with connections of its own, as a process has them.
enum IdleBenchmark {
    static let usage = "[WORKERS [SECONDS]] [statements]"
    private static let shown = 12

    @Sendable static func run(_ words: [String]) async throws {
        let numbers = words.compactMap { Int($0) }
        let count = numbers.first ?? 20
        let seconds = numbers.dropFirst().first ?? 120
        // Counting statements costs something, too.
        let isCounting = words.contains("statements")
        let server = try await PostgreSQLServer(
            settings: ["fsync=on", "max_connections=200"]
                + (isCounting
                    ? ["shared_preload_libraries=pg_stat_statements", "pg_stat_statements.track_planning=on"] : []))
        let database = try await server.makeDatabase()
        let url = server.url(database: database)
        if isCounting { try await server.sql("CREATE EXTENSION pg_stat_statements", database: database) }
        let broker = try EmbeddedBroker()
        defer { broker.stop() }
        try broker.create(topic: "orders", partitions: 12)
        try broker.create(topic: "dead-letters", partitions: 1)
        var workers: [(worker: Worker, ledger: Ledger)] = []
        for number in 0..<count {
            let ledger = try Ledger.open(url: url, sealing: nil, now: { SystemTime().wall.milliseconds })
            try await ledger.migrate()
            let planner = IdlePlanner(worker: ["confirmations", "crm", "webhooks"][number % 3])
            let worker = Worker(
                WorkerContext(
                    worker: planner.worker, owner: "idle\(number)", ledger: ledger, metrics: Metrics(),
                    log: Log(process: "benchmark", write: { _ in })),
                planner: planner, kafka: broker.properties, cluster: broker.clusterID)
            workers.append((worker, ledger))
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (worker, _) in workers { group.addTask { try await worker.start() } }
            try await group.waitForAll()
        }
        // What starting costs is over.
        try await Task.sleep(for: .seconds(15))
        if isCounting { try await server.sql("SELECT pg_stat_statements_reset()", database: database) }
        let before = ProcessorTimes.now()
        try await Task.sleep(for: .seconds(seconds))
        let used = ProcessorTimes.now().since(before).seconds["postgres", default: 0]
        print(
            "\(count) idle workers, \(seconds) s: PostgreSQL used \(DeliveryBenchmark.text(used)) s of a core, "
                + "\(DeliveryBenchmark.text(used / Double(seconds) * 100)) % (goal: 1)")
        if isCounting { print(try await server.sql(Self.statements, database: database)) }
        let deadline = ContinuousClock.now + .seconds(8)
        await withTaskGroup(of: Void.self) { group in
            for (worker, ledger) in workers {
                group.addTask {
                    await worker.stop(by: deadline)
                    await ledger.close()
                }
            }
        }
        withExtendedLifetime(server) {}
    }

    /// The statements that took longest in all: calls, milliseconds of running and of planning, words.
    private static let statements = """
        SELECT calls, round((total_exec_time)::numeric, 1), round(total_plan_time::numeric, 1),
          left(regexp_replace(query, '\\s+', ' ', 'g'), 100)
        FROM pg_stat_statements ORDER BY total_exec_time + total_plan_time DESC LIMIT \(shown)
        """

    /// Nothing comes that it would have to plan.
    private struct IdlePlanner: Planner {
        let worker: String
        let topics = ["orders"]
        func plan(_ events: [PlannableEvent]) async throws -> [Plan] {
            events.map { _ in Plan(.skipped(reason: "idle")) }
        }
    }
}
