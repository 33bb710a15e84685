/// SplitMix64: one seed, one sequence.
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}

/// Makes JSON texts, most of them nearly right: that is where readers disagree.
struct FuzzGenerator {
    var random: SeededGenerator

    init(seed: UInt64) { random = SeededGenerator(state: seed) }

    /// A text of the grammar, in two of three cases with up to three small injuries.
    mutating func text() -> [UInt8] {
        if chance(1, of: 100) { return nested(number(20...60)) }
        var text = Array(value(depth: 0).utf8)
        guard chance(2, of: 3) else { return text }
        for _ in 0..<number(1...3) { injure(&text) }
        return text
    }

    private mutating func nested(_ depth: Int) -> [UInt8] {
        Array((String(repeating: "[", count: depth) + "1" + String(repeating: "]", count: depth)).utf8)
    }

    private mutating func number(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &random) }
    private mutating func chance(_ part: Int, of whole: Int) -> Bool { number(1...whole) <= part }
    private mutating func one(of texts: [String]) -> String { texts[number(0...(texts.count - 1))] }

    private mutating func value(depth: Int) -> String {
        switch number(0...(depth > 4 ? 4 : 8)) {
        case 0: one(of: ["true", "false", "null"])
        case 1, 2: numeral()
        case 3, 4: string()
        case 5, 6: "[" + space() + list(depth) { $0.value(depth: depth + 1) } + "]" + space()
        default:
            "{" + space() + list(depth) { $0.string() + $0.space() + ":" + $0.space() + $0.value(depth: depth + 1) }
                + "}"
                + space()
        }
    }

    private mutating func list(_ depth: Int, _ item: (inout FuzzGenerator) -> String) -> String {
        var items: [String] = []
        for _ in 0..<number(0...4) { items.append(item(&self) + space()) }
        return items.joined(separator: "," + space())
    }

    private mutating func space() -> String { chance(1, of: 6) ? one(of: [" ", "\n", "\t", "\r\n", "  "]) : "" }

    private mutating func numeral() -> String {
        let whole = one(of: [
            "0", "1", "7", "12", "-0", "-3", "9007199254740993", "9223372036854775807", "18446744073709551616",
        ])
        let fraction = chance(1, of: 3) ? one(of: [".0", ".5", ".25", ".10", ".000000000000000001"]) : ""
        let exponent = chance(1, of: 5) ? one(of: ["e0", "E2", "e+3", "e-3", "e308", "e400", "e-400", "E00"]) : ""
        return whole + fraction + exponent
    }

    private mutating func string() -> String {
        var text = ""
        for _ in 0..<number(0...4) {
            text += one(of: [
                "a", "b", "key", "ї", "€", "🙂", "\\n", "\\\\", "\\\"", "\\/", "\\u0041", "\\u00e9", "\\uD83D\\uDE42",
                "e\u{301}",
                "\\u0000", "\u{7f}", "\\b\\f\\r\\t", "long enough for a word or two",
            ])
        }
        return "\"\(text)\""
    }

    private static let shards: [[UInt8]] =
        [
            ",", ":", "{", "}", "[", "]", "\"", "\\", "\\u", "\\uD800", "\\uDC00", "-", "+", ".", "e", "0", "1", "n",
            "null", "tru", "NaN",
            "Infinity", "'", "/", "//", "/**/", "#", "\t", "\n", "\u{b}", "\u{a0}", "\u{feff}", "\u{2028}", "\0",
            "\u{1}", ",,", "[[", "]]",
            "{}", "[]", "\"a\":1,", "\"a\":1,\"a\":2", String(repeating: "[", count: 40), "0x1", "01", "1.", ".1", "1e",
            "True", "nul",
        ].map { Array($0.utf8) } + [
            [0xFF], [0xC0, 0xAF], [0xED, 0xA0, 0x80], [0xE2, 0x82], [0xF5], [0xFE, 0xFF], [0x80],
        ]

    private mutating func injure(_ text: inout [UInt8]) {
        let place = number(0...text.count)
        switch number(0...5) {
        case 0 where place < text.count: text.remove(at: place)
        case 1 where place < text.count: text[place] = UInt8(number(0...255))
        case 2: text.removeSubrange(min(place, text.count)...)
        case 3 where place < text.count:
            let piece = Array(text[place..<min(text.count, place + number(1...8))])
            text.insert(contentsOf: piece, at: number(0...text.count))
        default: text.insert(contentsOf: Self.shards[number(0...(Self.shards.count - 1))], at: place)
        }
    }
}
