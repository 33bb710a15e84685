import Access
import Mail
import Orders
import Outbound
import Testing

@testable import Confirmations

@Suite("A confirmation as an e-mail")
struct EmailContentTests {
    private let shop = MailAddress(address: "shop@shop.example")

    private func message(_ notice: Notice, zone: String = "Europe/Kyiv") throws -> MailMessage {
        var account = AccountRecord(id: "a1", name: "Зелена крамниця")
        account.timeZone = zone
        return try EmailContent(notice, account: account, from: shop).message(to: notice.address)
    }

    @Test(
        "numbers, money and dates are written as the locale writes them",
        arguments: [
            (OrderLocale.uk, "1\u{a0}586,50\u{a0}₴", "136,50\u{a0}₴", "24 листопада 2025\u{202f}р. о 18:00"),
            (.ru, "1\u{a0}586,50\u{a0}₴", "136,50\u{a0}₴", "24 ноября 2025\u{202f}г. в 18:00"),
            (.en, "UAH\u{a0}1,586.50", "UAH\u{a0}136.50", "November 24, 2025 at 6:00\u{202f}PM"),
        ])
    func forms(locale: OrderLocale, total: String, sum: String, date: String) throws {
        let mail = try message(Samples.notice(.received, Samples.draft(locale)))
        for body in [mail.text, try #require(mail.html)] {
            #expect(body.contains(total), "\(body)")
            #expect(body.contains(sum))
            #expect(body.contains(date))
            #expect(body.contains("Насіння базиліку"))
        }
    }

    @Test(
        "measures and discounts are shown in the locale's form",
        arguments: [
            (OrderLocale.uk, "0,55 × 200,00\u{a0}₴ = 110,00\u{a0}₴", "-10,00\u{a0}₴"),
            (.en, "0.55 × UAH\u{a0}200.00 = UAH\u{a0}110.00", "-UAH\u{a0}10.00"),
        ])
    func measures(locale: OrderLocale, line: String, discount: String) throws {
        let draft = Samples.draft(locale) {
            $0.items = [
                Item(
                    title: "Тканина", quantity: Quantity(thousandths: 550),
                    price: Money(minorUnits: 20_000, currency: Samples.uah)),
                Item(title: "Знижка", quantity: 1, price: Money(minorUnits: -1_000, currency: Samples.uah)),
            ]
            $0.price = Money(minorUnits: 10_000, currency: Samples.uah)
        }
        let text = try message(Samples.notice(.received, draft)).text
        #expect(text.contains(line), "\(text)")
        #expect(text.replacing("−", with: "-").contains(discount), "\(text)")
    }

    @Test("dates are the account's, whatever the machine's time zone")
    func zone() throws {
        let mail = try message(Samples.notice(), zone: "America/New_York")
        #expect(mail.text.contains("24 листопада 2025\u{202f}р. о 11:00"))
    }

    @Test(
        "each kind says its own in each language, with the shop's number in the subject",
        arguments: [
            (OrderLocale.uk, ["прийнято", "Оплату", "Кошти", "скасовано"]),
            (.en, ["received", "Payment", "Refund", "cancelled"]), (.ru, ["принят", "Оплата", "Деньги", "отменён"]),
        ])
    func kinds(locale: OrderLocale, words: [String]) throws {
        for (kind, word) in zip(ConfirmationKind.allCases, words) {
            let mail = try message(Samples.notice(kind, Samples.draft(locale)))
            #expect(mail.subject.contains("1001") && mail.subject.contains(word), "\(mail.subject)")
            #expect(mail.html?.contains("lang=\"\(locale.rawValue)\"") == true)
            #expect(!mail.text.contains("{{") && mail.html?.contains("{{") == false)
        }
    }

    @Test("currencies have the digits that ISO 4217 gives them")
    func currencies() throws {
        func total(_ units: Int64, _ code: String) throws -> String {
            let draft = Samples.draft(.en) {
                $0.items = []
                $0.price = Money(minorUnits: units, currency: Currency(code)!)
            }
            return try message(Samples.notice(.received, draft)).text
        }
        #expect(try total(123_456, "JPY").contains("¥123,456\n"))
        #expect(try total(123_456, "KWD").contains("KWD\u{a0}123.456\n"))
        #expect(try total(Int64.max, "USD").contains("$92,233,720,368,547,758.07\n"))
    }

    @Test("a price that differs from the items' sum is shown beside it")
    func subtotal() throws {
        let draft = Samples.draft { $0.price = Money(minorUnits: 150_000, currency: Samples.uah) }
        let text = try message(Samples.notice(.received, draft)).text
        #expect(text.contains("Разом за позиції: 1\u{a0}586,50\u{a0}₴\nУсього: 1\u{a0}500,00\u{a0}₴"), "\(text)")
        #expect(try !message(Samples.notice()).text.contains("Разом за позиції"))
    }

    @Test("different currencies are never summed")
    func mixed() throws {
        let draft = Samples.draft {
            $0.price = nil
            $0.items[0].price = Money(minorUnits: 1_000, currency: Currency("EUR")!)
        }
        let text = try message(Samples.notice(.received, draft)).text
        #expect(!text.contains("Усього"))
    }

    @Test("an order of a title alone, and one of nothing at all, are messages too")
    func bare() throws {
        let titled = Samples.draft {
            $0.items = []
            $0.title = "Консультація"
            $0.buyer.name = nil
        }
        #expect(try message(Samples.notice(.received, titled)).text.contains("• Консультація\n"))
        var empty = OrderDraft(locale: .uk)
        empty.buyer.email = "b@example.com"
        let text = try message(Samples.notice(.received, empty)).text
        #expect(text.contains("№\u{a0}3F2A9C1B") && !text.contains("•") && !text.contains("Покупець"))
    }

    @Test("markup, line ends and endless names in what the shop or buyer wrote stay harmless")
    func hostile() throws {
        let draft = Samples.draft {
            $0.externalID = "10\r\nBcc: everyone@example.com"
            $0.buyer.name = "<script>alert(1)</script>\r\nX: y" + String(repeating: "я", count: 10_000)
            $0.items = (1...150).map { Item(title: "<b>\($0)</b>\n{{number}}", quantity: 1, price: nil) }
        }
        let mail = try message(Samples.notice(.received, draft))
        #expect(mail.subject == "Замовлення № 10 Bcc: everyone@example.com прийнято")
        #expect(mail.to.name?.count == 100 && mail.to.name?.contains("\n") == false)
        let html = try #require(mail.html)
        #expect(
            !html.contains("<script>") && !html.contains("<b>1") && html.contains("&lt;b&gt;1&lt;/b&gt; {{number}}"))
        #expect(mail.text.contains("І ще позицій: 50"))
        var sendable = mail
        sendable.messageID = "a@b"
        #expect(throws: Never.self) { try sendable.encoded() }
    }

    @Test("the text part is laid out line by line")
    func layout() throws {
        #expect(
            try message(Samples.notice()).text == """
                Дякуємо за замовлення!

                Ми отримали ваше замовлення № 1001 і вже працюємо над ним. Про кожну важливу зміну повідомимо окремим листом.

                Замовлення: №\u{a0}1001
                Дата: 24 листопада 2025\u{202f}р. о 18:00
                Покупець: Олена Коваль

                • Курс «Город на підвіконні»
                  1 × 1\u{a0}450,00\u{a0}₴ = 1\u{a0}450,00\u{a0}₴
                • Насіння базиліку
                  3 × 45,50\u{a0}₴ = 136,50\u{a0}₴

                Усього: 1\u{a0}586,50\u{a0}₴

                --\u{20}
                Зелена крамниця
                «Зелена крамниця» надсилає цей лист автоматично, бо з вашою адресою оформлено замовлення.
                Номер у системі: 3f2a9c1b0d4e5f6071829304

                """)
    }

    @Test(
        "a server's words come without addresses, and without the buyer's name",
        arguments: [
            ("550 5.1.1 <olena.koval@example.com>: no such user", "550 5.1.1 <…>: no such user"),
            ("550 User OLENA.KOVAL unknown; see other@x.example", "550 User … unknown; see …"),
            ("250 2.0.0 queued as 4F2A", "250 2.0.0 queued as 4F2A"),
            ("550 /var/mail/olena.koval is full, Olena.Koval.", "550 /var/mail/… is full, …."),
            ("554 To: =?utf-8?B?0J7Qu9C10L3QsA==?= <olena.koval@example.com>", "554 To: … <…>"),
            ("554 олена з Коваль", "554 … з …"),
        ])
    func masking(words: String, expected: String) {
        #expect(
            ForeignText.maskingBuyer(in: words, of: "olena.koval@example.com", name: "Олена Мак-Коваль") == expected)
    }
}
