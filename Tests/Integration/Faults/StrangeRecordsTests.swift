import Door
import Intake
import Kafka
import Ledger
import Lifecycle
import Orders
import Sandbox
import Support
import Telemetry
import Testing

/// Every worker as a process of its own, before a topic on which somebody has written what no `ingest` would.
@Suite("Strange records before every worker", .needsRealKafka, .serialized)
struct StrangeRecordsTests {
    private static let workers = Processes.workers.map(\.name)

    @Test(
        "each is skipped, counted and, if nobody can use it, on dead-letters with its origin; the partition goes on",
        .timeLimit(.minutes(4)), arguments: LedgerMaker.shared)
    func everyWorker(maker: LedgerMaker) async throws {
        let sandbox = SandboxProcess(log: Log(process: "sandbox", write: { _ in }))
        try await sandbox.start()
        let relay = Relay(
            on: try RealKafka(brokers: 1),
            ["SMTP_URL": "smtp://127.0.0.1:\(sandbox.smtpPort!)?tls=never", "MAIL_FROM": "orders@shop.example"],
            ledger: try await maker.url())
        for words in [["topics", "create"], ["account", "create", "Shop"]] {
            _ = try await Program.output(of: words, environment: relay.environment, in: relay.folder)
        }
        // All lie there before the first is read: they come in few batches.
        let records = StrangeRecords()
        try await records.publish(relay.kafka)
        let members = try Self.workers.map { try relay.start($0) }

        let ledger = try Ledger.open(
            url: relay.environment["DATABASE_URL"]!, sealing: nil, now: { SystemTime().wall.milliseconds })
        try await ledger.migrate()
        let admin = try Admin(relay.kafka.properties)
        let source = LogPartition(
            cluster: try await admin.clusterID(timeout: .seconds(10)), topic: Event.topic, partition: 0)
        for (worker, member) in zip(Self.workers, members) {
            try await eventually("\(worker) has read everything", within: .seconds(60)) {
                try await ledger.position(of: worker, in: source)?.next == records.count
            }
            let position = try #require(try await ledger.position(of: worker, in: source))
            #expect((position.planned + position.skipped, position.lost) == (records.count, 0), "\(worker)")
            let poison = records.poison(for: worker)
            #expect(try await member.metric("orderrelay_intake_poison_total") == Double(poison.count), "\(worker)")
            if worker == ReadModel.worker {
                #expect(position.skipped == Int64(poison.count + records.skipped), "what can be counted is")
            }
        }
        try await eventually("the order after them is confirmed", within: .seconds(60)) {
            sandbox.mailbox.total == 1
        }
        try await readModel(ledger, records)
        try await letters(relay.kafka, records)
        let audit = try await relay.told("audit")
        #expect(audit.contains("unaccounted\t0"), "\(audit)")
        for member in members {
            let readiness = await member.readiness()
            #expect(readiness.isReady, "\(member.name): \(readiness.text)")
            try await relay.stop(member)
        }
        await ledger.close()
        await admin.close()
        await sandbox.stop(by: .now + .seconds(2))
        relay.kafka.wipe()
    }

    /// What can be stored is in the read model, U+0000 and all; what cannot is on its order's timeline, with the reason.
    private func readModel(_ ledger: Ledger, _ records: StrangeRecords) async throws {
        let orders = try await ledger.orders(records.orders) as [OrderID: OrderRow]
        #expect(Set(orders.keys) == Set(records.orders))
        for (order, words) in records.refused {
            let account = records.account(of: order)
            let entries = try await ledger.timeline(of: order, account: account)
            let reasons = entries.filter { $0.worker == ReadModel.worker }.compactMap { $0.detail["reason"] }
            #expect(reasons.first?.hasPrefix("poison: \(words)") == true, "\(reasons)")
        }
    }

    /// What is on dead-letters: from both workers that write there, each record that nobody can use with its place.
    private func letters(_ kafka: RealKafka, _ records: StrangeRecords) async throws {
        let writers = ["confirmations", "crm"]
        let expected = writers.reduce(0) { $0 + records.poison(for: $1).count }
        let reader = try await TopicReader(kafka.properties, topic: "dead-letters")
        var texts: [String] = []
        while texts.count < expected, let more = try await reader.next(maximum: 100) {
            texts += more.map { String(decoding: ($0.value ?? []).prefix(2_000), as: UTF8.self) }
        }
        await reader.close(timeout: .seconds(2))
        for worker in writers {
            for offset in records.poison(for: worker) {
                let found = texts.filter {
                    $0.contains("\"worker\":\"\(worker)\"")
                        && $0.contains("\"topic\":\"orders\",\"partition\":0,\"offset\":\(offset)}")
                }
                #expect(found.count == 1, "\(worker) \(offset)")
            }
        }
    }
}
