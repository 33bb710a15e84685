/// What is read in a statement's text, by its bytes.
enum StatementText {
    /// How many values a text names: the highest of its `$1 …`, outside of quotes.
    static func parameterCount(of text: String) -> Int {
        var highest = 0
        var number: Int?
        scan(text) { byte, isQuoted in
            if let digits = number, byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9"), digits < 100_000 {
                number = digits * 10 + Int(byte - UInt8(ascii: "0"))
                highest = max(highest, number!)
            } else {
                number = byte == UInt8(ascii: "$") && !isQuoted ? 0 : nil
            }
        }
        return highest
    }

    /// The text with each `rows AS name` replaced by what `source` makes of the name; nil if the text has no such phrase.
    static func replacingRows(in text: String, by source: (_ name: Substring) -> String) -> String? {
        var replaced = ""
        var rest = text[...]
        var isFound = false
        while let match = rest.firstMatch(of: /\brows\s+AS\s+(\w+)/.asciiOnlyWordCharacters()) {
            replaced += rest[..<match.range.lowerBound]
            replaced += source(match.1)
            rest = rest[match.range.upperBound...]
            isFound = true
        }
        return isFound ? replaced + rest : nil
    }

    private static func scan(_ text: String, _ visit: (_ byte: UInt8, _ isQuoted: Bool) -> Void) {
        var quote: UInt8?
        for byte in text.utf8 {
            visit(byte, quote != nil)
            if byte == quote {
                quote = nil
            } else if quote == nil, byte == UInt8(ascii: "'") || byte == UInt8(ascii: "\"") {
                quote = byte
            }
        }
    }
}
