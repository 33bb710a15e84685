import Foundation
import HTTP
import JSON
import Ledger
import Orders
import Support
import Testing

@testable import Ingest

/// What shops' programs really sent (each the smallest input found), and what is right.
@Suite("Cases from the field")
struct FieldCasesTests {
    private static let base = #""externalId":"N1","source":"shop","email":"b@example.com","currency":"UAH""#

    /// The draft that is published, and the answer.
    private func accepted(
        _ body: [UInt8], _ type: String = "application/json", fields: HeaderFields = [:], path: String = "/orders"
    ) async throws -> (OrderDraft, Response) {
        let shop = try await Fixture()
        var fields = fields
        fields["Content-Type"] = type
        let answer = await shop.send(.post, "/api/v2\(path)", bytes: body, fields: fields)
        #expect(answer.status == 201, "\(answer.text)")
        guard case .created(let draft) = try #require(try shop.topic.events().first).content else {
            throw Unexpected(answer.text)
        }
        return (draft, answer)
    }

    private func accepted(_ members: String) async throws -> (OrderDraft, Response) {
        try await accepted(Array("{\(Self.base),\(members)}".utf8))
    }

    private func refused(
        _ body: [UInt8], _ type: String, fields: HeaderFields = [:], path: String = "/orders"
    ) async throws -> Response {
        let shop = try await Fixture()
        var fields = fields
        fields["Content-Type"] = type
        let answer = await shop.send(.post, "/api/v2\(path)", bytes: body, fields: fields)
        #expect((400..<500).contains(answer.status) && shop.topic.records.isEmpty, "\(answer.text)")
        return answer
    }

    private static let urlEncoded = "application/x-www-form-urlencoded"

    // MARK: Forms

    @Test(
        "2a: a part in windows-1251 is read by its charset or the request's, and refused without either, never replaced"
    )
    func charsets() async throws {
        func form(_ head: String) -> [UInt8] {
            Array("--X\r\nContent-Disposition: form-data; name=\"email\"\r\n\r\nb@example.com\r\n".utf8)
                + Array("--X\r\nContent-Disposition: form-data; name=\"title\"\r\n\(head)\r\n".utf8)
                + [0xCA, 0xF3, 0xF0, 0xF1] + Array("\r\n--X--\r\n".utf8)
        }
        let own = try await accepted(
            form("Content-Type: text/plain; charset=windows-1251\r\n"), "multipart/form-data; boundary=X")
        #expect(own.0.title == "Курс")
        let whole = try await accepted(form(""), "multipart/form-data; boundary=X; charset=windows-1251")
        #expect(whole.0.title == "Курс")
        #expect(try await refused(form(""), "multipart/form-data; boundary=X").text.contains("charset"))
        let coded = Array("email=b%40example.com&title=%CA%F3%F0%F1".utf8)
        #expect(try await refused(coded, Self.urlEncoded).status == 422)
        #expect(try await accepted(coded, "\(Self.urlEncoded); charset=windows-1251").0.title == "Курс")
        #expect(try await refused(coded, "\(Self.urlEncoded); charset=utf-7").status == 415)
    }

    @Test("2b: items[][title] makes lines as PHP does, a new one where a name comes again; so do items with names")
    func unnamedLines() async throws {
        let one = "email=b%40example.com&price=30.00&items[][title]=Чай&items[][quantity]=2&items[][price]=15.00"
        #expect(
            try await accepted(Array(one.utf8), Self.urlEncoded).0.items == [
                Item(title: "Чай", quantity: 2, price: Money(minorUnits: 1500, currency: .uah))
            ])
        let two = one + "&items[][title]=Кава&items[][price]=1"
        #expect(try await accepted(Array(two.utf8), Self.urlEncoded).0.items.map(\.title) == ["Чай", "Кава"])
        let named = "email=b%40example.com&items[b][title]=B&items[a][title]=A&items[b][price]=1"
        #expect(try await accepted(Array(named.utf8), Self.urlEncoded).0.items.map(\.title) == ["B", "A"])
        let numbered = "email=b%40example.com&items[48213][title]=B&items[311][title]=A"
        #expect(try await accepted(Array(numbered.utf8), Self.urlEncoded).0.items.map(\.title) == ["A", "B"])
    }

    @Test("2c: a form has as many lines as JSON, and no more", arguments: [60, 200, 201])
    func manyLines(count: Int) async throws {
        let lines = (0..<count).map {
            "items[\($0)][title]=A&items[\($0)][quantity]=1&items[\($0)][price]=1.00&items[\($0)][sku]=s\($0)"
        }
        let form = Array(("email=b%40example.com&" + lines.joined(separator: "&")).utf8)
        if count <= 200 {
            #expect(try await accepted(form, Self.urlEncoded).0.items.count == count)
        } else {
            #expect(try await refused(form, Self.urlEncoded).text.contains("TOO_MANY"))
        }
    }

    @Test("2d: what PHP makes of false is a no", arguments: ["", "0", "false", "no", "off"])
    func falsehoods(value: String) async throws {
        let form = Array("email=b%40example.com&isNotifyAccount=\(value)".utf8)
        #expect(try await !accepted(form, Self.urlEncoded).0.isNotifyAccount)
        #expect(try await accepted(Array("email=b%40example.com".utf8), Self.urlEncoded).0.isNotifyAccount)
    }

    @Test(
        "a field that looks like one of ours and is read by no rule is a warning",
        arguments: [
            ("item[0][title]", "items[0][title]"), ("items[0][tittle]", "items[0][title]"), ("e-mail", "email"),
            ("external_id", "externalId"), ("customer[mail]", "customer[email]"),
        ])
    func slips(name: String, meant: String) async throws {
        let (_, answer) = try await accepted(Array("phone=0671234567&\(name)=x".utf8), Self.urlEncoded)
        #expect(answer.text.contains("UNKNOWN_FIELD") && answer.text.contains(meant), "\(answer.text)")
        let foreign = try await accepted(
            Array("phone=0671234567&utm_id=1&form_id=7&g-recaptcha=x".utf8), Self.urlEncoded)
        #expect(!foreign.1.text.contains("warnings"))
    }

    // MARK: Orders

    @Test("4a–4c: quotients are rounded, quantities are decimals, discounts are lines")
    func amounts() async throws {
        let quotient = try await accepted(
            #""price":"143.10","items":[{"title":"A","quantity":10,"price":14.309999999999999}]"#)
        #expect(quotient.0.items[0].price?.minorUnits == 1431 && !quotient.1.text.contains("warnings"))
        let cloth = try await accepted(#""items":[{"title":"Тканина","quantity":0.55,"price":"200.00"}]"#)
        #expect(cloth.0.items[0].quantity.description == "0.55" && cloth.0.itemsSum?.minorUnits == 11_000)
        let discount = try await accepted(
            #""price":"90.00","items":[{"title":"A","quantity":1,"price":"100.00"},{"title":"Знижка","quantity":1,"price":"-10.00"}]"#
        )
        #expect(discount.0.itemsSum == discount.0.price)
    }

    @Test("4d–4f: PHP's empty array is absent, numbers are texts, and what takes no room is trimmed")
    func texts() async throws {
        #expect(try await accepted(#""utm":[],"customer":[]"#).0.utm.isEmpty)
        let numbers = try await accepted(#""title":1984,"customer":{"name":2077}"#).0
        #expect(numbers.title == "1984" && numbers.buyer.name == "2077")
        for email in [#"b@example.com\u00a0"#, #"\u200bb@example.com"#] {
            #expect(try await accepted(Array("{\"email\":\"\(email)\"}".utf8)).0.buyer.email == "b@example.com")
        }
    }

    @Test("4g: a trunk zero behind the country's code is corrected: one number, one form")
    func trunkZeros() async throws {
        for phone in ["+3800671234567", "+380 067 123 45 67", "067 123 45 67", "+380671234567"] {
            #expect(try await accepted("\"phone\":\"\(phone)\"").0.buyer.phone == "+380671234567", "\(phone)")
        }
    }

    @Test(
        "4h, 4i: what concerns neither identity nor money nor the only way to reach the buyer is left out, with a warning",
        arguments: [
            (#""phone":"NULL""#, "/phone"), (#""phone":"-""#, "/phone"), (#""phone":"нема""#, "/phone"),
            (#""phone":"0000000000""#, "/phone"), (#""locale":"pl""#, "/locale"), (#""utm":"x""#, "/utm"),
        ])
    func soft(members: String, pointer: String) async throws {
        let (draft, answer) = try await accepted(members)
        #expect(draft.buyer.phone == nil && draft.locale == .uk)
        #expect(answer.text.contains("\"warnings\":[{\"pointer\":\"\(pointer)\""), "\(answer.text)")
        let strict = try await refused(
            Array("{\(Self.base),\(members)}".utf8), "application/json", path: "/orders?strict=1")
        #expect(strict.status == 422)
    }

    @Test("warnings are in /validate, in a repeated answer, and in the record")
    func told() async throws {
        let shop = try await Fixture()
        let order = "{\(Self.base),\"phone\":\"NULL\"}"
        let first = await shop.send(.post, "/api/v2/orders", order)
        let again = await shop.send(.post, "/api/v2/orders", order)
        #expect(again.status == 201 && again.fields["Idempotent-Replayed"] == "true" && again.text == first.text)
        #expect(first.text.contains("WRONG_PHONE"))
        let validated = await shop.send(.post, "/api/v2/validate", order)
        #expect(validated.status == 200 && validated.text.contains("WRONG_PHONE"))
        #expect(try shop.topic.events().map { $0.warnings.map(\.pointer) } == [["/phone"]])
    }

    @Test("4j: a domain beyond ASCII is taken in its xn-- form, and a fault says what is wrong")
    func internationalDomains() async throws {
        let (draft, _) = try await accepted(Array(#"{"email":"olena@пошта.укр"}"#.utf8))
        #expect(draft.buyer.email == "olena@xn--80a1acn3a.xn--j1amh")
        let fault = try await refused(Array(#"{"email":"олена@пошта.укр"}"#.utf8), "application/json")
        #expect(fault.text.contains("Latin letters before the @"), "\(fault.text)")
    }

    // MARK: HTTP

    private static let gzipped = [UInt8](
        Data(
            base64Encoded:
                "H4sIAAAAAAACA6tWSq0oSS3KS8zxTFGyUvIzVNJRKs4vLUpOBfKKM/ILgPzU3MTMHCA3ySG1IjG3ICdVLzk/FyieXFpUlJqXXAmUCnX0AAoUFGWC9Rka6BkYKNUCAG+KsfpcAAAA"
        )!)

    @Test("5a: a compressed body is read; another coding is 415 by its name")
    func codings() async throws {
        let (draft, _) = try await accepted(Self.gzipped, fields: ["Content-Encoding": "gzip"])
        #expect(draft.externalID == "N1" && draft.price?.minorUnits == 1000)
        let other = try await refused(Self.gzipped, "application/json", fields: ["Content-Encoding": "br"])
        #expect(other.status == 415 && other.text.contains("br") && other.fields["Accept-Encoding"] == "gzip, deflate")
        let plain = try await refused(
            Array("{\(Self.base)}".utf8), "application/json", fields: ["Content-Encoding": "gzip"])
        #expect(plain.status == 400 && plain.text.contains("Content-Encoding"))
    }

    @Test("5b: a body that is not of its declared type says what it looks like and what to send")
    func otherTypes() async throws {
        let json = Array("{\(Self.base)}".utf8)
        let form = Array("email=b%40example.com".utf8)
        let cases: [([UInt8], String, String, String)] = [
            (json, Self.urlEncoded, "looks like JSON", "Content-Type: application/json"),
            (json, "multipart/form-data; boundary=X", "looks like JSON", "Content-Type: application/json"),
            (form, "application/json", "looks like a form", "application/x-www-form-urlencoded"),
            (Array("<order/>".utf8), "application/json", "XML", "send JSON"),
            (Self.gzipped, "application/json", "looks like gzip", "Content-Encoding: gzip"),
            (Self.gzipped, Self.urlEncoded, "looks like gzip", "Content-Encoding: gzip"),
            ([0xFF, 0xFE, 0x7B, 0x00], "application/json", "UTF-16", "UTF-8"),
            (
                Array("--X\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nb\r\n--X--".utf8), Self.urlEncoded,
                "multipart form", "multipart/form-data"
            ),
        ]
        for (body, type, look, advice) in cases {
            let answer = try await refused(body, type)
            #expect(answer.text.contains(look) && answer.text.contains(advice), "\(type): \(answer.text)")
        }
        let boundless = try await refused(form, "multipart/form-data")
        #expect(boundless.status == 415 && boundless.text.contains("boundary"))
        #expect(try await accepted([0xEF, 0xBB, 0xBF] + json).0.externalID == "N1", "a byte order mark")
    }

    // MARK: Status

    @Test(
        "what is shown of an order can be sent back, in both vocabularies, and changes nothing",
        arguments: OrderStatus.allCases)
    func sentBack(status: OrderStatus) async throws {
        let shop = try await Fixture()
        let id = OrderID(account: "shop", .external(id: "N1", source: "shop"))
        let partition = LogPartition(cluster: "c", topic: "orders", partition: 0)
        _ = try await shop.ledger.position(of: "analytics", in: partition, base: 0)
        let draft = OrderDraft(locale: .uk)
        let row = OrderRow(
            id: id, account: "shop", draft: draft, creation: creation(draft), status: status, price: nil,
            createdAt: Fixture.now, updatedAt: Fixture.now)
        _ = try await shop.ledger.takeIn(
            IntakeBatch(
                worker: "analytics", source: partition, owner: "a", from: 0, next: 0, entries: [],
                changes: [.order(row)]))
        let shown = await shop.send(.get, "/api/v2/orders/\(id.text)")
        for name in ["status", "orderStatus"] {
            let value = try #require(shown.member(name))
            let answer = await shop.send(.post, "/api/v2/orders/\(id.text)", #"{"status":"\#(value)"}"#)
            #expect(answer.status == 200, "\(value): \(answer.text)")
            // Whatever is published folds to what was there.
            var state = OrderState(
                id: id, account: "shop", draft: row.draft, status: status, price: nil, createdAt: row.createdAt,
                updatedAt: row.updatedAt)
            for event in try shop.topic.events() { state.apply(event) }
            #expect(state.status == status, "\(value)")
        }
        if status == .refunded {
            let comment = await shop.send(
                .post, "/api/v2/orders/\(id.text)", #"{"status":"REJECTED","userComments":"x"}"#)
            #expect(comment.status == 200)
            guard case .updated(let change)? = try shop.topic.events().last?.content else {
                throw Unexpected(comment.text)
            }
            #expect(change.status == nil && change.userComments == "x")
        }
    }

    @Test("an over-long comment is cut, with a warning")
    func longComments() throws {
        let body = Array("{\"userComments\":\"\(String(repeating: "ї", count: 4_001))\"}".utf8)
        let settings = AccountSettings(locale: .uk, country: "UA", currency: .uah)
        let reading = try OrderChange.reading(body, settings: settings)
        #expect(reading.value.userComments?.unicodeScalars.count == 4_000)
        #expect(reading.warnings.map(\.code) == ["CUT"])
        #expect(throws: BodyError.self) { try OrderChange.reading(body, settings: settings, isStrict: true) }
    }
}
