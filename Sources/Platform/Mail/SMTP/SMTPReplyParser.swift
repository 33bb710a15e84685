/// Why a server's bytes are not a reply.
enum SMTPReplyError: Error, Equatable {
    case lineTooLong
    case tooManyLines
    /// No three digits followed by a space, a hyphen or the line's end; or codes that differ within one reply.
    case malformed
}

/// Cuts a server's bytes into replies (RFC 5321 §4.2), within bounds: whatever comes, it holds at most
/// ``lineBytesMaximum`` × ``linesMaximum`` bytes.
struct SMTPReplyParser {
    /// RFC 5321 §4.5.3.1.5 allows 512; some servers' explanations are longer.
    static let lineBytesMaximum = 1_000
    static let linesMaximum = 100
    /// What is kept of a line, in characters.
    static let lineClippedAt = 300

    private var line: [UInt8] = []
    private var code: Int?
    private var lines: [String] = []

    /// Whether a reply has begun and not ended.
    var isInsideReply: Bool { !line.isEmpty || code != nil }

    /// Takes one byte; returns the reply that it ends. After an error the connection is of no more use.
    mutating func take(_ byte: UInt8) throws(SMTPReplyError) -> SMTPReply? {
        guard byte == UInt8(ascii: "\n") else {
            guard line.count < Self.lineBytesMaximum else { throw .lineTooLong }
            line.append(byte)
            return nil
        }
        if line.last == UInt8(ascii: "\r") { line.removeLast() }
        defer { line.removeAll(keepingCapacity: true) }
        return try endLine()
    }

    private mutating func endLine() throws(SMTPReplyError) -> SMTPReply? {
        let digits = line.prefix(3).map { Int($0) - 48 }
        guard digits.count == 3, (2...5).contains(digits[0]), digits.allSatisfy({ (0...9).contains($0) }) else {
            throw .malformed
        }
        let number = digits[0] * 100 + digits[1] * 10 + digits[2]
        guard code == nil || code == number else { throw .malformed }
        guard lines.count < Self.linesMaximum else { throw .tooManyLines }
        let separator = line.count > 3 ? line[3] : UInt8(ascii: " ")
        guard separator == UInt8(ascii: " ") || separator == UInt8(ascii: "-") else { throw .malformed }
        code = number
        lines.append(Self.printable(line.dropFirst(4)))
        guard separator == UInt8(ascii: " ") else { return nil }
        defer {
            code = nil
            lines = []
        }
        return SMTPReply(code: number, lines: lines)
    }

    /// A line as it may be shown: clipped, control characters as spaces, broken UTF-8 repaired.
    static func printable(_ bytes: some Sequence<UInt8>) -> String {
        var shown = String.UnicodeScalarView()
        for scalar in String(decoding: Array(bytes), as: UTF8.self).unicodeScalars.prefix(lineClippedAt) {
            shown.append(isControl(scalar) ? " " : scalar)
        }
        return String(shown)
    }
}
