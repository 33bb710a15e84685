/// Cuts a template's text into tags and the text between them, line by line.
struct Lexer {
    enum Kind: Equatable {
        case variable(isEscaped: Bool)
        case section(isInverted: Bool)
        case close
        case partial
        /// A comment, or a change of the delimiters: leaves nothing.
        case nothing
    }

    enum Token: Equatable {
        /// Without line ends, but perhaps one as its end.
        case text([UInt8])
        /// `line` is where the tag begins.
        case tag(Kind, String, line: Int)
    }

    /// Delimiters are at most this long, in bytes.
    private static let delimiterBytesMaximum = 16

    private let bytes: [UInt8]
    private var position = 0
    private var line = 1
    private var opening = Array("{{".utf8)
    private var closing = Array("}}".utf8)

    init(_ text: String) { bytes = Array(text.utf8) }

    /// The tokens of each line; a tag over several lines makes one of them.
    mutating func lines() throws(TemplateError) -> [[Token]] {
        var lines: [[Token]] = []
        var current: [Token] = []
        while position < bytes.count {
            let token = starts(with: opening, at: position) ? try tag() : text()
            current.append(token)
            if case .text(let text) = token, text.last == 10 {
                lines.append(current)
                current = []
            }
        }
        if !current.isEmpty { lines.append(current) }
        return lines
    }

    /// Up to the next tag, or the line's end.
    private mutating func text() -> Token {
        let start = position
        while position < bytes.count, !starts(with: opening, at: position) {
            position += 1
            if bytes[position - 1] == 10 {
                line += 1
                break
            }
        }
        return .text(Array(bytes[start..<position]))
    }

    private mutating func tag() throws(TemplateError) -> Token {
        let start = line
        position += opening.count
        let sigil = position < bytes.count ? bytes[position] : 0
        let end: [UInt8] =
            switch sigil {
            case UInt8(ascii: "{"): [UInt8(ascii: "}")] + closing
            case UInt8(ascii: "="): [UInt8(ascii: "=")] + closing
            default: closing
            }
        let hasSigil = "{=!#^/>&$<".utf8.contains(sigil)
        if hasSigil { position += 1 }
        let from = position
        while position < bytes.count, !starts(with: end, at: position) {
            if bytes[position] == 10 { line += 1 }
            position += 1
        }
        guard position < bytes.count else { throw TemplateError("a tag is not closed", line: start) }
        let content = String(decoding: bytes[from..<position], as: UTF8.self).trimmed
        position += end.count
        return try token(hasSigil ? sigil : 0, content, start)
    }

    private mutating func token(_ sigil: UInt8, _ content: String, _ line: Int) throws(TemplateError) -> Token {
        switch sigil {
        case UInt8(ascii: "!"): return .tag(.nothing, "", line: line)
        case UInt8(ascii: "="):
            try changeDelimiters(content, line)
            return .tag(.nothing, "", line: line)
        case UInt8(ascii: "$"), UInt8(ascii: "<"):
            throw TemplateError("inheritance ({{$ and {{<) is not supported", line: line)
        default: break
        }
        guard !content.isEmpty, !content.contains(where: \.isWhitespace) else {
            throw TemplateError("a tag has one name without spaces, not '\(content.prefix(40))'", line: line)
        }
        let kind: Kind =
            switch sigil {
            case UInt8(ascii: "{"), UInt8(ascii: "&"): .variable(isEscaped: false)
            case UInt8(ascii: "#"): .section(isInverted: false)
            case UInt8(ascii: "^"): .section(isInverted: true)
            case UInt8(ascii: "/"): .close
            case UInt8(ascii: ">"): .partial
            default: .variable(isEscaped: true)
            }
        return .tag(kind, content, line: line)
    }

    private mutating func changeDelimiters(_ content: String, _ line: Int) throws(TemplateError) {
        let pair = content.split(whereSeparator: \.isWhitespace).map { Array($0.utf8) }
        let isSound =
            pair.count == 2
            && pair.allSatisfy { $0.count <= Self.delimiterBytesMaximum && !$0.contains(UInt8(ascii: "=")) }
        guard isSound else {
            throw TemplateError("new delimiters are two, of at most 16 bytes, without '='", line: line)
        }
        opening = pair[0]
        closing = pair[1]
    }

    private func starts(with prefix: [UInt8], at index: Int) -> Bool {
        guard bytes[index] == prefix[0], index + prefix.count <= bytes.count else { return false }
        for offset in 1..<max(1, prefix.count) where bytes[index + offset] != prefix[offset] { return false }
        return true
    }
}

extension String {
    /// Without white space at either end.
    fileprivate var trimmed: String {
        guard let first = firstIndex(where: { !$0.isWhitespace }), let last = lastIndex(where: { !$0.isWhitespace })
        else { return "" }
        return String(self[first...last])
    }
}
