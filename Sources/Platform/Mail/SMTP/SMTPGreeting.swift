/// What was said while curl built the connection: greeting, EHLO, STARTTLS, AUTH. Bounded; a server that says more is
/// cut off.
final class SMTPGreeting {
    /// Two EHLO replies of fifty lines are far less.
    static let bytesMaximum = 64 * 1_024

    private var bytesSeen = 0
    /// The lines since the last 220: after STARTTLS only what came under TLS counts.
    private(set) var lines: [String] = []

    /// Takes a line as curl passes it on; false where the server has said too much.
    func take(_ line: some Sequence<UInt8>) -> Bool {
        let text = String(decoding: Array(line), as: UTF8.self)
        bytesSeen += text.utf8.count
        guard bytesSeen <= Self.bytesMaximum else { return false }
        if text.hasPrefix("220") { lines.removeAll() }
        lines.append(String(text.prefix { $0 != "\r" && $0 != "\n" && $0 != "\r\n" }))
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
        guard let code = lines.last.flatMap({ Int($0.prefix(3)) }) else { return nil }
        let own = lines.reversed().prefix { $0.hasPrefix("\(code)") }.reversed()
        return SMTPReply(code: code, lines: own.map { String($0.dropFirst(4).prefix(SMTPReplyParser.lineClippedAt)) })
    }

    /// Too much was said.
    var isFlooded: Bool { bytesSeen > Self.bytesMaximum }
}
