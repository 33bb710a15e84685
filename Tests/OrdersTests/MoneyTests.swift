import JSON
import Orders
import Testing

@Suite("Money")
struct MoneyTests {
    @Test(
        "an exact decimal becomes minor units of its currency",
        arguments: [
            ("1250.50", "UAH", 125_050), ("1250.5", "UAH", 125_050), ("1250", "UAH", 125_000), ("0", "UAH", 0),
            ("1250", "JPY", 1250), ("1.234", "KWD", 1234), ("1.2345", "CLF", 12_345), ("-0.01", "USD", -1),
            ("2.500", "UAH", 250), ("7.0", "JPY", 7), ("1e3", "UAH", 100_000), ("92233720368547758.07", "UAH", .max),
        ] as [(String, String, Int64)])
    func exact(text: String, code: String, minorUnits: Int64) throws {
        let currency = try #require(Currency(code))
        #expect(try Money(#require(ExactDecimal(text)), currency: currency)?.minorUnits == minorUnits)
    }

    @Test(
        "what a currency cannot hold is no money",
        arguments: [("1.234", "UAH"), ("0.5", "JPY"), ("1.2345", "KWD"), ("92233720368547759", "UAH")])
    func inexact(text: String, code: String) throws {
        let currency = try #require(Currency(code))
        #expect(try Money(#require(ExactDecimal(text)), currency: currency) == nil)
    }

    @Test("money is written with all digits of its currency")
    func decimal() throws {
        #expect(Money(minorUnits: 125_050, currency: .uah).decimal.description == "1250.50")
        #expect(Money(minorUnits: 5, currency: .uah).decimal.description == "0.05")
        #expect(try Money(minorUnits: 5, currency: #require(Currency("JPY"))).decimal.description == "5")
        #expect(try Money(minorUnits: 5, currency: #require(Currency("KWD"))).decimal.description == "0.005")
    }

    @Test("ISO 4217's codes are known in any case, with their digits; other texts are refused")
    func currencies() {
        for (code, digits) in [("UAH", 2), ("usd", 2), ("Eur", 2), ("JPY", 0), ("KWD", 3), ("CLF", 4), ("ISK", 0)] {
            #expect(Currency(code)?.fractionDigits == digits)
            #expect(Currency(code)?.code == code.uppercased())
        }
        for text in ["", "UA", "UAHX", "XYZ", "US$", "U@H", "XAU", "XXX", "ГРН", "\u{15}AH"] {
            #expect(Currency(text) == nil, "\(text)")
        }
        #expect(Currency("uah") == .uah)
        #expect(Currency("uah").hashValue == Currency("UAH").hashValue)
    }
}
