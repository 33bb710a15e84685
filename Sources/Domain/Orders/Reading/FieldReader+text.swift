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

    /// A text, trimmed, of at most `countMaximum` characters (Unicode scalars); nil if it is empty or at fault.
    mutating func text(_ value: Scalar, at place: Place, style: Style, countMaximum: Int) -> String? {
        let takesNumbers = isPresent || style == .identifier
        guard let raw = plain(value, at: place, takesNumbers: takesNumbers) else { return nil }
        guard origin == .asked else { return raw }
        var shape = TextShape(raw)
        guard !shape.isEmpty else { return nil }
        var text = raw
        if isPresent, shape.mayBeUnusual {
            text = shape.hasWideSpaceAround ? trimmed(raw) : raw
            if shape.mayBeDecomposed { text = text.composed }
            // Equal strings may differ in composition: their bytes count.
            if !text.utf8.elementsEqual(raw.utf8) {
                differs()
                shape = TextShape(text)
                if shape.isEmpty { return nil }
            }
        }
        var clean = text
        if shape.hasControls || shape.hasSpaceAround {
            if shape.hasControls, style == .identifier {
                fault(.wrongCharacter, at: place, expected: "text without control characters", came: quoted(text))
                return nil
            }
            clean = cleaned(text, keepsLines: style == .paragraph)
            shape = TextShape(clean)
        }
        guard shape.scalarCount <= countMaximum else {
            fault(
                .tooLong, at: place, expected: "at most \(countMaximum) characters",
                came: "\(shape.scalarCount) characters"
            )
            return nil
        }
        return clean.isEmpty ? nil : clean
    }

    /// A text as it came; where that is allowed, a number counts as its digits: PHP and 1C send what looks like a
    /// number as one.
    mutating func plain(_ value: Scalar, at place: Place, takesNumbers: Bool) -> String? {
        switch value {
        case .text(let text): return text
        case .number(let number?) where takesNumbers && (isPresent || number.scale == 0): return number.description
        case .longNumber(let number) where takesNumbers && isPresent: return number.description
        case .number, .longNumber, .bool:
            wrongType(at: place, expected: .string, came: value.kind)
            return nil
        }
    }

    /// Without the white space around it, by the rules that hold.
    func trimmed(_ text: String) -> String {
        let shape = TextShape(text)
        guard shape.hasSpaceAround || shape.hasControls || shape.mayBeUnusual else { return text }
        let isOfToday = isPresent
        func isSpace(_ scalar: Unicode.Scalar) -> Bool {
            if isOfToday { return TextShape.isSpace(scalar) }
            return scalar == " " || scalar == "\t" || scalar == "\n" || scalar == "\r"
        }
        let scalars = text.unicodeScalars
        let start = scalars.firstIndex { !isSpace($0) } ?? scalars.endIndex
        let end = scalars.lastIndex { !isSpace($0) }.map(scalars.index(after:)) ?? start
        return String(scalars[start..<end])
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
        let countMaximum = 40
        var shown = "\""
        for scalar in text.unicodeScalars.prefix(countMaximum) { shown += scalar.escaped(asASCII: false) }
        return shown + (text.unicodeScalars.count > countMaximum ? "…\"" : "\"")
    }

    /// A personal text, of which a fault shows two characters and the length.
    func masked(_ text: String) -> String {
        let shown = text.unicodeScalars.prefix(2).map { $0.escaped(asASCII: false) }.joined()
        return "\"\(shown)…\" (\(text.unicodeScalars.count) characters)"
    }
}

/// What one pass over a text's bytes shows.
struct TextShape {
    private(set) var scalarCount = 0
    private(set) var hasControls = false
    private(set) var hasSpaceAround = false
    /// White space of any kind, or what takes no room, stands around it.
    private(set) var hasWideSpaceAround = false
    /// A character may be there in parts: a closer look is worth it.
    private(set) var mayBeDecomposed = false
    var mayBeUnusual: Bool { hasWideSpaceAround || mayBeDecomposed }
    private(set) var isEmpty = true

    init(_ text: String) {
        var text = text
        text.withUTF8 { bytes in
            guard let first = bytes.first, let last = bytes.last else { return }
            isEmpty = false
            hasSpaceAround = first == 0x20 || last == 0x20
            if first < 0x20 || last < 0x20 || first >= 0xC2 || last >= 0x80 {
                hasWideSpaceAround = Self.isSpace(bytes[...]) || Self.isSpace(bytes[Self.lastStart(bytes)...])
            }
            var hasSigns = false
            var place = 0
            // A character at a time by its first byte: a Swift text is well-formed.
            while place < bytes.count {
                let byte = bytes[place]
                scalarCount &+= 1
                if byte < 0x80 {
                    if byte < 0x20 || byte == 0x7F { hasControls = true }
                    place &+= 1
                } else if byte < 0xE0 {
                    if byte == 0xC2 {
                        // U+0080 to U+009F, the second set of control characters.
                        if bytes[place &+ 1] < 0xA0 { hasControls = true }
                    } else if byte >= 0xCC, byte < 0xCE || byte >= 0xD6 {
                        // From U+0300 the marks that are composed with what stands before them; Greek, Cyrillic and
                        // Armenian (0xCE to 0xD5) have none.
                        mayBeDecomposed = true
                    }
                    place &+= 2
                } else if byte == 0xE2 {
                    // U+2028 and U+2029, line and paragraph separator. Few marks begin so: dashes, quotes and signs of
                    // money do, too.
                    if bytes[place &+ 1] == 0x80, bytes[place &+ 2] & 0xFE == 0xA8 { hasControls = true }
                    hasSigns = true
                    place &+= 3
                } else {
                    mayBeDecomposed = true
                    place &+= byte < 0xF0 ? 3 : 4
                }
            }
            if hasSigns, !mayBeDecomposed { mayBeDecomposed = Self.hasPartsAmongSigns(bytes) }
        }
    }

    /// Of what begins with 0xE2: marks that enclose, the signs of ohm, kelvin and ångström, and one of mathematics.
    private static func hasPartsAmongSigns(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        for place in bytes.indices.dropLast(2) where bytes[place] == 0xE2 {
            switch (bytes[place + 1], bytes[place + 2]) {
            case (0x83, 0x90...), (0x84, 0xA6), (0x84, 0xAA...0xAB), (0xAB, 0x9C): return true
            default: break
            }
        }
        return false
    }

    private static func lastStart(_ bytes: UnsafeBufferPointer<UInt8>) -> Int {
        var place = bytes.count - 1
        while place > 0, bytes[place] & 0xC0 == 0x80 { place -= 1 }
        return place
    }

    /// Whether the character that begins there is one that is trimmed.
    private static func isSpace(_ bytes: Slice<UnsafeBufferPointer<UInt8>>) -> Bool {
        switch bytes.first ?? 0 {
        case 0..<0x20: return true
        case 0xC2, 0xE1, 0xE2, 0xE3, 0xEF:
            return String(decoding: bytes.prefix(3), as: UTF8.self).unicodeScalars.first.map(isSpace) ?? false
        default: return false
        }
    }

    /// White space of every kind, and what takes no room: zero-width characters, the byte order mark, marks of
    /// direction, the soft hyphen. They come with what is copied from pages and messengers.
    static func isSpace(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x09...0x0D, 0x20, 0x85, 0xA0, 0xAD, 0x180E, 0x200B...0x200F, 0x202A...0x202E, 0x2060...0x2069, 0xFEFF:
            true
        default: scalar.value > 0x7F && scalar.properties.isWhitespace
        }
    }

    static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        scalar.value < 0x20 || 0x7F..<0xA0 ~= scalar.value || 0x2028...0x2029 ~= scalar.value
    }
}
