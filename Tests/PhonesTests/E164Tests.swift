import Phones
import Testing

@Suite("Phone numbers in E.164")
struct E164Tests {
    @Test(
        "a number as people write it becomes E.164",
        arguments: [
            ("+380671234567", "UA", "+380671234567"),
            ("067 123-45-67", "UA", "+380671234567"),
            ("(067) 123 45 67", "UA", "+380671234567"),
            ("380671234567", "UA", "+380671234567"),
            ("00380671234567", "UA", "+380671234567"),
            ("+1 (202) 555-0123", "UA", "+12025550123"),
            ("202-555-0123", "US", "+12025550123"),
            ("+48 512 345 678", "UA", "+48512345678"),
        ])
    func taken(text: String, country: String, expected: String) {
        #expect(e164(text, country: country) == expected)
    }

    @Test(
        "what is no number is none",
        arguments: [
            "", "abc", "123", "+", "+0380671234567", "067 123", "+38067123456789012", "067123456\n7 call me now",
        ])
    func refused(text: String) {
        #expect(e164(text, country: "UA") == nil)
    }

    @Test("text of any length is answered")
    func long() {
        #expect(e164(String(repeating: "0", count: 100_000), country: "UA") == nil)
    }

    @Test("E.164's shape is a plus and 8 to 15 digits, the first not 0")
    func shape() {
        #expect(isE164("+12345678"))
        #expect(isE164("+123456789012345"))
        for text in ["12345678", "+1234567", "+1234567890123456", "+02345678", "+1234567a", "+1234 5678", "+", ""] {
            #expect(!isE164(text), "\(text)")
        }
    }
}
