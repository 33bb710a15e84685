import JSON

extension FieldReader {
    /// How a text treats line breaks and other control characters.
    enum Style {
        /// Names a thing to a machine: they are refused.
        case identifier
        /// One line for people, which may reach a message's header: each run of them becomes a space.
        case line
        /// Several lines for people: line breaks stay, as `\n`; the others become spaces.
        case paragraph
    }

    /// A text, trimmed, of at most `countMax` characters (Unicode scalars); nil where it is empty or at fault.
    mutating func text(_ value: Scalar, at place: Place, style: Style, countMax: Int) -> String? {
        guard let text = plain(value, at: place, takesNumbers: style == .identifier) else { return nil }
        guard origin == .asked else { return text }
        var shape = TextShape(text)
        guard !shape.isEmpty else { return nil }
        var clean = text
        if shape.hasControls || shape.hasSpaceAround {
            if shape.hasControls, style == .identifier {
                fault(.wrongCharacter, at: place, expected: "text without control characters", came: quoted(text))
                return nil
            }
            clean = cleaned(text, keepsLines: style == .paragraph)
            shape = TextShape(clean)
        }
        guard shape.scalarCount <= countMax else {
            fault(
                .tooLong, at: place, expected: "at most \(countMax) characters", came: "\(shape.scalarCount) characters"
            )
            return nil
        }
        return clean.isEmpty ? nil : clean
    }

    /// A text as it came; a whole number is taken for its digits where ids are often sent so.
    mutating func plain(_ value: Scalar, at place: Place, takesNumbers: Bool) -> String? {
        switch value {
        case .text(let text): return text
        case .number(let number?) where takesNumbers && number.scale == 0: return number.description
        case .number, .bool:
            wrongType(at: place, expected: .string, came: value.kind)
            return nil
        }
    }

    /// Trimmed, with control characters replaced.
    private func cleaned(_ text: String, keepsLines: Bool) -> String {
        var clean = String.UnicodeScalarView()
        var isAfterControl = false
        for scalar in text.unicodeScalars {
            let isControl = TextShape.isControl(scalar)
            if !isControl {
                clean.append(scalar)
            } else if keepsLines, scalar == "\n" {
                clean.append(scalar)
            } else if !isAfterControl, !(keepsLines && scalar == "\r") {
                clean.append(" ")
            }
            isAfterControl = isControl
        }
        let isSpace = { (scalar: Unicode.Scalar) in scalar == " " || scalar == "\n" }
        let start = clean.firstIndex { !isSpace($0) } ?? clean.endIndex
        let end = clean.lastIndex { !isSpace($0) }.map(clean.index(after:)) ?? start
        return String(clean[start..<end])
    }

    /// The text in quotes, clipped, its control characters shown as `\u{…}`: for a fault.
    func quoted(_ text: String) -> String {
        let countMax = 40
        var shown = "\""
        for scalar in text.unicodeScalars.prefix(countMax) { shown += scalar.escaped(asASCII: false) }
        return shown + (text.unicodeScalars.count > countMax ? "…\"" : "\"")
    }

    /// A personal text, of which a fault shows two characters and the length.
    func masked(_ text: String) -> String {
        let shown = text.unicodeScalars.prefix(2).map { $0.escaped(asASCII: false) }.joined()
        return "\"\(shown)…\" (\(text.unicodeScalars.count) characters)"
    }
}

/// What one look over a text's bytes tells.
struct TextShape {
    private(set) var scalarCount = 0
    private(set) var hasControls = false
    private(set) var hasSpaceAround = false
    private(set) var isEmpty = true

    init(_ text: String) {
        var text = text
        text.withUTF8 { bytes in
            guard let first = bytes.first, let last = bytes.last else { return }
            isEmpty = false
            hasSpaceAround = first == 0x20 || last == 0x20
            var previous: UInt8 = 0
            var beforePrevious: UInt8 = 0
            for byte in bytes {
                if byte & 0xC0 != 0x80 {
                    scalarCount &+= 1
                    if byte < 0x20 || byte == 0x7F { hasControls = true }
                } else if byte < 0xA0, previous == 0xC2 {
                    // U+0080 to U+009F, the second set of control characters.
                    hasControls = true
                } else if byte & 0xFE == 0xA8, previous == 0x80, beforePrevious == 0xE2 {
                    // U+2028 and U+2029, line and paragraph separator.
                    hasControls = true
                }
                beforePrevious = previous
                previous = byte
            }
        }
    }

    static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        scalar.value < 0x20 || 0x7F..<0xA0 ~= scalar.value || 0x2028...0x2029 ~= scalar.value
    }
}
