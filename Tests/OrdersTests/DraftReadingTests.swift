import JSON
import Orders
import Testing

@Suite("Reading an order's body")
struct DraftReadingTests {
    @Test("every field is read, checked and normalised")
    func fullOrder() throws {
        #expect(try OrderDraft.read(Array(fullBody.utf8), settings: settings) == fullDraft)
    }

    @Test("an e-mail alone is an order; the rest is the account's or absent")
    func smallest() throws {
        var expected = OrderDraft(locale: .uk)
        expected.buyer.email = "a@b.ua"
        #expect(try OrderDraft.read(Array(#"{"email":"a@b.ua"}"#.utf8), settings: settings) == expected)
        #expect(expected.isNotifyAccount)
    }

    @Test("all faults of a body come at once, each with its code, place, what was expected and what came")
    func allFaults() {
        let body = """
            {"email":"nobody","phone":"12","price":"1.234","currency":"UAH","locale":"xx","transactionDate":"yesterday",
             "title":true,"externalId":"a\\nb","items":[{"quantity":0},7],"isNotifyAccount":"maybe","customer":[7]}
            """
        let found = faults(body)
        let codes = Dictionary(uniqueKeysWithValues: found.map { ($0.pointer, $0.code) })
        #expect(
            codes == [
                "/email": .wrongEmail, "/phone": .wrongPhone, "/price": .wrongPrice, "/locale": .wrongLocale,
                "/transactionDate": .wrongDate, "/title": .wrongType, "/externalId": .wrongCharacter,
                "/items/0/quantity": .wrongQuantity, "/items/0/title": .required, "/items/1": .wrongType,
                "/isNotifyAccount": .wrongType, "/customer": .wrongType,
            ])
        #expect(
            found.first
                == FieldFault(
                    .wrongEmail, at: "/email", expected: "an address like name@example.com, with an @",
                    came: #""no…" (6 characters)"#))
    }

    @Test("malformed JSON is reported with its byte, whatever faults came before")
    func badJSON() {
        #expect(throws: BodyError.notJSON(JSONError(.unexpectedByte(UInt8(ascii: "}")), at: 15))) {
            try OrderDraft.read(Array(#"{"email":"bad",}"#.utf8), settings: settings)
        }
        #expect(throws: BodyError.notJSON(JSONError(.trailingBytes, at: 3))) {
            try OrderDraft.read(Array("{} {}".utf8), settings: settings)
        }
    }
}
