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
            // Trunk prefixes behind the country's code, and before the number.
            ("+3800671234567", "UA", "+380671234567"),
            ("+380 067 123 45 67", "UA", "+380671234567"),
            ("+380 (0) 67 123-45-67", "UA", "+380671234567"),
            ("+38000671234567", "UA", "+380671234567"),
            ("+38 (067) 123-45-67", "UA", "+380671234567"),
            ("8 067 123-45-67", "UA", "+380671234567"),
            ("+4401632960961", "UA", "+441632960961"),
            ("+49030123456", "UA", "+4930123456"),
            ("+789161234567", "UA", "+79161234567"),
            // Italian numbers keep their zero.
            ("+390612345678", "UA", "+390612345678"),
            // A range that is newer than the library's metadata.
            ("+380771234567", "UA", "+380771234567"), ("077 123 45 67", "UA", "+380771234567"),
        ])
    func taken(text: String, country: String, expected: String) {
        #expect(e164(text, country: country) == expected)
    }

    @Test(
        "what is not a number is refused",
        arguments: [
            "", "abc", "123", "+", "+0380671234567", "067 123", "+38067123456789012", "067123456\n7 call me now",
            "NULL", "-", "нема", "0000000000", "1111111111", "+380000000000", "+38067123", "067123", "380 67 123",
            "+38067123456", "067123456", "+12345678", "+380211234567",
        ])
    func refused(text: String) {
        #expect(e164(text, country: "UA") == nil)
    }

    /// Of every length and with every group of digits beginning, in four spellings.
    @Test("one number has one form whichever way it was written, and too short is too short in every spelling")
    func spellings() {
        for code in [39, 44, 50, 56, 63, 67, 68, 73, 91, 99] {
            for count in 3...10 {
                let number = "\(code)" + (2..<count).map { "\(($0 * 7 + 1) % 10)" }.joined()
                let forms = [
                    "+380\(number)", "380\(number)", "0\(number)", "+380 0\(number)", "+380(0)\(number)",
                    "00380\(number)",
                    "+3800\(number)", "+380 \(number.prefix(2)) \(number.dropFirst(2))",
                ].map { e164($0, country: "UA") }
                let expected = count == 9 ? "+380\(number)" : nil
                #expect(forms.allSatisfy { $0 == expected }, "\(number): \(forms)")
            }
        }
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
