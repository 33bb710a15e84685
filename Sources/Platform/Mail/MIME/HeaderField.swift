/// One header field on its way into a message.
struct HeaderField {
    /// A line's limit by RFC 5322 §2.1.1, less what an ending and a fold need.
    static let lineBytesMaximum = 990

    /// Appends `name: value`, where the value is free text (RFC 5322's unstructured, RFC 2047 words where needed).
    static func append(_ name: String, text value: String, to output: inout [UInt8]) throws(MailError) {
        try refuseControls(in: value, field: name)
        output += name.utf8
        output += ": ".utf8
        let column = name.utf8.count + 2
        if isPlain(value), column + value.utf8.count <= EncodedWord.lineColumns {
            output += value.utf8
        } else {
            EncodedWord.append(value, to: &output, column: column)
        }
        output += "\r\n".utf8
    }

    /// Appends `name: value` as it stands: a value with a grammar of its own, ASCII.
    static func append(_ name: String, token value: String, to output: inout [UInt8]) throws(MailError) {
        try refuseControls(in: value, field: name)
        guard value.utf8.allSatisfy({ $0 < 128 }), name.utf8.count + 2 + value.utf8.count <= lineBytesMaximum else {
            throw MailError(
                .invalidHeader, "the value of \(name) is not ASCII or longer than \(lineBytesMaximum) bytes")
        }
        output += "\(name): \(value)\r\n".utf8
    }

    /// Appends `name: display name <address>`.
    static func append(_ name: String, address value: MailAddress, to output: inout [UInt8]) throws(MailError) {
        try value.check(field: name)
        output += "\(name): ".utf8
        var column = name.utf8.count + 2
        if let display = value.name?.trimmingSpaces(), !display.isEmpty {
            try refuseControls(in: display, field: name)
            let quoted = quotedString(display)
            if isPlain(display), column + quoted.utf8.count <= EncodedWord.lineColumns {
                output += quoted.utf8
            } else {
                EncodedWord.append(display, to: &output, column: column)
            }
            column = output.count - (output.lastIndex(of: 10).map { $0 + 1 } ?? 0)
            let fits = column + value.address.utf8.count + 3 <= EncodedWord.lineColumns
            output += (fits ? " <" : "\r\n <").utf8
        } else {
            output += "<".utf8
        }
        output += "\(value.address)>\r\n".utf8
    }

    /// A field's name: printable ASCII without colon and space (RFC 5322 §2.2).
    static func check(name: String) throws(MailError) {
        let isSound =
            !name.isEmpty && name.utf8.count <= 70
            && name.utf8.allSatisfy { $0 > 32 && $0 < 127 && $0 != UInt8(ascii: ":") }
        guard isSound else {
            throw MailError(.invalidHeader, "a header field's name has characters that are not allowed")
        }
    }

    /// Control characters in a value would let it write fields of its own.
    private static func refuseControls(in value: String, field: String) throws(MailError) {
        guard !value.unicodeScalars.contains(where: isControl) else {
            throw MailError(.invalidHeader, "the value of \(field) has a control character (CR, LF, NUL …)")
        }
    }

    /// Whether a value can stand as it is: ASCII, nothing that reads as an encoded word, no space at its ends.
    private static func isPlain(_ value: String) -> Bool {
        value.utf8.allSatisfy { $0 >= 32 && $0 < 127 } && !value.contains("=?") && value.first != " "
            && value.last != " "
    }

    private static func quotedString(_ text: String) -> String {
        if text.split(separator: " ", omittingEmptySubsequences: false).allSatisfy({ isAtom($0.utf8) }) { return text }
        return "\"" + text.flatMap { $0 == "\"" || $0 == "\\" ? ["\\", $0] : [$0] } + "\""
    }
}

/// C0, DEL and C1: what Unicode calls control characters.
func isControl(_ scalar: Unicode.Scalar) -> Bool { scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value) }
