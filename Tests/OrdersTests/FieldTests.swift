import Orders
import Testing

@Suite("Fields of an order")
struct FieldTests {
    func draft(_ members: String) throws -> OrderDraft {
        try OrderDraft.read(Array(#"{"email":"a@b.ua",\#(members)}"#.utf8), settings: settings)
    }

    /// The fault that the one wrong member has.
    func fault(_ members: String) -> FieldFault? {
        let found = faults(#"{"email":"a@b.ua",\#(members)}"#)
        return found.count == 1 ? found[0] : nil
    }

    @Test("prices are decimals, as numbers or texts, in the currency given or the account's")
    func prices() throws {
        #expect(try draft(#""price":1250.5"#).price == Money(minorUnits: 125_050, currency: .uah))
        #expect(try draft(#""price":" 1250.50 ""#).price == Money(minorUnits: 125_050, currency: .uah))
        #expect(
            try draft(#""price":"12","currency":"JPY""#).price
                == Money(minorUnits: 12, currency: #require(Currency("JPY"))))
        #expect(try draft(#""price":0"#).price == Money(minorUnits: 0, currency: .uah))
        #expect(try draft(#""price":null,"currency":"USD""#).price == nil)
        #expect(try draft(#""price":"""#).price == nil)
    }

    @Test(
        "an invalid price is reported with what was expected",
        arguments: [
            (#""price":"12,50""#, #""12,50""#), (#""price":"abc""#, #""abc""#), (#""price":1.234"#, "1.234"),
            (#""price":-1"#, "-1"), (#""price":1000000000000.01"#, "1000000000000.01"),
            (#""price":1e400"#, "a number with too many digits"), (#""price":"1.5","currency":"JPY""#, "1.5"),
        ])
    func wrongPrices(member: String, came: String) {
        let fault = fault(member)
        #expect(fault?.code == .wrongPrice)
        #expect(fault?.pointer == "/price")
        #expect(fault?.came == came)
    }

    @Test("an unknown currency is reported once, and nothing is reported about the price that it leaves unchecked")
    func wrongCurrency() {
        #expect(
            fault(#""price":"1.23456","currency":"XYZ""#)
                == FieldFault(.wrongCurrency, at: "/currency", expected: "an ISO 4217 code like UAH", came: #""XYZ""#))
    }

    @Test("a value of another kind is reported with both kinds")
    func wrongKinds() {
        #expect(
            fault(#""title":[1]"#)
                == FieldFault(.wrongType, at: "/title", expected: "a string", came: "an array"))
        #expect(fault(#""price":true"#)?.code == .wrongType)
        #expect(fault(#""items":{"a":1}"#)?.expected == "an array")
        #expect(fault(#""utm":"x""#)?.expected == "an object")
        #expect(fault(#""utm":{"source":{}}"#)?.pointer == "/utm/source")
        #expect(fault(#""customer":{"name":true}"#)?.pointer == "/customer/name")
        #expect(fault(#""transactionDate":1777638600000"#)?.code == .wrongDate)
        for body in ["[]", "7", "\"x\""] {
            #expect(faults(body).first?.code == .wrongType)
            #expect(faults(body).first?.pointer == "")
        }
    }

    @Test("texts have bounds, counted in characters", arguments: ["title", "externalId"])
    func textBounds(name: String) throws {
        _ = try draft("\"\(name)\":\"\(String(repeating: "ї", count: 255))\"")
        #expect(
            fault("\"\(name)\":\"\(String(repeating: "ї", count: 256))\"")
                == FieldFault(.tooLong, at: "/\(name)", expected: "at most 255 characters", came: "256 characters"))
        #expect(fault("\"\(name)\":\"\(String(repeating: "🙂", count: 10_000))\"")?.code == .tooLong)
    }

    @Test("an e-mail of 300 characters is too long, not wrong")
    func longEmail() {
        let found = faults(#"{"email":"\#(String(repeating: "a", count: 300))@b.ua"}"#)
        #expect(found.map(\.code) == [.tooLong])
    }

    @Test("an order has at most 200 items, and says how many came")
    func itemBounds() throws {
        func items(_ count: Int) -> String {
            "\"items\":[" + (0..<count).map { #"{"title":"t\#($0)"}"# }.joined(separator: ",") + "]"
        }
        #expect(try draft(items(200)).items.count == 200)
        #expect(fault(items(201)) == FieldFault(.tooMany, at: "/items", expected: "at most 200 items", came: "201"))
    }

    @Test("no more than 100 faults are reported")
    func faultBounds() {
        let body = "{\"items\":[" + (0..<200).map { _ in "7" }.joined(separator: ",") + "]}"
        #expect(faults(body).count == BodyError.faultsMaximum)
    }

    @Test("an item has a title, and one piece where no quantity is given")
    func items() throws {
        #expect(
            try draft(#""items":[{"title":"x","quantity":"3"},{"title":"y","quantity":2.0}]"#).items.map(\.quantity)
                == [3, 2])
        #expect(try draft(#""items":[{"title":"x"}]"#).items == [Item(title: "x", quantity: 1, price: nil)])
        #expect(fault(#""items":[{"title":"x"},{"title":"  "}]"#)?.pointer == "/items/1/title")
        for quantity in ["0", "-1", "1.5555", "1000001", "\"two\""] {
            #expect(
                fault("\"items\":[{\"title\":\"x\",\"quantity\":\(quantity)}]")?.code == .wrongQuantity, "\(quantity)")
        }
    }

    @Test(
        "isNotifyAccount is a bool or its text; true where it is absent or null, and a no where it is there and empty")
    func notification() throws {
        for value in ["true", "\"true\"", "\"TRUE\"", "\"1\"", "1", "null", "\" yes \""] {
            #expect(try draft("\"isNotifyAccount\":\(value)").isNotifyAccount, "\(value)")
        }
        for value in ["false", "\"false\"", "\"False\"", "\"0\"", "0", "\"no\"", "\"\"", "\" \""] {
            #expect(try !draft("\"isNotifyAccount\":\(value)").isNotifyAccount, "\(value)")
        }
        #expect(fault(#""isNotifyAccount":"maybe""#)?.code == .wrongType)
        #expect(fault(#""isNotifyAccount":2"#)?.code == .wrongType)
    }

    @Test("locales are languages, with ua for uk, and absent the account's")
    func locales() throws {
        for (tag, locale) in [("ua", OrderLocale.uk), ("uk-UA", .uk), ("EN", .en), ("en_US", .en), ("ru-RU", .ru)] {
            #expect(try draft("\"locale\":\"\(tag)\"").locale == locale)
        }
        let english = AccountSettings(locale: .en, country: "UA", currency: .uah)
        #expect(try OrderDraft.read(Array(#"{"email":"a@b.ua"}"#.utf8), settings: english).locale == .en)
        #expect(fault(#""locale":"pl""#)?.code == .wrongLocale)
    }

    @Test("dates outside 2000 to 2099 are slips")
    func dates() throws {
        #expect(try draft(#""transactionDate":"2099-12-31T23:59:59Z""#).transactionDate != nil)
        for date in ["1999-12-31", "2100-01-01", "20206-01-01", "0001-01-01", "9999-12-31"] {
            #expect(fault("\"transactionDate\":\"\(date)\"")?.code == .wrongDate, "\(date)")
        }
    }

    @Test("an order names its buyer by an e-mail, a phone or a person; a missing one is reported once")
    func buyer() throws {
        _ = try OrderDraft.read(Array(#"{"phone":"0671234567"}"#.utf8), settings: settings)
        _ = try OrderDraft.read(Array(#"{"customer":{"personId":"p"}}"#.utf8), settings: settings)
        for body in [
            "{}", "null", #"{"email":"","phone":null}"#, #"{"customer":{"name":"Олена"}}"#, #"{"email":"  "}"#,
        ] {
            #expect(faults(body).map(\.code) == [.required], "\(body)")
            #expect(faults(body).map(\.pointer) == ["/email"], "\(body)")
        }
        #expect(faults(#"{"customer":{"email":"x"}}"#).map(\.code) == [.wrongEmail])
    }

    @Test("the buyer may stand at the top and in customer, but not differently")
    func ambiguousBuyer() throws {
        #expect(
            try OrderDraft.read(Array(#"{"email":"a@B.ua","customer":{"email":"a@b.ua"}}"#.utf8), settings: settings)
                .buyer.email == "a@b.ua")
        let found = faults(#"{"customer":{"email":"a@b.ua"},"email":"c@b.ua"}"#)
        #expect(found.map(\.code) == [.ambiguous])
        #expect(found.map(\.pointer) == ["/email"])
    }

    @Test("phones of the account's country become E.164; a number in JSON is taken for its digits")
    func phones() throws {
        #expect(try draft(#""phone":"(067) 123-45-67""#).buyer.phone == "+380671234567")
        #expect(try draft(#""phone":380671234567"#).buyer.phone == "+380671234567")
        let polish = AccountSettings(locale: .en, country: "PL", currency: .uah)
        #expect(
            try OrderDraft.read(Array(#"{"phone":"512 345 678"}"#.utf8), settings: polish).buyer.phone == "+48512345678"
        )
        #expect(fault(#""phone":"12""#)?.code == .wrongPhone)
    }

    @Test("personal values are masked in faults")
    func masking() {
        let found = faults(#"{"email":"olena.secret@@x","phone":"+38secret","customer":{"email":"other.secret"}}"#)
        #expect(found.count == 3)
        #expect(found.allSatisfy { !$0.came.contains("secret") && !$0.expected.contains("secret") })
    }
}
