import Access
import Confirmations
import Crypto
import Delivery
import Foundation
import Ledger
import Mail
import Orders
import Testing

@Suite("Confirmations at a real server", .enabled(if: MailTools.areHere))
struct MailConfirmationTests {
    private static let order = OrderID("3f2a9c1b0d4e5f6071829304")!

    private func worker(_ settings: SMTPSettings) throws -> ConfirmationsWorker {
        var account = AccountRecord(id: "a1", name: "Зелена крамниця")
        account.timeZone = "Europe/Kyiv"
        let from = try MailAddress(parsing: "shop@shop.example")
        return ConfirmationsWorker(
            ConfirmationsSettings(smtp: settings, from: from), account: { [account] _ in account }
        ) {
            Timestamp(milliseconds: 1_764_000_000_000)
        }
    }

    private func event(_ suffix: String, _ content: Event.Content) -> Event {
        Event(
            id: "\(Self.order.text).\(suffix)", account: "a1", order: Self.order,
            time: Timestamp(milliseconds: 1_764_000_000_000), digest: sha256([0]), traceparent: nil, content: content)
    }

    private func created(_ locale: OrderLocale) -> Event {
        let uah = Currency("UAH")!
        var draft = OrderDraft(locale: locale)
        draft.externalID = "1001"
        draft.buyer = Buyer(name: "Олена Коваль", email: "olena.koval@example.com")
        draft.items = [Item(title: "Ґудзик <срібний>", quantity: 1_000, price: Money(minorUnits: 1_250, currency: uah))]
        draft.price = Money(minorUnits: 1_250_000, currency: uah)
        return event("created", .created(draft))
    }

    private func attempt(_ history: [Event], unknown: Bool = false, attempts: Int = 1) -> Attempt {
        let event = history[history.count - 1]
        let row = LeasedDelivery(
            id: 1, worker: "confirmations", destination: "email", eventID: event.id, key: event.order.text,
            attempt: unknown ? attempts : 0, leaseNumber: 1, isOutcomeUnknown: unknown)
        return Attempt(delivery: row, event: event, history: history, timeout: .seconds(20))
    }

    @Test("every kind in every language arrives as it should be read", arguments: OrderLocale.allCases)
    func kinds(locale: OrderLocale) async throws {
        let server = try await HelperServer.started("smtp_sink.py")
        let worker = try worker(SMTPSettings(url: "smtp://127.0.0.1:\(server.port)?tls=never"))
        let adapter = try #require(worker.adapter(for: "email"))
        let created = created(locale)
        let paid = event("paid.1", .paid(OrderChange()))
        let histories = [
            [created], [created, paid], [created, paid, event("refunded.1", .refunded(OrderChange()))],
            [created, event("updated.1", .updated(OrderChange(status: .failed)))],
        ]
        for history in histories {
            guard case .done(let answer, let receipt, _) = await adapter.attempt(attempt(history)) else {
                Issue.record("\(await adapter.attempt(attempt(history)))")
                return
            }
            #expect(answer.hasPrefix("250 ") && receipt["smtp"] == answer)
            #expect(receipt["messageId"]?.hasPrefix("<\(Self.order.text).") == true)
        }
        await worker.close(timeout: .seconds(2))
        let mails = try await server.mails(1...histories.count)
        #expect(Set(mails.map(\.messageID)).count == histories.count)
        let total = locale == .en ? "UAH\u{a0}12,500.00" : "12\u{a0}500,00\u{a0}₴"
        for mail in mails {
            #expect(mail.to == .init(name: "Олена Коваль", address: "olena.koval@example.com"))
            #expect(mail.from == .init(name: "Зелена крамниця", address: "shop@shop.example"))
            #expect(mail.subject.contains("1001") && mail.autoSubmitted == "auto-generated")
            #expect(mail.text.contains("Ґудзик <срібний>") && mail.text.contains(total))
            #expect(mail.html?.contains("Ґудзик &lt;срібний&gt;") == true && mail.html?.contains(total) == true)
            #expect(mail.defects == [] && mail.bareEnds == 0 && mail.longestLine <= 78, "\(mail.defects)")
        }
        #expect(Set(mails.map(\.subject)).count == histories.count)
        server.stop()
    }

    @Test("an unknown outcome is repeated under the same Message-ID; another event has its own")
    func repeated() async throws {
        let sink = try await HelperServer.started("smtp_sink.py")
        for _ in 0..<2 {
            let worker = try worker(SMTPSettings(url: "smtp://127.0.0.1:\(sink.port)?tls=never"))
            _ = await worker.adapter(for: "email")?.attempt(attempt([created(.uk)], unknown: true))
            await worker.close(timeout: .seconds(2))
        }
        let mails = try await sink.mails(1...2)
        #expect(mails[0].messageID == mails[1].messageID)
        sink.stop()
    }

    @Test("a message whose outcome stays unknown is given up, not sent for days")
    func givenUp() async throws {
        let worker = try worker(SMTPSettings(url: "smtp://127.0.0.1:1?tls=never"))
        let adapter = try #require(worker.adapter(for: "email"))
        guard case .permanent(let why) = await adapter.attempt(attempt([created(.uk)], unknown: true, attempts: 5)),
            case .retry = await adapter.attempt(attempt([created(.uk)], unknown: true, attempts: 4))
        else {
            Issue.record("it must end, and not too soon")
            return
        }
        #expect(why.contains("may have been delivered"))
        await worker.close(timeout: .zero)
    }

    @Test(
        "what the mail server does has its outcome, and its words come without the buyer's address",
        arguments: [
            ("rcpt451", "retry"), ("rcpt550", "permanent"), ("rcpt535", "configuration"), ("dotclose", "unknown"),
            ("mailclose", "retry"),
        ])
    func outcomes(fault: String, expected: String) async throws {
        let server = try await HelperServer.started("misbehaving_server.py", [MailTools.certificates.path])
        var settings = try SMTPSettings(url: "smtp://127.0.0.1:\(server.port)?tls=never")
        settings.helloName = fault
        let worker = try worker(settings)
        let outcome = try #require(await worker.adapter(for: "email")?.attempt(attempt([created(.uk)])))
        await worker.close(timeout: .seconds(2))
        let (name, words) =
            switch outcome {
            case .retry(_, let why): ("retry", why)
            case .permanent(let why): ("permanent", why)
            case .configuration(let why): ("configuration", why)
            case .unknown(let why): ("unknown", why)
            case .done(let answer, _, _): ("done", answer)
            case .declined(let why): ("declined", why)
            }
        #expect(name == expected, "\(outcome)")
        #expect(!words.contains("olena") && !words.contains("example.com") && !words.isEmpty, "\(words)")
        server.stop()
    }

    @Test("an address that cannot be written to is permanent, and is not repeated in the reason")
    func badAddress() async throws {
        let worker = try worker(SMTPSettings(url: "smtp://127.0.0.1:1?tls=never"))
        var event = created(.uk)
        if case .created(var draft) = event.content {
            draft.buyer.email = "олена@приклад.укр"
            event.content = .created(draft)
        }
        guard case .permanent(let why)? = await worker.adapter(for: "email")?.attempt(attempt([event])) else {
            Issue.record("it must not be retried")
            return
        }
        #expect(why.contains("international") || why.contains("ASCII"))
        #expect(!why.contains("олена"))
        await worker.close(timeout: .zero)
    }
}
