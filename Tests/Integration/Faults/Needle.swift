import Foundation

/// A secret, or something of a buyer's, in every form that it may take where it does not belong.
struct Needle: Sendable {
    /// What it is, for a message that does not repeat it.
    let name: String
    /// Looked for whatever the case.
    let texts: [String]
    /// Looked for as they are: in base64 case means something.
    let codes: [String]

    init(_ name: String, _ value: String) {
        let bytes = Array(value.utf8)
        self.name = name
        texts = Array(
            Set([
                value.lowercased(), Self.hexadecimal(bytes, before: "%", sparing: true),
                Self.hexadecimal(bytes, before: "=", sparing: true),
                Self.hexadecimal(bytes, before: "", sparing: false),
                value.utf16.map { $0 < 0x80 ? String(UnicodeScalar(UInt8($0))).lowercased() : Self.unicodeEscape($0) }
                    .joined(),
            ]))
        let standard = (0..<3).compactMap { Self.base64(bytes, offset: $0) }
        let web = standard.map {
            $0.replacingOccurrences(of: "+", with: "-").replacingOccurrences(of: "/", with: "_")
        }
        codes = Array(Set(standard + web))
    }

    /// Every form, as it may stand in a text.
    var forms: [String] { texts + codes }

    private static func hexadecimal(_ bytes: [UInt8], before sign: String, sparing isSparing: Bool) -> String {
        bytes.map { byte in
            let character = Character(UnicodeScalar(byte))
            if isSparing, byte < 0x80, character.isLetter || character.isNumber || "-_.".contains(character) {
                return character.lowercased()
            }
            return sign + (byte < 16 ? "0" : "") + String(byte, radix: 16)
        }.joined()
    }

    private static func unicodeEscape(_ unit: UInt16) -> String {
        let digits = String(unit, radix: 16)
        return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
    }

    /// What stands in a longer text's base64 wherever these bytes begin at an offset of 0, 1 or 2 modulo 3; nil if that
    /// is too short to mean anything.
    private static func base64(_ bytes: [UInt8], offset: Int) -> String? {
        let padded = [UInt8](repeating: 0, count: offset) + bytes
        let whole = padded.prefix(padded.count / 3 * 3)
        let code = Data(whole).base64EncodedString().dropFirst([0, 2, 3][offset])
        return code.count < 8 ? nil : String(code)
    }
}

/// Something that is searched.
struct Haystack: Sendable {
    let name: String
    private let raw: Data
    private let folded: Data

    init(_ name: String, _ bytes: [UInt8]) {
        self.name = name
        raw = Data(bytes)
        // What is not UTF-8 (a database's pages) may be damaged by folding; texts are not.
        folded = Data(String(decoding: bytes, as: UTF8.self).lowercased().utf8)
    }

    init(_ name: String, _ text: String) { self.init(name, Array(text.utf8)) }

    func contains(_ needle: Needle) -> Bool {
        needle.texts.contains { Self.find($0, in: folded) } || needle.codes.contains { Self.find($0, in: raw) }
    }

    /// `haystack: needle` of all that it contains.
    func leaks(of needles: [Needle]) -> [String] {
        needles.filter(contains).map { "\(name): \($0.name)" }
    }

    private static func find(_ text: String, in bytes: Data) -> Bool { bytes.range(of: Data(text.utf8)) != nil }
}
