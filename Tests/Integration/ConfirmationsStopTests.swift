import Foundation
import Kafka
import Orders
import Support
import Testing

@Suite("The end of confirmations", .needsRealKafka, .enabled(if: MailTools.areHere))
struct ConfirmationsStopTests {
    @Test("SIGTERM: the mail server hears QUIT, and the process ends with 0", .timeLimit(.minutes(2)))
    func quit() async throws {
        let kafka = try RealKafka(brokers: 1)
        let mail = try await HelperServer.started("smtp_sink.py")
        let folder = MailTools.temporaryFolder("stop")
        defer { try? FileManager.default.removeItem(at: folder) }
        let environment = [
            "KAFKA_BOOTSTRAP_SERVERS": kafka.bootstrapServers, "ADMIN_LISTEN": "127.0.0.1:0",
            "DATABASE_URL": "sqlite:\(folder.appending(path: "orderrelay.db").path)",
            "SECRETS_KEY": String(repeating: "0f", count: 32),
            "SMTP_URL": "smtp://127.0.0.1:\(mail.port)?tls=never", "MAIL_FROM": "orders@shop.example",
        ]
        let topics = try Program(["topics", "create"], environment: environment, in: folder)
        #expect(await topics.status() == 0, "\(topics.errors)")
        let worker = try Program(["confirmations"], environment: environment, in: folder)
        try await order(kafka)
        try await happens("a message at the server") { FileManager.default.fileExists(atPath: file("1.eml", mail)) }

        let begun = ContinuousClock.now
        #expect(await worker.stop() == 0, "\(worker.errors)")
        #expect(begun.duration(to: .now) < .seconds(10))
        // The program has read QUIT's answer, or its connection's end, before it ended.
        #expect(try String(contentsOfFile: file("quits", mail), encoding: .utf8) == "QUIT\n")
    }

    private func file(_ name: String, _ mail: HelperServer) -> String { mail.folder.appending(path: name).path }

    private func order(_ kafka: RealKafka) async throws {
        var draft = OrderDraft(locale: .en)
        draft.buyer.email = "olena@example.com"
        let order = OrderID(account: "shop", .external(id: "1", source: nil))
        let event = Event(
            id: EventID.created(order).text, account: "shop", order: order,
            time: Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1000)), traceparent: nil,
            content: .created(draft))
        let encoded = event.encoded()
        let producer = try Producer(kafka.properties)
        _ = try await producer.send(
            OutgoingRecord(
                topic: "orders", key: encoded.key, value: encoded.value,
                headers: encoded.headers.map { RecordHeader($0.name, text: $0.value) }))
        await producer.close(timeout: .seconds(5))
    }

    /// Looks again and again: the server and the worker are programs of their own.
    private func happens(_ what: String, _ isSo: () -> Bool) async throws {
        let deadline = ContinuousClock.now + .seconds(60)
        while !isSo() {
            try #require(.now < deadline, "timed out waiting for: \(what)")
            try await Task.sleep(for: .milliseconds(100))
        }
    }
}
