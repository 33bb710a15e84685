import Crypto
import Orders
import Testing

/// Digests and names as commit 8115f61 gave them to these bodies.
@Suite("An order that was accepted before is the same when it is sent again")
struct FirstRulesTests {
    /// Bodies of which the present rules make something else, with what named them and the canonical form that was hashed.
    static let accepted: [(body: String, externalID: String?, form: String)] = [
        (
            #"{"email":"b@example.com","externalId":"A\u00a0","title":" Курс\u200b"}"#, "A\u{A0}",
            #"{"externalId":"A\#u{A0}","title":"Курс\#u{200B}","customer":{"email":"b@example.com"},"locale":"uk","isNotifyAccount":true}"#
        ),
        (
            #"{"email":"b@example.com","externalId":"и\u0306"}"#, "и\u{306}",
            #"{"externalId":"и\#u{306}","customer":{"email":"b@example.com"},"locale":"uk","isNotifyAccount":true}"#
        ),
        (
            #"{"email":"b@example.com","phone":"+3800671234567"}"#, nil,
            #"{"customer":{"email":"b@example.com","phone":"+3800671234567"},"locale":"uk","isNotifyAccount":true}"#
        ),
        (
            #"{"email":"b@example.com","phone":"+38067123"}"#, nil,
            #"{"customer":{"email":"b@example.com","phone":"+38067123"},"locale":"uk","isNotifyAccount":true}"#
        ),
        (
            #"{"email":"b@example.com","isNotifyAccount":""}"#, nil,
            #"{"customer":{"email":"b@example.com"},"locale":"uk","isNotifyAccount":true}"#
        ),
    ]

    @Test("its name and its digest are those of the rules that accepted it", arguments: 0..<accepted.count)
    func named(number: Int) throws {
        let (body, externalID, form) = Self.accepted[number]
        let reading = try OrderDraft.reading(Array(body.utf8), settings: settings)
        #expect(reading.first != nil && CanonicalForm(reading.value).digest != CanonicalForm(reading).digest)
        if let externalID {
            let named = try #require(reading.withNamed(\.externalID))
            #expect(named.unicodeScalars.elementsEqual(externalID.unicodeScalars))
        }
        #expect(CanonicalForm(reading).digest == sha256(Array(form.utf8)))
    }

    @Test("a form whose lines have names is the order without lines that it was")
    func namedLines() throws {
        let pairs = [("email", "b@example.com"), ("items[first][title]", "Чай")].map { (name: $0.0, value: $0.1) }
        let reading = try OrderDraft.reading(form: pairs, settings: settings)
        #expect(reading.value.items.map(\.title) == ["Чай"] && reading.withNamed(\.items.isEmpty))
    }

    @Test("what both rules read alike is read once, and named by what it says")
    func alike() throws {
        let reading = try OrderDraft.reading(Array(fullBody.utf8), settings: settings)
        #expect(reading.first == nil && reading.warnings.map(\.code) == [])
        #expect(reading.value == fullDraft)
        // Pinned: the digest of this order on topic orders since schema 1.
        #expect(CanonicalForm(reading).digest == CanonicalForm(fullDraft).digest)
    }

    @Test("what the first rules refused is named by the present ones")
    func refusedBefore() throws {
        let body = #"{"email":"b@example.com\u00a0","externalId":"A\u00a0","phone":"NULL"}"#
        let reading = try OrderDraft.reading(Array(body.utf8), settings: settings)
        #expect(reading.first == nil && reading.withNamed(\.externalID) == "A")
    }
}
