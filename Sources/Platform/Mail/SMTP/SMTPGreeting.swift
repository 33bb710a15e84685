/// What was said while curl built the connection: greeting, EHLO, STARTTLS, AUTH. Bounded; a server that says more is
/// cut off.
final class SMTPGreeting {
    /// Two EHLO replies of fifty lines are far less.
    static let bytesMaximum = 64 * 1_024

    private var bytesSeen = 0
    /// The lines since the last 220: after STARTTLS only what came under TLS counts.
    private(set) var lines: [String] = []

    /// Takes a line as curl passes it on; false if the server has said too much.
    func take(_ line: some Collection<UInt8>) -> Bool {
        bytesSeen += line.count
        guard bytesSeen <= Self.bytesMaximum else { return false }
        if line.starts(with: "220".utf8) { lines.removeAll() }
        // Clipped and without control characters, as a reply's lines are: they are shown in errors and logs.
        lines.append(SMTPReplyParser.printable(line.prefix { $0 != 13 && $0 != 10 }))
        return true
    }

    /// Whether EHLO's reply offers an extension (RFC 5321 §4.1.1.1).
    func offers(_ keyword: String) -> Bool {
        lines.contains { line in
            line.hasPrefix("250")
                && line.dropFirst(4).prefix { $0 != " " }.uppercased() == keyword
        }
    }

    /// The last reply, for errors.
    var lastReply: SMTPReply? {
        guard let code = lines.last.flatMap({ Int($0.prefix(3)) }), 200...599 ~= code else { return nil }
        let own = lines.reversed().prefix { $0.hasPrefix("\(code)") }.reversed()
        return SMTPReply(code: code, lines: own.map { String($0.unicodeScalars.dropFirst(4)) })
    }

    /// Too much was said.
    var isFlooded: Bool { bytesSeen > Self.bytesMaximum }
}
