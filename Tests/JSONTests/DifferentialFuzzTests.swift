import Foundation
import JSON
import Testing

/// Where Foundation's readers and ours disagree, each case must have one of these names.
enum Disagreement: Hashable {
    /// Foundation keeps one of two equal keys; we cannot know which is meant.
    case duplicateKey
    /// Foundation keeps one of two keys that are canonically equivalent (`é` as one scalar or two); to us they differ.
    case equivalentKeys
    /// Foundation nests 512 deep, we 32.
    case depth
    /// Foundation guesses UTF-16 and UTF-32, and skips a byte order mark.
    case encoding
    /// Foundation passes some bytes that are no UTF-8.
    case invalidUTF8
    /// Foundation refuses a number that no `Double` comes near; we keep a number's text until it is read.
    case numberRange
    /// Foundation takes a comma after the last member or item.
    case trailingComma
    /// Foundation refuses some zeros with an exponent, as `0e1`, which RFC 8259 allows.
    case zeroWithExponent

    /// The name of a text that Foundation takes and we refuse; nil if it has none.
    init?(refusal: JSONError, of text: [UInt8]) {
        let marks: [[UInt8]] = [[0xEF, 0xBB, 0xBF], [0xFE, 0xFF], [0xFF, 0xFE]]
        let last = text.prefix(refusal.offset).last { !" \t\r\n".utf8.contains($0) }
        let isAfterComma = last == UInt8(ascii: ",")
        switch refusal.reason {
        case .duplicateKey: self = .duplicateKey
        case .tooDeep: self = .depth
        case .unexpectedByte(let byte) where "}]".utf8.contains(byte) && isAfterComma: self = .trailingComma
        case _ where text.prefix(4).contains(0) || marks.contains(where: text.starts): self = .encoding
        case .invalidUTF8: self = .invalidUTF8
        default: return nil
        }
    }
}

extension Disagreement {
    /// The name of a text that we take and Foundation refuses; nil if it has none.
    init?(numerals: [String]) {
        let isOutOfRange = { (numeral: String) in
            guard let number = Double(numeral), number.isFinite else { return true }
            let digits = numeral.prefix { $0 != "e" && $0 != "E" }
            return number.magnitude < .leastNormalMagnitude && digits.contains { "1"..."9" ~= $0 }
        }
        let isZeroWithExponent = { (numeral: String) in
            Double(numeral) == 0 && numeral.contains { $0 == "e" || $0 == "E" }
        }
        if numerals.contains(where: isOutOfRange) {
            self = .numberRange
        } else if numerals.contains(where: isZeroWithExponent) {
            self = .zeroWithExponent
        } else {
            return nil
        }
    }
}

/// What a text has that explains a disagreement.
struct Traits {
    var numerals: [String] = []
    var hasEquivalentKeys = false
}

/// A value as either reader sees it; texts by their scalars, numbers by the `Double` that is nearest to their text.
enum Value: Equatable, Decodable {
    case null
    case bool(Bool)
    case number(Double)
    case text([UInt32])
    case list([Value])
    case object([String: Value])

    init(from decoder: any Decoder) throws {
        if let object = try? decoder.container(keyedBy: Key.self) {
            var members: [String: Value] = [:]
            for key in object.allKeys { members[key.stringValue] = try object.decode(Value.self, forKey: key) }
            self = .object(members)
            return
        }
        if var list = try? decoder.unkeyedContainer() {
            var items: [Value] = []
            while !list.isAtEnd { items.append(try list.decode(Value.self)) }
            self = .list(items)
            return
        }
        let single = try decoder.singleValueContainer()
        if single.decodeNil() {
            self = .null
        } else if let bool = try? single.decode(Bool.self) {
            self = .bool(bool)
        } else if let number = try? single.decode(Double.self) {
            self = .number(number)
        } else {
            self = .text(Value.scalars(try single.decode(String.self)))
        }
    }

    init(_ reader: inout JSONReader, of text: [UInt8], _ traits: inout Traits) throws(JSONError) {
        switch reader.next {
        case .object:
            var members: [String: Value] = [:]
            try reader.object { reader, key throws(JSONError) in
                let name = key.text
                if members[name] != nil { traits.hasEquivalentKeys = true }
                members[name] = try Value(&reader, of: text, &traits)
            }
            self = .object(members)
        case .array:
            var items: [Value] = []
            try reader.array { reader throws(JSONError) in items.append(try Value(&reader, of: text, &traits)) }
            self = .list(items)
        case .string: self = .text(Value.scalars(try reader.string()))
        case .number:
            let start = reader.offset
            try reader.skip()
            let numeral = text[start..<reader.offset].prefix { !" \t\r\n".utf8.contains($0) }
            traits.numerals.append(String(decoding: numeral, as: UTF8.self))
            self = .number(traits.numerals.last.flatMap(Double.init) ?? .infinity)
        case .bool: self = .bool(try reader.bool())
        case .null, nil:
            try reader.skip()
            self = .null
        }
    }

    private struct Key: CodingKey {
        var stringValue: String
        var intValue: Int? { nil }
        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    private static func scalars(_ text: String) -> [UInt32] { text.unicodeScalars.map(\.value) }
}

@Suite("Reader against Foundation's")
struct DifferentialFuzzTests {
    /// What our reader makes of a text, and what is peculiar in it.
    func ours(_ text: [UInt8]) -> (value: Result<Value, JSONError>, traits: Traits) {
        var traits = Traits()
        do throws(JSONError) {
            let span = text.span
            var reader = try JSONReader(span.bytes)
            let value = try Value(&reader, of: text, &traits)
            try reader.end()
            return (.success(value), traits)
        } catch { return (.failure(error), traits) }
    }

    static let textCount = 10_000

    @Test("JSONDecoder and ours give the same values, or disagree for a reason that has a name")
    func decoder() {
        var met: Set<Disagreement> = []
        var equalCount = 0
        for seed in 0..<UInt64(Self.textCount) {
            var generator = FuzzGenerator(seed: seed)
            let text = generator.text()
            let theirs = Result { try JSONDecoder().decode(Value.self, from: Data(text)) }
            let ours = ours(text)
            switch (ours.value, theirs) {
            case (.success(let our), .success(let their)):
                guard !ours.traits.hasEquivalentKeys else {
                    met.insert(.equivalentKeys)
                    continue
                }
                #expect(our == their, "seed \(seed): \(shown(text))")
                equalCount += 1
            case (.success, .failure(let error)):
                guard let name = Disagreement(numerals: ours.traits.numerals) else {
                    Issue.record("seed \(seed): only we take \(shown(text)); Foundation: \(error)")
                    continue
                }
                met.insert(name)
            case (.failure(let error), .success):
                guard let name = Disagreement(refusal: error, of: text) else {
                    Issue.record("seed \(seed): only Foundation takes \(shown(text)); we: \(error)")
                    continue
                }
                met.insert(name)
            case (.failure, .failure): break
            }
        }
        // Else the generator makes nothing worth comparing any more.
        #expect(equalCount > Self.textCount / 4)
        #expect(met.isSuperset(of: [.duplicateKey, .depth, .encoding, .numberRange]), "\(met)")
    }

    @Test("JSONSerialization and ours take the same texts, or disagree for a reason that has a name")
    func serialization() {
        for seed in 0..<UInt64(Self.textCount) {
            var generator = FuzzGenerator(seed: seed | 1 << 32)
            let text = generator.text()
            let theirs = Result { try JSONSerialization.jsonObject(with: Data(text), options: .fragmentsAllowed) }
            let ours = ours(text)
            switch (ours.value, theirs) {
            case (.success, .failure(let error)):
                let name = Disagreement(numerals: ours.traits.numerals)
                #expect(name != nil, "seed \(seed): only we take \(shown(text)); Foundation: \(error)")
            case (.failure(let error), .success):
                let name = Disagreement(refusal: error, of: text)
                #expect(name != nil, "seed \(seed): only Foundation takes \(shown(text)); we: \(error)")
            case (.success, .success), (.failure, .failure): break
            }
        }
    }

    private func shown(_ text: [UInt8]) -> String { String(decoding: text.prefix(300), as: UTF8.self).debugDescription }
}
