import HTTP
import Mail

/// The header fields of a message or part, unfolded, encoded words decoded (RFC 5322, RFC 2047).
struct MIMEHeaders {
    /// In their order; values as a reader sees them.
    let all: [(name: String, value: String)]

    init(_ block: ArraySlice<UInt8>) {
        var fields: [(name: String, value: [UInt8])] = []
        for line in block.split(separator: 10) {
            let line = line.last == 13 ? line.dropLast() : line
            if let first = line.first, first == 32 || first == 9 {
                // Folded: the line break goes, the space stays.
                if !fields.isEmpty { fields[fields.count - 1].value += line }
            } else if let colon = line.firstIndex(of: UInt8(ascii: ":")), fields.count < 1_000 {
                fields.append((String(decoding: line[..<colon], as: UTF8.self), Array(line[(colon + 1)...])))
            }
        }
        all = fields.map { (name: $0.name, value: wordsDecoded($0.value)) }
    }

    subscript(_ name: String) -> String? { all.first { $0.name.lowercased() == name.lowercased() }?.value }

    /// A structured field's value and its parameters: `multipart/alternative; boundary="x"`.
    func structured(_ name: String) -> (value: String, parameters: [String: String])? {
        guard let text = self[name] else { return nil }
        var pieces: [String] = [""]
        var isQuoted = false
        for character in text {
            if character == "\"" { isQuoted.toggle() }
            if character == ";", !isQuoted { pieces.append("") } else { pieces[pieces.count - 1].append(character) }
        }
        var parameters: [String: String] = [:]
        for piece in pieces.dropFirst() {
            let sides = piece.split(separator: "=", maxSplits: 1).map { $0.trimmingSpaces() }
            guard sides.count == 2 else { continue }
            parameters[sides[0].lowercased()] = unquoted(sides[1])
        }
        return (pieces[0].trimmingSpaces().lowercased(), parameters)
    }
}

/// Text of a header with its `=?charset?B?…?=` words decoded; the space between two such words goes (RFC 2047 §6.2).
func wordsDecoded(_ raw: [UInt8]) -> String {
    var result = ""
    var plain: [UInt8] = []
    var lastWord: (charset: String, bytes: [UInt8])?
    var rest = raw[...].drop { $0 == 32 || $0 == 9 }
    func flush() {
        // Words of one charset are put together first: a character may be cut in two by their border.
        if let word = lastWord { result += text(of: word.bytes, charset: word.charset) }
        lastWord = nil
        result += String(decoding: plain, as: UTF8.self)
        plain = []
    }
    while let first = rest.first {
        if first == UInt8(ascii: "="), let word = encodedWord(rest) {
            let onlySpaces = plain.allSatisfy { $0 == 32 || $0 == 9 }
            if let last = lastWord, onlySpaces, last.charset == word.charset {
                lastWord = (last.charset, last.bytes + word.bytes)
                plain = []
            } else {
                if lastWord != nil, onlySpaces { plain = [] }
                flush()
                lastWord = (word.charset, word.bytes)
            }
            rest = rest.dropFirst(word.length)
        } else {
            plain.append(first)
            rest = rest.dropFirst()
        }
    }
    flush()
    return result
}

private func encodedWord(_ text: ArraySlice<UInt8>) -> (charset: String, bytes: [UInt8], length: Int)? {
    let mark = UInt8(ascii: "?")
    guard text.starts(with: Array("=?".utf8)) else { return nil }
    let inside = text.dropFirst(2).prefix(1_000)
    guard let first = inside.firstIndex(of: mark), let second = inside[(first + 1)...].firstIndex(of: mark),
        second == first + 2, let third = inside[(second + 1)...].firstIndex(of: mark),
        third + 1 < text.endIndex, text[third + 1] == UInt8(ascii: "=")
    else { return nil }
    // A language may follow the charset after "*" (RFC 2231 §5).
    let charset = String(decoding: inside[inside.startIndex..<first].prefix { $0 != UInt8(ascii: "*") }, as: UTF8.self)
    let body = inside[(second + 1)..<third]
    let bytes: [UInt8]?
    switch inside[first + 1] | 0x20 {
    case UInt8(ascii: "b"): bytes = base64Decoded(body, lenient: true)
    case UInt8(ascii: "q"): bytes = quotedPrintableDecoded(body, isWord: true)
    default: bytes = nil
    }
    guard let bytes else { return nil }
    return (charset.lowercased(), bytes, third + 2 - text.startIndex)
}

/// Without quotation marks at either end.
private func unquoted(_ text: String) -> String {
    String(String(text.drop { $0 == "\"" }.reversed().drop { $0 == "\"" }).reversed())
}

/// Bytes of a charset as text; as UTF-8 with replacement characters if the charset is unknown here or the bytes are not of it.
func text(of bytes: [UInt8], charset: String) -> String {
    Charset(label: charset)?.text(bytes) ?? String(decoding: bytes, as: UTF8.self)
}
