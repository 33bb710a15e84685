import Orders
import Testing

@Suite("Forms")
struct FormTests {
    static let pairs: [(name: String, value: String)] = [
        ("externalId", "A-1001"), ("source", "shop"), ("offerId", "5f1a"), ("paymentCreditsId", "pc1"),
        ("managerId", "42"),
        ("title", "Курс"), ("price", "1250.50"), ("currency", "UAH"), ("items[0][title]", "Книга"),
        ("items[0][quantity]", "2"), ("items[0][price]", "400.25"), ("items[0][sku]", "B-1"),
        ("items[1][title]", "Курс"),
        ("items.1.price", "450"), ("customer[name]", "Олена 🙂"), ("customer.personId", "p1"),
        ("email", "Olena@Example.COM"), ("phone", "067 123-45-67"), ("locale", "ua"), ("utm[source]", "ig"),
        ("utm_campaign", "may"), ("transactionDate", "2026-05-01T15:30:00+03:00"), ("isNotifyAccount", "false"),
        ("unknown", "x"), ("items[0][color]", "red"), ("utm_other", "x"), ("", ""), ("[[[", "x"),
    ]

    @Test("a form is the same order as the same JSON")
    func sameAsJSON() throws {
        #expect(try OrderDraft.read(form: Self.pairs, settings: settings) == fullDraft)
    }

    @Test("a form's faults have the same codes and pointers as JSON's")
    func faults() {
        func faults(_ pairs: [(name: String, value: String)]) -> [String] {
            do throws(BodyError) {
                _ = try OrderDraft.reading(form: pairs, settings: settings, isStrict: true)
                return []
            } catch {
                guard case .faults(let faults) = error else { return [] }
                return faults.map { "\($0.pointer) \($0.code.rawValue)" }
            }
        }
        #expect(
            faults([("email", "x"), ("price", "x"), ("items[3][price]", "1"), ("customer[phone]", "x")])
                == [
                    "/email WRONG_EMAIL", "/price WRONG_PRICE", "/customer/phone WRONG_PHONE",
                    "/items/3/title REQUIRED",
                ])
        #expect(faults([("email", "a@b.ua"), ("email", "a@b.ua")]) == ["/email AMBIGUOUS"])
        #expect(faults([("email", "a@b.ua"), ("utm_term", "a"), ("utm[term]", "b")]) == ["/utm/term AMBIGUOUS"])
        let lines = (0...200).map { ("items[\($0)][title]", "x") }
        #expect(faults([("email", "a@b.ua")] + lines) == ["/items TOO_MANY"])
        #expect(faults([]) == ["/email REQUIRED"])
        #expect(faults(Array(repeating: ("x", "y"), count: 4097)).contains(" TOO_MANY"))
    }
}
