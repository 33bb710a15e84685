import Assembly
import Configuration
import Database
import Kafka
import Ledger
import Lifecycle
import Support
import Telemetry
import Testing
import TraceExport
import Tracing

@testable import Door

/// What every process shows on `/metrics` from its first moment, before it has reached anything.
@Suite("Metrics of all processes") struct MetricsTests {
    /// The registry of a process as it is when its services have been made, and an admin port and a ledger with them.
    private func registry(of process: ProcessDeclaration) throws -> Metrics {
        let metrics = Metrics()
        let environment = Environment([
            "SMTP_URL": "smtp://127.0.0.1:1?tls=never", "MAIL_FROM": "orders@shop.example",
            "CANARY_ACCOUNT": "bird", "CANARY_URL": "http://127.0.0.1:1", "CANARY_TOKEN": "t",
            "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1",
        ])
        let log = Log(process: "test") { _ in }
        let tracing = try TracingParts(
            environment, as: TracedService(name: process.name, version: "1", instance: "test"), metrics: metrics,
            log: log)
        let surroundings = Surroundings(
            environment: environment, kafka: ClientProperties(bootstrapServers: "127.0.0.1:1"),
            ledger: try Ledger(url: "sqlite::memory:", sealing: nil, now: { 0 }), log: log, metrics: metrics,
            time: SteadyTime(), processID: "test", tracing: tracing)
        let stages = try surroundings.stages(of: [process])
        let admin = AdminServer(listen: "127.0.0.1:0", metrics: metrics)
        let database = try PostgreSQLDatabase(
            url: "postgresql://u@127.0.0.1:1/x", options: PostgreSQLOptions(name: "test", metrics: metrics))
        metrics.addProcess(version: "1", process: process.name)
        withExtendedLifetime((stages, admin, database)) { _ = metrics.rendered() }
        return metrics
    }

    private var families: [String: FamilySummary] {
        get throws {
            var families: [String: FamilySummary] = [:]
            for process in Processes.all {
                for family in try registry(of: process).families { families[family.name] = family }
            }
            return families
        }
    }

    /// Gauges that are set for every value of their labels at once, whenever they are read: zeros before that would lie.
    private static let read: Set = [
        "orderrelay_ready", "orderrelay_intake_lag_records", "orderrelay_intake_lag_seconds",
        "orderrelay_intake_partition_stopped", "orderrelay_position_next_offset", "orderrelay_position_end_offset",
        "orderrelay_position_lag_records", "orderrelay_position_lag_seconds", "orderrelay_retention_headroom_seconds",
        "orderrelay_position_unaccounted", "orderrelay_delivery_rows", "orderrelay_delivery_unaccounted",
        "orderrelay_delivery_oldest_overdue_seconds",
    ]

    @Test(
        "every combination of labels is there from the start, for their sets are closed",
        arguments: Processes.all.map(\.name))
    func complete(process: String) throws {
        let metrics = try registry(of: #require(Processes.all.first { $0.name == process }))
        for family in metrics.families {
            #expect(family.openLabels.isEmpty || Self.read.contains(family.name), "\(family.name) \(family.openLabels)")
            #expect(family.kind == "gauge" || !Self.read.contains(family.name))
            #expect(family.missing.isEmpty && family.unforeseen.isEmpty, "\(family.name)")
        }
    }

    @Test("no label is a destination, a connection, an account or a token, and each name has our prefix")
    func bounded() throws {
        let families = try families
        #expect(families.count > 60)
        for family in families.values {
            #expect(family.name.hasPrefix("orderrelay_") || family.name.hasPrefix("process_"), "\(family.name)")
            let unbounded = Set(family.labels).intersection(["destination", "connection", "account", "token", "limit"])
            #expect(unbounded.isEmpty, "\(family.name)")
        }
    }

    @Test("a record that Kafka does not acknowledge is counted by kind of error, for every producer of a process")
    func unsent() async throws {
        let metrics = Metrics()
        let surroundings = Surroundings(
            environment: Environment([:]), kafka: ClientProperties(bootstrapServers: "127.0.0.1:1"),
            ledger: try Ledger(url: "sqlite::memory:", sealing: nil, now: { 0 }), log: Log(process: "test") { _ in },
            metrics: metrics, time: SteadyTime(), processID: "test")
        func shows(_ kind: String, _ count: Int) -> Bool {
            metrics.rendered().contains("\norderrelay_produce_errors_total{kind=\"\(kind)\"} \(count)\n")
        }
        #expect(KafkaError.Code.names.allSatisfy { shows($0, 0) })
        let producer = try Producer(surroundings.kafka)
        let record = OutgoingRecord(topic: "orders", key: [], value: [])
        await #expect(throws: KafkaError.self) { try await producer.send(record, timeout: .milliseconds(100)) }
        #expect(shows("timed_out", 1))
        let late = Task { try await producer.send(record, timeout: .seconds(30)) }
        try await eventually("it is under way") { producer.outstanding == 1 }
        await producer.close(timeout: .milliseconds(50))
        await #expect(throws: KafkaError.self) { try await late.value }
        #expect(shows("closed", 1))
    }

    @Test("the documentation's table has every metric with its type and labels, and no other")
    func documented() throws {
        let page = try Tree.text("Sources/OrderRelay/OrderRelay.docc/Metrics.md")
        var documented: [String: (kind: String, labels: [String])] = [:]
        for row in page.matches(of: /(?m)^\| `([a-z_]+)` \| (counter|gauge|histogram) \|([^|]*)\|/) {
            let labels = row.3.matches(of: /`([a-z]+)`/).map { String($0.1) }
            #expect(
                documented.updateValue((String(row.2), labels), forKey: String(row.1)) == nil, "\(row.1) is there twice"
            )
        }
        let families = try families
        #expect(Set(documented.keys) == Set(families.keys))
        for (name, shown) in documented {
            #expect(shown.kind == families[name]?.kind && shown.labels == families[name]?.labels, "\(name): \(shown)")
        }
    }
}
