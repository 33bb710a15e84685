import Crypto
import Orders
import Testing

/// Orders as shops' programs write them.
@Suite("Orders as shops' programs write them")
struct FieldOrdersTests {
    private func reading(_ members: String) throws -> ReadBody<OrderDraft> {
        try OrderDraft.reading(
            Array(#"{"externalId":"N1","source":"shop","email":"b@example.com","currency":"UAH",\#(members)}"#.utf8),
            settings: settings)
    }

    private func money(_ minorUnits: Int64) -> Money { Money(minorUnits: minorUnits, currency: .uah) }

    @Test(
        "a piece's price may have any number of decimals, and is rounded commercially",
        arguments: [
            ("14.309999999999999", 1431), ("5.504587", 550), ("8.264462809917354", 826), (#""8.2645""#, 826),
            ("0.005", 1), ("-0.005", -1), ("0.0049999999999999999999999", 0), (#""33.333333333333333333333333""#, 3333),
            ("1.4309999999999999e1", 1431), ("0", 0), ("-10.005", -1001), ("100", 10000),
        ])
    func piecePrices(price: String, expected: Int64) throws {
        let items = try reading(#""price":"1","items":[{"title":"A","quantity":10,"price":\#(price)}]"#).value.items
        #expect(items.map(\.price) == [money(expected)])
    }

    @Test("the order's own price is exact; noise behind the fifteenth digit of a number does not count")
    func orderPrices() throws {
        for (price, expected) in [
            ("143.10000000000002", 14310), ("143.09999999999999", 14310), ("0.30000000000000004", 30), ("1e2", 10000),
            (#""143.10""#, 14310), ("99.99", 9999),
        ] as [(String, Int64)] {
            #expect(try reading("\"price\":\(price)").value.price == money(expected), "\(price)")
        }
        for price in ["143.101", #""143.10000000000002""#, "0.3000000000001", "-0.01"] {
            #expect(throws: BodyError.self, "\(price)") { try reading("\"price\":\(price)") }
        }
    }

    @Test(
        "every amount of a currency comes through the arithmetic of binary fractions", arguments: ["UAH", "JPY", "KWD"])
    func binaryFractions(code: String) throws {
        let currency = try #require(Currency(code))
        let unit = (0..<currency.fractionDigits).reduce(1.0) { unit, _ in unit * 10 }
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<2_000 {
            let minorUnits = Int64.random(in: 0...10_000_000, using: &generator)
            // As a shop sums: a third three times, a percentage there and back.
            for value in [
                Double(minorUnits) / unit, Double(minorUnits) / unit / 3 * 3, Double(minorUnits) / unit * 1.1 / 1.1,
            ] {
                let body = #"{"email":"b@example.com","price":\#(value),"currency":"\#(code)"}"#
                let price = try OrderDraft.read(Array(body.utf8), settings: settings).price
                #expect(price == Money(minorUnits: minorUnits, currency: currency), "\(value)")
            }
        }
    }

    @Test("quantities are decimals up to three places, and lines come to what they cost")
    func quantities() throws {
        let draft = try reading(#""items":[{"title":"Тканина","quantity":0.55,"price":"200.00"}]"#).value
        #expect(draft.items.map(\.quantity) == [Quantity(thousandths: 550)])
        #expect(draft.itemsSum == money(11_000))
        for (quantity, thousandths) in [
            ("\"1.250\"", 1_250), ("0.001", 1), ("2", 2_000), ("0.30000000000000004", 300), ("1000000", 1_000_000_000),
        ] as [(String, Int64)] {
            let items = try reading(#""items":[{"title":"A","quantity":\#(quantity)}]"#).value.items
            #expect(items.map(\.quantity.thousandths) == [thousandths], "\(quantity)")
        }
    }

    @Test("discounts and gifts are lines, and the total is not below zero")
    func negativeLines() throws {
        let lines =
            #""items":[{"title":"A","quantity":1,"price":"100.00"},{"title":"Знижка","price":"-10.00"},{"title":"Подарунок","price":0}]"#
        let reading = try reading("\"price\":\"90.00\",\(lines)")
        #expect(reading.value.itemsSum == money(9_000) && reading.value.items.count == 3)
        #expect(reading.warnings.isEmpty)
        #expect(throws: BodyError.self) { try self.reading(#""items":[{"title":"A","price":"-1"}]"#) }
    }

    @Test("if the lines do not add up to the price, the price holds, with a warning")
    func linesDiffer() throws {
        let reading = try reading(#""price":"100.00","items":[{"title":"A","quantity":2,"price":"55"}]"#)
        #expect(reading.value.price == money(10_000))
        #expect(reading.warnings.map(\.code) == ["LINES_DIFFER"] && reading.warnings.map(\.pointer) == ["/price"])
        #expect(reading.warnings[0].message.contains("110.00") && reading.warnings[0].message.contains("100.00"))
    }

    @Test(
        "what PHP makes of nothing is absent, and its lists with keys are lists",
        arguments: [
            #""utm":[]"#, #""customer":[]"#, #""items":[]"#, #""utm":"","customer":"","items":"""#, #""utm":null"#,
            #""items":{}"#, #""title":"\u00a0 ""#,
        ])
    func absent(members: String) throws {
        let reading = try reading(members)
        #expect(reading.warnings.isEmpty)
        #expect(reading.value == (try self.reading(#""title":null"#).value))
    }

    @Test("a list whose keys PHP wrote out is a list")
    func keyedLists() throws {
        let reading = try reading(#""items":{"0":{"title":"A"},"1":{"title":"B"},"7":{"title":"C"}}"#)
        #expect(reading.value.items.map(\.title) == ["A", "B", "C"])
    }

    @Test("numbers are taken for texts")
    func numbers() throws {
        let draft = try reading(
            #""title":1984,"customer":{"name":2077},"items":[{"title":7,"sku":12.5}],"offerId":5,"utm":{"term":1}"#
        ).value
        #expect(draft.title == "1984" && draft.buyer.name == "2077" && draft.items.first?.title == "7")
        #expect(draft.items.first?.sku == "12.5" && draft.offerID == "5" && draft.utm[.term] == "1")
    }

    /// Each character that is trimmed, before and behind each text.
    @Test("white space and what takes no room is trimmed from every text")
    func trimming() throws {
        let spaces = [
            " ", "\u{A0}", "\u{AD}", "\u{1680}", "\u{180E}", "\u{2000}", "\u{2003}", "\u{2009}", "\u{200B}", "\u{200C}",
            "\u{200D}", "\u{200E}", "\u{200F}", "\u{2028}", "\u{202A}", "\u{202C}", "\u{202F}", "\u{205F}", "\u{2060}",
            "\u{2066}", "\u{2069}", "\u{3000}", "\u{FEFF}", "\\t", "\\n", "\\r\\n", "\u{85}",
        ]
        let fields = [
            "title", "externalId", "source", "offerId", "managerId", "locale", "phone", "email", "price", "currency",
            "transactionDate",
        ]
        let values = [
            "Курс", "A-1", "shop", "o1", "m1", "uk", "+380671234567", "x@example.com", "1.50", "UAH", "2026-05-01",
        ]
        func draft(_ space: String) throws -> OrderDraft {
            let members = zip(fields, values).map { "\"\($0)\":\"\(space)\($1)\(space)\"" }.joined(separator: ",")
            return try OrderDraft.read(Array("{\(members)}".utf8), settings: settings)
        }
        let plain = try draft("")
        for space in spaces {
            #expect(try draft(space) == plain, "U+\(String(space.unicodeScalars.first!.value, radix: 16))")
        }
        // Inside it stays.
        #expect(try reading(#""title":"a\u00a0b""#).value.title == "a\u{A0}b")
    }

    @Test("a text is composed, so that a name is one however it was typed")
    func composition() throws {
        for (typed, composed) in [
            ("и\u{306}од", "йод"), ("\u{456}\u{308}жа", "\u{457}жа"), ("e\u{301}", "é"),
        ] {
            let title = try #require(try reading("\"title\":\"\(typed)\"").value.title)
            #expect(title.unicodeScalars.elementsEqual(composed.unicodeScalars), "\(composed)")
        }
        #expect(try reading(#""title":"👩‍👩‍👧‍👦🇺🇦 – „ціна“ ₴""#).value.title == "👩‍👩‍👧‍👦🇺🇦 – „ціна“ ₴")
    }

    @Test("texts are as long as shops keep them: 255 characters", arguments: ["title", "externalId", "source"])
    func lengths(name: String) throws {
        _ = try OrderDraft.reading(
            Array("{\"email\":\"b@example.com\",\"\(name)\":\"\(String(repeating: "ї", count: 255))\"}".utf8),
            settings: settings)
        #expect(
            faults("{\"email\":\"b@example.com\",\"\(name)\":\"\(String(repeating: "ї", count: 256))\"}").count == 1)
    }

    @Test(
        "an invalid phone is left out beside a valid e-mail, with a warning",
        arguments: [#""NULL""#, #""-""#, #""нема""#, #""0000000000""#, #""+38067123""#, "[]", "true"])
    func softPhones(phone: String) throws {
        let reading = try reading("\"phone\":\(phone)")
        #expect(reading.value.buyer.phone == nil && reading.value.buyer.email == "b@example.com")
        #expect(reading.warnings.map(\.pointer) == ["/phone"], "\(reading.warnings)")
        #expect(faults("{\"phone\":\(phone)}").count == 1, "the only way to the buyer")
    }

    @Test("an invalid e-mail is left out beside a valid phone, with a warning that does not repeat the address")
    func softEmails() throws {
        let body = Array(#"{"email":"olena.secret@@x","phone":"0671234567"}"#.utf8)
        let reading = try OrderDraft.reading(body, settings: settings)
        #expect(reading.value.buyer.email == nil && reading.value.buyer.phone == "+380671234567")
        #expect(reading.warnings.map(\.code) == ["WRONG_EMAIL"])
        #expect(!reading.warnings[0].message.contains("secret"))
    }

    @Test(
        "an invalid locale and invalid tags are left out with a warning; strict callers have them refused",
        arguments: [
            (#""locale":"pl""#, "/locale"), (#""locale":7"#, "/locale"), (#""utm":"x""#, "/utm"),
            (#""utm":[1]"#, "/utm"),
            (#""utm":{"source":{}}"#, "/utm/source"), (#""utm":{"term":"a\u0000b"}"#, "/utm/term"),
        ])
    func soft(members: String, pointer: String) throws {
        let reading = try reading(members)
        #expect(reading.value.locale == .uk && reading.value.utm.isEmpty)
        #expect(reading.warnings.map(\.pointer) == [pointer])
        #expect(faults("{\"email\":\"b@example.com\",\(members)}").map(\.pointer) == [pointer])
    }

    @Test(
        "identity and money are never soft",
        arguments: [
            #""externalId":"a\u0000b""#, #""price":"x""#, #""currency":"XYZ""#, #""items":[{"quantity":1}]"#,
            #""customer":{"email":"other@example.com"}"#, #""isNotifyAccount":"perhaps""#, #""transactionDate":"x""#,
        ])
    func hard(members: String) {
        let base = members.contains("externalId") || members.contains("currency") ? "" : #""source":"shop","#
        #expect(throws: BodyError.self) {
            try OrderDraft.reading(Array("{\(base)\"email\":\"b@example.com\",\(members)}".utf8), settings: settings)
        }
    }

    @Test("warnings have a bound")
    func bound() throws {
        let pairs = (0..<500).map { (name: "items[\($0 % 100)][tittle]", value: "x") }
        let reading = try OrderDraft.reading(form: [("email", "b@example.com")] + pairs, settings: settings)
        #expect(reading.warnings.count == FieldWarning.countMaximum)
    }

    @Test("warnings lie in the record outside the digest, and are read from it")
    func record() throws {
        let reading = try reading(#""phone":"NULL""#)
        let form = CanonicalForm(reading)
        #expect(form.digest == CanonicalForm(try self.reading(#""phone":null"#)).digest)
        var event = event(.created(reading.value))
        event.warnings = reading.warnings
        let encoded = event.encoded(form)
        let read = try Event(headers: encoded.headers.map { ($0.name, Array($0.value.utf8)) }, value: encoded.value)
        #expect(read == event && EventValue.warnings(in: encoded.value) == reading.warnings)
    }
}
