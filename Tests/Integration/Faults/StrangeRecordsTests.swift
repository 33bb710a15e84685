import Database
import Foundation
import HTTP
import Kafka
import Ledger
import Orders
import Testing

/// Every worker as a process of its own, before a topic on which somebody has written what is no event.
@Suite("Strange records before every worker", .needsRealKafka, .enabled(if: MailTools.areHere))
struct StrangeRecordsTests {
    private static let workers = ["confirmations", "analytics", "crm"]
    private static let unreadable: [Int64] = [0, 1, 2, 5, 6]

    @Test(
        "each is skipped, counted and, if nobody can read it, on dead-letters with its origin; the partition goes on",
        .timeLimit(.minutes(3)))
    func everyWorker() async throws {
        let kafka = try RealKafka(brokers: 1)
        let mail = try await HelperServer.started("smtp_sink.py")
        let folder = MailTools.temporaryFolder("strange")
        defer { try? FileManager.default.removeItem(at: folder) }
        let database = folder.appending(path: "orderrelay.db").path
        let environment = [
            "KAFKA_BOOTSTRAP_SERVERS": kafka.bootstrapServers, "DATABASE_URL": "sqlite:\(database)",
            "SECRETS_KEY": String(repeating: "0f", count: 32),
            "SMTP_URL": "smtp://127.0.0.1:\(mail.port)?tls=never", "MAIL_FROM": "orders@shop.example",
        ]
        for words in [["topics", "create"], ["account", "create", "Shop"]] {
            let program = try Program(words, environment: environment, in: folder)
            #expect(await program.status() == 0, "\(program.errors)")
        }
        let ports = Dictionary(uniqueKeysWithValues: zip(Self.workers, FreePorts.take(Self.workers.count)))
        let programs = try Self.workers.map { name in
            let own = ["ADMIN_LISTEN": "127.0.0.1:\(ports[name]!)"]
            return try Program([name], environment: environment.merging(own) { _, new in new }, in: folder)
        }
        let count = try await publish(kafka)

        let ledger = Ledger(
            database: try SQLiteDatabase(path: database, now: { Int64(Date().timeIntervalSince1970 * 1000) }),
            sealing: nil)
        let admin = try Admin(kafka.properties)
        let source = LogPartition(
            cluster: try await admin.clusterID(timeout: .seconds(10)), topic: "orders", partition: 0)
        for worker in Self.workers {
            try await eventually("\(worker) has read everything", within: .seconds(60)) {
                try await ledger.position(of: worker, in: source)?.next == count
            }
            let position = try #require(try await ledger.position(of: worker, in: source))
            #expect((position.planned + position.skipped, position.lost) == (count, 0), "\(worker)")
            let metrics = try await Client().send(ClientRequest(.get, "http://127.0.0.1:\(ports[worker]!)/metrics"))
            #expect(
                String(decoding: metrics.body, as: UTF8.self).contains(
                    "orderrelay_intake_poison_total{worker=\"\(worker)\",topic=\"orders\"} \(Self.unreadable.count)\n"),
                "\(worker)")
        }
        try await eventually("the order after them is confirmed", within: .seconds(60)) {
            FileManager.default.fileExists(atPath: mail.folder.appending(path: "1.eml").path)
        }
        let order = try await ledger.orders([Self.order]) as [OrderID: OrderRow]
        #expect(order.count == 1, "the order after them is in the read model")
        try await letters(kafka)
        for program in programs { #expect(await program.stop() == 0, "\(program.errors)") }
        await ledger.close()
        await admin.close()
    }

    private static let order = OrderID(account: "shop", .external(id: "1", source: nil))

    /// All on one partition, an order last; their number.
    private func publish(_ kafka: RealKafka) async throws -> Int64 {
        var draft = OrderDraft(locale: .en)
        draft.buyer.email = "olena@example.com"
        let event = Event(
            id: EventID.created(Self.order).text, account: "shop", order: Self.order,
            time: Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1000)), traceparent: nil,
            content: .created(draft))
        let encoded = event.encoded()
        // With its headers nearly the million bytes that a message may have.
        let megabyte = [UInt8](repeating: UInt8(ascii: "["), count: 990_000)
        func record(_ value: [UInt8]?, id: String? = nil, type: String? = nil) -> OutgoingRecord {
            let headers = id == nil && type == nil ? [] : encoded.headers
            return OutgoingRecord(
                topic: Event.topic, partition: 0, key: encoded.key, value: value,
                headers: headers.map { name, value in
                    switch name {
                    case "ce_id": RecordHeader(name, text: id ?? event.id)
                    case "ce_type": RecordHeader(name, text: type ?? value)
                    default: RecordHeader(name, text: value)
                    }
                })
        }
        let records = [
            record(Array("not an event".utf8)), record(nil), record([], id: "empty"),
            record(Array("{\"schema\":2,\"order\":[]}".utf8), id: "newer"),
            record(Array("{}".utf8), id: "unknown", type: "orderrelay.order.teleported"),
            record(megabyte), record(megabyte, id: "large"),
            record(encoded.value, id: event.id),
        ]
        let producer = try Producer(kafka.properties)
        for record in records { _ = try await producer.send(record) }
        await producer.close(timeout: .seconds(5))
        return Int64(records.count)
    }

    /// What is on dead-letters: from both workers that write there, each unreadable record with its place.
    private func letters(_ kafka: RealKafka) async throws {
        let reader = try await TopicReader(kafka.properties, topic: "dead-letters")
        var texts: [String] = []
        while texts.count < 2 * Self.unreadable.count, let more = try await reader.next(maximum: 100) {
            texts += more.map { String(decoding: ($0.value ?? []).prefix(2_000), as: UTF8.self) }
        }
        await reader.close(timeout: .seconds(2))
        for worker in ["confirmations", "crm"] {
            for offset in Self.unreadable {
                let found = texts.filter {
                    $0.contains("\"worker\":\"\(worker)\"")
                        && $0.contains("\"topic\":\"orders\",\"partition\":0,\"offset\":\(offset)")
                }
                #expect(found.count == 1, "\(worker) \(offset)")
            }
        }
    }
}
