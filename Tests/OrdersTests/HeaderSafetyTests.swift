import Testing

@testable import Orders

@Suite("Control characters")
struct HeaderSafetyTests {
    static let injections = [
        "a\r\nBcc: x@y.z", "a\nb", "a\rb", "a\tb", "a\u{0}b", "a\u{7f}b", "a\u{85}b", "a\u{2028}b", "a\u{2029}b",
        "a\u{1b}[31m",
    ]
    /// Bodies with the text in each field in turn; where it may be made a line, and not refused, said so.
    static let bodies: [(body: String, isLine: Bool)] = [
        (#"{"email":"a@b.ua","externalId":%}"#, false), (#"{"email":"a@b.ua","source":%}"#, false),
        (#"{"email":"a@b.ua","offerId":%}"#, false), (#"{"email":"a@b.ua","paymentCreditsId":%}"#, false),
        (#"{"email":"a@b.ua","managerId":%}"#, false), (#"{"email":"a@b.ua","personId":%}"#, false),
        (#"{"email":"a@b.ua","title":%}"#, true), (#"{"email":"a@b.ua","customer":{"name":%}}"#, true),
        (#"{"email":%}"#, false), (#"{"customer":{"email":%}}"#, false), (#"{"phone":%}"#, false),
        (#"{"email":"a@b.ua","currency":%}"#, false), (#"{"email":"a@b.ua","locale":%}"#, false),
        (#"{"email":"a@b.ua","transactionDate":%}"#, false), (#"{"email":"a@b.ua","price":%}"#, false),
        (#"{"email":"a@b.ua","isNotifyAccount":%}"#, false), (#"{"email":"a@b.ua","items":[{"title":%}]}"#, true),
        (#"{"email":"a@b.ua","items":[{"title":"x","sku":%}]}"#, false),
        (#"{"email":"a@b.ua","utm":{"source":%}}"#, false),
    ]

    /// JSON of a text, every character of it escaped.
    func json(_ text: String) -> String {
        let units = text.utf16.map { unit in
            let digits = String(unit, radix: 16)
            return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
        }
        return "\"\(units.joined())\""
    }

    func isClean(_ text: String?) -> Bool {
        (text ?? "").unicodeScalars.allSatisfy {
            $0.value >= 0x20 && !(0x7F..<0xA0 ~= $0.value) && !(0x2028...0x2029 ~= $0.value)
        }
    }

    @Test("none comes through in any field: it is a space or a fault", arguments: injections)
    func everyField(injection: String) {
        for (body, isLine) in Self.bodies {
            let bytes = Array(body.replacing("%", with: json(injection)).utf8)
            guard let draft = try? OrderDraft.reading(bytes, settings: settings, isStrict: true).value else {
                #expect(!isLine, "\(body) was refused")
                continue
            }
            #expect(isLine, "\(body) was taken")
            let lines = [draft.title, draft.buyer.name, draft.items.first?.title]
            #expect(lines.allSatisfy { isClean($0) } as Bool, "\(body)")
        }
    }

    @Test("in a line for people each run becomes one space; the ends are trimmed")
    func lines() throws {
        let body = #"{"email":"a@b.ua","title":"\r\n  Two\r\n\tlines\u2028 \n"}"#
        #expect(try OrderDraft.read(Array(body.utf8), settings: settings).title == "Two lines")
    }

    @Test("right-to-left text, emoji and joiners stay as they are; letters in parts are composed")
    func unicode() throws {
        let title = "שלום مرحبا 👩‍👩‍👧‍👦 e\u{301} й"
        let draft = try OrderDraft.read(Array("{\"email\":\"a@b.ua\",\"title\":\"\(title)\"}".utf8), settings: settings)
        let composed = title.replacing("e\u{301}", with: "é").replacing("и\u{306}", with: "й")
        #expect(Array(draft.title!.unicodeScalars) == Array(composed.unicodeScalars))
    }

    @Test("one look at the bytes finds exactly the control characters, in texts of any length at once")
    func shapes() {
        for value in UInt32(0)...0x3000 {
            let scalar = Unicode.Scalar(value)!
            #expect(
                TextShape("a\(scalar)b").hasControls == TextShape.isControl(scalar), "U+\(String(value, radix: 16))")
        }
        // Ends as U+2028 does, and must not cause a closer look at each place.
        let tiles = TextShape(String(repeating: "\u{1F028}", count: 200_000))
        #expect(!tiles.hasControls)
        #expect(tiles.scalarCount == 200_000)
    }

    @Test("comments keep their lines, and lose other control characters")
    func comments() throws {
        let change = try OrderChange.read(
            Array(#"{"userComments":" one\r\ntwo\n\nthree\u0000four \n"}"#.utf8), settings: settings)
        #expect(change.userComments == "one\ntwo\n\nthree four")
    }
}
