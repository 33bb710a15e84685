/// A server's enhanced status code: class, subject and detail (RFC 3463), as in `5.7.1`.
struct EnhancedCode: Hashable, Sendable {
    /// 1 address, 2 mailbox, 3 system, 4 routing, 5 protocol, 6 content, 7 policy; 0 says nothing.
    var subject: Int
    /// 0 says nothing; 1 in policy replies says hardly more.
    var detail: Int

    init(_ subject: Int, _ detail: Int) {
        self.subject = subject
        self.detail = detail
    }

    /// Google names its daily limit by it, too.
    static let congestion = EnhancedCode(4, 5)

    /// What it says of an address or a mailbox is about the one that the command named.
    var namesAnAddress: Bool { subject == 1 || subject == 2 && detail != 3 }

    /// - Returns: nil if the reply has no such code, or one of another class than its own.
    init?(_ reply: SMTPReply) {
        // qmail's older form stands at the end of the line, as in `(#5.7.1)`.
        let text = reply.lines.first ?? ""
        let start = text.split(separator: " ").first.map(String.init) ?? ""
        let end = text.split(separator: "(#").last.map { String($0.prefix { $0 != ")" }) } ?? ""
        for word in [start, text.contains("(#") ? end : ""] {
            let parts = word.split(separator: ".", omittingEmptySubsequences: false).map { part in
                part.utf8.allSatisfy { (48...57).contains($0) } && part.utf8.count <= 3 ? Int(part) : nil
            }
            if parts.count == 3, parts[0] == reply.code / 100, let subject = parts[1], let detail = parts[2] {
                self.init(subject, detail)
                return
            }
        }
        return nil
    }
}
