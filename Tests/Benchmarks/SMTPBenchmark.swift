import Access
import Confirmations
import Crypto
import Delivery
import Ledger
import Mail
import Orders

/// Messages a second to a local SMTP sink, and what each part of a confirmation costs.
enum SMTPBenchmark {
    static func run(_ words: [String]) async throws {
        let count = words.first.flatMap { Int($0) } ?? 20_000
        let sink = SMTPSink()
        let url = "smtp://127.0.0.1:\(sink.port)?tls=never"
        let message = sample(bytes: 6_000)
        print("message: \(try message.encoded().count) bytes encoded")
        await measure("encoded", count) { _ in _ = try? message.encoded() }

        for connections in [1, 2, 4, 8] {
            var settings = try SMTPSettings(url: url)
            settings.connectionsMaximum = connections
            let client = SMTPClient(settings)
            let before = sink.count
            await measure("sent over \(connections) connection(s)", count, atOnce: connections * 2) { _ in
                guard case .accepted? = try? await client.send(message) else { preconditionFailure("not accepted") }
            }
            precondition(sink.count - before == count, "\(sink.count - before) of \(count) messages came")
            await client.close(timeout: .seconds(1))
        }

        var settings = try SMTPSettings(url: url)
        settings.connectionsMaximum = 4
        let worker = ConfirmationsWorker(
            ConfirmationsSettings(smtp: settings, from: MailAddress(address: "shop@shop.example")),
            account: { AccountRecord(id: $0, name: "Крамниця") }, now: { Timestamp(milliseconds: 1_764_000_000_000) })
        let adapter = worker.adapter(for: "email")!
        let attempt = attempt()
        await measure("confirmations: folded, rendered, encoded, sent over 4 connections", count, atOnce: 8) { _ in
            guard case .done = await adapter.attempt(attempt) else { preconditionFailure("not sent") }
        }
        await worker.close(timeout: .seconds(1))
    }

    private static func measure(
        _ what: String, _ count: Int, atOnce: Int = 1, _ body: @escaping @Sendable (Int) async -> Void
    ) async {
        let begun = ContinuousClock.now
        await withTaskGroup(of: Void.self) { group in
            for lane in 0..<atOnce {
                group.addTask {
                    for number in stride(from: lane, to: count, by: atOnce) { await body(number) }
                }
            }
        }
        let took = begun.duration(to: .now)
        let each = took / count
        print("\(what): \(Int(Double(count) / (took / .seconds(1)))) a second, \(each) each")
    }

    private static func sample(bytes: Int) -> MailMessage {
        MailMessage(
            from: MailAddress(name: "Крамниця", address: "shop@shop.example"),
            to: MailAddress(name: "Олена Коваль", address: "olena@example.com"), subject: "Замовлення № 1001 прийнято",
            text: String(repeating: "рядок\n", count: bytes / 60),
            html: String(repeating: "<p>рядок</p>\n", count: bytes / 18),
            messageID: "1@shop.example", date: 1_764_000_000_000)
    }

    private static func attempt() -> Attempt {
        let uah = Currency("UAH")!
        var draft = OrderDraft(locale: .uk)
        draft.buyer = Buyer(name: "Олена Коваль", email: "olena@example.com")
        draft.items = (1...3).map {
            Item(title: "Товар \($0)", quantity: 2, price: Money(minorUnits: 12_345, currency: uah))
        }
        draft.price = Money(minorUnits: 74_070, currency: uah)
        let order = OrderID("3f2a9c1b0d4e5f6071829304")!
        let event = Event(
            id: "\(order.text).created", account: "a1", order: order, time: Timestamp(milliseconds: 1_764_000_000_000),
            digest: sha256([0]), traceparent: nil, content: .created(draft))
        let row = LeasedDelivery(
            id: 1, worker: "confirmations", destination: "email", eventID: event.id, key: order.text, attempt: 0,
            leaseNumber: 1, isOutcomeUnknown: false)
        return Attempt(delivery: row, event: event, history: [event], timeout: .seconds(20))
    }
}
