import CLibrdkafka
import Database
import Foundation
import Kafka
import Support

/// `audit` over topics of millions of records: how fast, beside the C library's own consumer, and in how much memory.
///
/// The ledger is filled with rows as `analytics` leaves them, without bodies: what is looked up is an id in an index.
enum AuditBenchmark {
    static let usage = "[RECORDS…] [postgresql|sqlite]"
    private static let partitions = 12
    private static let valueCount = 100
    private static let rowsAtOnce: Int64 = 100_000

    static func run(_ words: [String]) async throws {
        let counts = words.compactMap { Int($0) }
        let isSQLite = words.contains("sqlite")
        for count in counts.isEmpty ? [1_000_000] : counts {
            try await measure(count / partitions * partitions, isSQLite: isSQLite)
        }
    }

    private static func measure(_ count: Int, isSQLite: Bool) async throws {
        var variables: [String: String] = [:]
        let server = isSQLite ? nil : try await LedgerBenchmark.server(diskMilliseconds: 0)
        if let server { variables["DATABASE_URL"] = server.url(database: try await server.makeDatabase()) }
        let cluster = try await BenchmarkCluster(variables)
        let url = variables["DATABASE_URL"] ?? "sqlite:\(cluster.folder.path)/ledger.db"
        _ = try await cluster.run(["migrate"])
        let brokers = cluster.kafka.bootstrapServers
        let properties = ClientProperties(bootstrapServers: brokers)
        print(
            "\(count) records of \(valueCount) bytes on \(partitions) partitions, \(isSQLite ? "SQLite" : "PostgreSQL")"
        )
        let produced = try await onThread { try produce(count, brokers) }
        print("  produced in \(text(produced)): \(rate(count, produced))")
        for round in 1...2 {
            let bare = try await onThread {
                try KafkaBare.consume(brokers, "orders", partitions: Int32(partitions), count: count)
            }
            print("  the C library's consumer, round \(round): \(rate(count, bare))")
        }
        let module = try await read(count, properties)
        print("  the module's reader: \(rate(count, module))")
        let filled = try await seconds { try await fill(count, url, properties) }
        print("  the ledger filled in \(text(filled))")
        for words in [["audit", "--sums"], ["audit"]] { try await audit(words, count, cluster) }
        await cluster.stop()
        cluster.kafka.wipe()
        _ = server
    }

    /// The program itself, and its memory twice a second.
    private static func audit(_ words: [String], _ count: Int, _ cluster: BenchmarkCluster) async throws {
        let began = ContinuousClock.now
        let program = try cluster.program(words)
        var size = ResidentSize(words.joined(separator: " "), program.processID)
        let output = Task { await program.rest() }
        let isOver = Shared(false)
        Task {
            _ = await program.status()
            isOver.now = true
        }
        while !isOver.now {
            size.sample()
            try await Task.sleep(for: .milliseconds(500))
        }
        let took = (ContinuousClock.now - began) / .seconds(1)
        let status = await program.status()
        let last = await output.value.split(separator: "\n").last ?? ""
        print(
            "  \(words.joined(separator: " ")): status \(status), \(last), \(text(took)), \(rate(count, took)), largest \((size.samples.max() ?? 0) / 1024) MB"
        )
        print("  \(program.errors.split(separator: "\n").last { $0.contains("per_second") } ?? "no progress line")")
    }

    // MARK: The topic

    private static func produce(_ count: Int, _ brokers: String) throws -> Double {
        let client = try KafkaBare.client(
            RD_KAFKA_PRODUCER,
            [
                "bootstrap.servers": brokers, "enable.idempotence": "true", "acks": "all", "linger.ms": "20",
                "queue.buffering.max.messages": "200000",
            ])
        let topic = rd_kafka_topic_new(client, "orders", nil)!
        let queue = rd_kafka_queue_get_main(client)
        let value = Array(repeating: UInt8(ascii: "x"), count: valueCount)
        let type = Array("orderrelay.order.created".utf8)
        let began = ContinuousClock.now
        var acknowledged = 0
        for number in 0..<count {
            while number - acknowledged >= 100_000 { acknowledged += drain(queue, 100) }
            let id = Array(eventID(number).utf8)
            let list = rd_kafka_headers_new(2)
            rd_kafka_header_add(list, "ce_id", 5, id, id.count)
            rd_kafka_header_add(list, "ce_type", 7, type, type.count)
            let failure = orderrelay_produce(
                client, topic, Int32(number % partitions), id, id.count, value, value.count, list, nil)
            guard failure == RD_KAFKA_RESP_ERR_NO_ERROR else {
                throw KafkaBare.Failure(description: "produce: \(failure.rawValue)")
            }
            if number % 5_000 == 0 { acknowledged += drain(queue, 0) }
        }
        while acknowledged < count { acknowledged += drain(queue, 100) }
        let took = (ContinuousClock.now - began) / .seconds(1)
        rd_kafka_queue_destroy(queue)
        rd_kafka_topic_destroy(topic)
        rd_kafka_destroy(client)
        return took
    }

    /// How many were acknowledged.
    private static func drain(_ queue: OpaquePointer?, _ milliseconds: Int32) -> Int {
        var count = 0
        var wait = milliseconds
        while let event = rd_kafka_queue_poll(queue, wait) {
            if rd_kafka_event_type(event) == RD_KAFKA_EVENT_DR { count += rd_kafka_event_message_count(event) }
            rd_kafka_event_destroy(event)
            wait = 0
        }
        return count
    }

    private static func read(_ count: Int, _ properties: ClientProperties) async throws -> Double {
        let reader = try await TopicReader(properties, topic: "orders")
        var seen = 0
        let took = try await seconds {
            while seen < count, let batch = try await reader.next(maximum: 2_000) { seen += batch.count }
        }
        await reader.close(timeout: .seconds(1))
        return took
    }

    // MARK: The ledger

    private static func eventID(_ number: Int) -> String { "0000000000000000\(10_000_000_000 + number).created" }

    private static let columns = """
        INSERT INTO events(worker, event_id, account, key, cluster, topic, part, log_offset, type, happened_at, taken_at,
          disposition)
        SELECT 'analytics', '0000000000000000' || (10000000000 + n) || '.created', 'shop',
          '0000000000000000' || (10000000000 + n), $3, 'orders', n % \(partitions), n / \(partitions), 'created', now_ms(),
          now_ms(), 'planned' FROM
        """

    private static let events = SQL(
        postgreSQL: "\(columns) generate_series(CAST($1 AS bigint), CAST($2 AS bigint) - 1) AS g(n)",
        sqlite: """
            WITH RECURSIVE g(n) AS (SELECT $1 UNION ALL SELECT n + 1 FROM g WHERE n + 1 < $2)
            \(columns) g
            """)

    private static func fill(_ count: Int, _ url: String, _ properties: ClientProperties) async throws {
        let admin = try Admin(properties)
        let cluster = try await admin.clusterID(timeout: .seconds(10))
        await admin.close()
        let database = try Databases(
            url: url, options: PostgreSQLOptions(name: "benchmark"), now: { Int64(Date().timeIntervalSince1970 * 1000) }
        ).open()
        for first in stride(from: 0, to: Int64(count), by: Int(rowsAtOnce)) {
            _ = try await database.transaction(
                [
                    Statement(
                        events, [.integer(first), .integer(min(first + rowsAtOnce, Int64(count))), .text(cluster)])
                ], urgency: .bulk)
        }
        for partition in 0..<partitions {
            let each = Value.integer(Int64(count / partitions))
            _ = try await database.transaction([
                Statement(
                    """
                    INSERT INTO positions(worker, cluster, topic, part, base_offset, next_offset, planned)
                    VALUES ('analytics', $1, 'orders', $2, 0, $3, $4)
                    """, [.text(cluster), .integer(Int64(partition)), each, each])
            ])
        }
        await database.close()
    }

    // MARK: Words

    private static func seconds(_ work: () async throws -> Void) async rethrows -> Double {
        let began = ContinuousClock.now
        try await work()
        return (ContinuousClock.now - began) / .seconds(1)
    }

    private static func text(_ seconds: Double) -> String { String(format: "%.1f s", seconds) }
    private static func rate(_ count: Int, _ seconds: Double) -> String { "\(Int(Double(count) / seconds)) records/s" }
}
