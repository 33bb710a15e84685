import JSON
import Testing

@Suite("Reader: what is refused, and where")
struct ReaderRefusalTests {
    static let cases: [(String, JSONError.Reason, Int)] = [
        ("", .unexpectedEnd, 0),
        ("   ", .unexpectedEnd, 3),
        ("{", .unexpectedEnd, 1),
        ("[1", .unexpectedEnd, 2),
        ("{\"a\"", .unexpectedEnd, 4),
        ("{\"a\":", .unexpectedEnd, 5),
        ("\"abc", .unexpectedEnd, 4),
        ("\"abc\\", .unexpectedEnd, 5),
        ("tru", .unexpectedEnd, 3),
        ("-", .unexpectedEnd, 1),
        ("1.", .unexpectedEnd, 2),
        ("1e", .unexpectedEnd, 2),
        ("1e+", .unexpectedEnd, 3),
        ("{\"a\":1,}", .unexpectedByte(UInt8(ascii: "}")), 7),
        ("[1,]", .unexpectedByte(UInt8(ascii: "]")), 3),
        ("[,1]", .unexpectedByte(UInt8(ascii: ",")), 1),
        ("[1 2]", .unexpectedByte(UInt8(ascii: "2")), 3),
        ("{a:1}", .unexpectedByte(UInt8(ascii: "a")), 1),
        ("{'a':1}", .unexpectedByte(UInt8(ascii: "'")), 1),
        ("{\"a\" 1}", .unexpectedByte(UInt8(ascii: "1")), 5),
        ("trUe", .unexpectedByte(UInt8(ascii: "U")), 2),
        ("NaN", .unexpectedByte(UInt8(ascii: "N")), 0),
        ("+1", .unexpectedByte(UInt8(ascii: "+")), 0),
        (".5", .unexpectedByte(UInt8(ascii: ".")), 0),
        ("// c", .unexpectedByte(UInt8(ascii: "/")), 0),
        ("01", .trailingBytes, 1),
        ("1 1", .trailingBytes, 2),
        ("{} {}", .trailingBytes, 3),
        ("\"a\nb\"", .controlCharacter, 2),
        ("\"12345678\u{1}\"", .controlCharacter, 9),
        ("\"a\\x\"", .invalidEscape, 2),
        ("\"\\u12G4\"", .invalidEscape, 5),
        ("\"\\u12\"", .invalidEscape, 5),
        ("\"ab\\uD800\"", .loneSurrogate, 3),
        ("\"\\uDC00\"", .loneSurrogate, 1),
        ("\"\\uD800\\u0041\"", .loneSurrogate, 1),
        ("\"\\uD800x\"", .loneSurrogate, 1),
        ("{\"a\":1,\"b\":2,\"a\":3}", .duplicateKey, 13),
        ("{\"a\":1,\"\\u0061\":3}", .duplicateKey, 7),
        ("{\"\\u0061\":1,\"a\":3}", .duplicateKey, 12),
        ("[{\"x\":{\"y\":1,\"y\":2}}]", .duplicateKey, 13),
    ]

    @Test("a fault is reported with its byte", arguments: cases)
    func refusals(text: String, reason: JSONError.Reason, offset: Int) {
        #expect(throws: JSONError(reason, at: offset)) { try skim(Array(text.utf8)) }
    }

    @Test("bytes that are no UTF-8 are refused at the first of them, inside and outside strings")
    func invalidUTF8() {
        #expect(throws: JSONError(.invalidUTF8, at: 3)) {
            try skim([0x22, 0x61, 0x62, 0xFF, 0x22])
        }
        #expect(throws: JSONError(.invalidUTF8, at: 1)) { try skim([0x31, 0xC0, 0xAF]) }
        // A surrogate in UTF-8's form.
        #expect(throws: JSONError(.invalidUTF8, at: 1)) {
            try skim([0x22, 0xED, 0xA0, 0x80, 0x22])
        }
    }

    @Test("values nest 32 deep, and no deeper")
    func depth() throws {
        func nested(_ depth: Int) -> [UInt8] {
            Array((String(repeating: "[", count: depth) + String(repeating: "]", count: depth)).utf8)
        }
        try skim(nested(JSONReader.maximumDepth))
        #expect(throws: JSONError(.tooDeep, at: 32)) { try skim(nested(33)) }
        #expect(throws: JSONError(.tooDeep, at: 32)) {
            try skim([UInt8](repeating: UInt8(ascii: "["), count: 200_000))
        }
    }

    @Test("an object has 1,024 members, and no more")
    func members() throws {
        func object(_ count: Int) -> [UInt8] {
            Array(("{" + (0..<count).map { "\"\(10_000 + $0)\":1" }.joined(separator: ",") + "}").utf8)
        }
        try skim(object(JSONReader.maximumMembers))
        #expect(throws: JSONError(.tooManyMembers, at: 1 + 1024 * 10)) {
            try skim(object(1025))
        }
    }

    @Test("equal keys in different objects are no duplicates")
    func equalKeysApart() throws {
        try skim(Array(#"{"a":{"a":1},"b":[{"a":1},{"a":2}]}"#.utf8))
    }

    @Test("a value of another kind is reported with the expected kind")
    func kinds() {
        func reading(_ text: String, _ read: (inout JSONReader) throws(JSONError) -> Void) throws(JSONError) {
            let text = Array(text.utf8)
            let span = text.span
            var reader = try JSONReader(span.bytes)
            try read(&reader)
        }
        #expect(throws: JSONError(.typeMismatch(expected: .string), at: 1)) {
            try reading(" 1") { reader throws(JSONError) in _ = try reader.string() }
        }
        #expect(throws: JSONError(.typeMismatch(expected: .number), at: 0)) {
            try reading("\"1\"") { reader throws(JSONError) in _ = try reader.decimal() }
        }
        #expect(throws: JSONError(.typeMismatch(expected: .bool), at: 0)) {
            try reading("null") { reader throws(JSONError) in _ = try reader.bool() }
        }
        #expect(throws: JSONError(.typeMismatch(expected: .object), at: 0)) {
            try reading("[]") { reader throws(JSONError) in try reader.object { _, _ throws(JSONError) in } }
        }
        #expect(throws: JSONError(.unexpectedByte(UInt8(ascii: "?")), at: 0)) {
            try reading("?") { reader throws(JSONError) in _ = try reader.string() }
        }
    }

    @Test("a number that is not held exactly is refused at its first byte when it is read, and only then")
    func numbersOutOfRange() throws {
        for text in ["9223372036854775808", "1e19", "0.0000000000000000001", "-9223372036854775809"] {
            let bytes = Array(text.utf8)
            try skim(bytes)
            let span = bytes.span
            var reader = try JSONReader(span.bytes)
            let value = try reader.decimalIfExact()
            #expect(value == nil)
            var again = try JSONReader(span.bytes)
            do {
                _ = try again.decimal()
                Issue.record("\(text) was taken")
            } catch { #expect(error == JSONError(.numberOutOfRange, at: 0)) }
        }
    }

    @Test("an error says what is wrong in words, and where")
    func descriptions() {
        #expect(JSONError(.duplicateKey, at: 7).description == "the key occurs twice in its object, at byte 7")
        #expect(JSONError(.unexpectedByte(0x7D), at: 7).description == "'}' is not allowed here, at byte 7")
        #expect(JSONError(.unexpectedByte(0x01), at: 0).description == "byte 0x01 is not allowed here, at byte 0")
        #expect(JSONError(.typeMismatch(expected: .bool), at: 2).description == "true or false was expected, at byte 2")
    }
}

@Suite("Reader: what is read")
struct ReaderValueTests {
    @Test("strings come out as they were meant, escapes, pairs and all")
    func strings() throws {
        let cases = [
            (#""""#, ""), (#""plain""#, "plain"), (#""Олена 🙂""#, "Олена 🙂"), (#""\u041e\ud83d\ude42""#, "О🙂"),
            (#""\"\\\/\b\f\n\r\t""#, "\"\\/\u{8}\u{c}\n\r\t"), (#""\u0000""#, "\0"),
            (#""12345678\n12345678""#, "12345678\n12345678"),
        ]
        for (text, expected) in cases {
            let bytes = Array(text.utf8)
            let span = bytes.span
            var reader = try JSONReader(span.bytes)
            let value = try reader.string()
            try reader.end()
            #expect(value == expected)
        }
    }

    @Test("an object gives its members in order, known keys by literal and others as text")
    func object() throws {
        let bytes = Array(
            #" { "email" : "a@b" , "\u006eumber": -12 , "on":true,"off":false,"no":null,"list":[1,"2",[]] } "#.utf8)
        let span = bytes.span
        var reader = try JSONReader(span.bytes)
        var seen: [String] = []
        try reader.object { reader, key throws(JSONError) in
            switch key {
            case "email": seen.append(try "email=" + reader.string())
            case "number": seen.append(try "number=\(reader.int64())")
            case "on", "off": seen.append(try "bool=\(reader.bool())")
            case "no": seen.append(try "null=\(reader.null())")
            default:
                seen.append("other=" + key.text)
                var kinds: [JSONKind?] = []
                try reader.array { reader throws(JSONError) in
                    kinds.append(reader.next)
                    try reader.skip()
                }
                #expect(kinds == [.number, .string, .array])
            }
        }
        try reader.end()
        #expect(seen == ["email=a@b", "number=-12", "bool=true", "bool=false", "null=true", "other=list"])
    }

    @Test("the next value's kind can be asked for without reading it")
    func peeking() throws {
        let cases: [(String, JSONKind)] = [
            ("{}", .object), ("[]", .array), ("\"\"", .string), ("-1", .number), ("0", .number), ("true", .bool),
            ("false", .bool), ("null", .null),
        ]
        for (text, kind) in cases {
            let bytes = Array(text.utf8)
            let span = bytes.span
            var reader = try JSONReader(span.bytes)
            let isNext = reader.isNext(kind)
            #expect(isNext)
            try reader.skip()
            try reader.end()
        }
    }

    @Test("decimals are exact and keep their zeros")
    func decimals() {
        let cases: [(String, Int64, Int)] = [
            ("0", 0, 0), ("-0", 0, 0), ("0.00", 0, 2), ("2.50", 250, 2), ("-1.5", -15, 1), ("1e3", 1000, 0),
            ("1.5E+1", 15, 0), ("12e-2", 12, 2), ("9223372036854775807", .max, 0), ("-9223372036854775808", .min, 0),
            ("0.000000000000000001", 1, 18), ("0e999999", 0, 0),
        ]
        for (text, digits, scale) in cases {
            #expect(ExactDecimal(text) == ExactDecimal(digits: digits, scale: scale), "\(text)")
        }
        for text in ["", "-", "01", "1.", ".1", "1e", "1e+", "+1", " 1", "1 ", "0x1", "1,5", "1e99"] {
            #expect(ExactDecimal(text) == nil, "\(text)")
        }
    }

    @Test("a decimal's text is its own JSON")
    func decimalTexts() {
        for text in ["0", "0.00", "2.50", "-1.5", "0.05", "-0.001", "9223372036854775807", "-9223372036854775808"] {
            #expect(ExactDecimal(text)?.description == text)
        }
    }

    @Test("a decimal's text has one digit before the point at least, all of its scale behind it, and reads as the same")
    func decimalRoundTrip() {
        let numbers: [Int64] = [0, 1, -1, 9, 10, -10, 99, 100, 1_000_000_007, .max, .min]
        for digits in numbers {
            for scale in 0...ExactDecimal.maximumScale {
                let decimal = ExactDecimal(digits: digits, scale: scale)
                let text = decimal.description
                #expect(ExactDecimal(text) == decimal, "\(text)")
                let parts = text.split(separator: ".", omittingEmptySubsequences: false)
                #expect(parts.count == (scale > 0 ? 2 : 1) && (scale == 0 || parts[1].count == scale), "\(text)")
            }
        }
    }

    @Test("a whole number is read as one, a fraction is not")
    func wholeNumbers() throws {
        let bytes = Array("[1,1e2,1.0]".utf8)
        let span = bytes.span
        var reader = try JSONReader(span.bytes)
        var numbers: [Int64] = []
        do {
            try reader.array { reader throws(JSONError) in numbers.append(try reader.int64()) }
            Issue.record("1.0 was taken as a whole number")
        } catch { #expect(error == JSONError(.numberOutOfRange, at: 7)) }
        #expect(numbers == [1, 100])
    }
}
