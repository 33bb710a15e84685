extension MailMessage {
    /// Occurs in no part: base64 has neither `=` inside nor `_`.
    private static let boundary = "=_orderrelay_alternative"
    /// RFC 2045 §6.8.
    private static let base64Columns = 76

    /// The message by RFC 5322 and MIME: CRLF lines, RFC 2047 words, multipart/alternative, base64 at 76 columns;
    /// dots are not stuffed yet.
    ///
    /// - Throws: ``MailError`` if a header value or an address is not valid.
    public func encoded() throws(MailError) -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(1_200 + (text.utf8.count + (html?.utf8.count ?? 0)) * 14 / 10)
        try appendFields(to: &output)
        guard let html else {
            Self.append(text, type: "text/plain", to: &output)
            return output
        }
        output += "Content-Type: multipart/alternative;\r\n boundary=\"\(Self.boundary)\"\r\n\r\n".utf8
        output += "--\(Self.boundary)\r\n".utf8
        Self.append(text, type: "text/plain", to: &output)
        output += "--\(Self.boundary)\r\n".utf8
        Self.append(html, type: "text/html", to: &output)
        output += "--\(Self.boundary)--\r\n".utf8
        return output
    }

    private func appendFields(to output: inout [UInt8]) throws(MailError) {
        try HeaderField.append("Date", token: internetDate(milliseconds: date), to: &output)
        try HeaderField.append("From", address: from, to: &output)
        try HeaderField.append("To", address: to, to: &output)
        if let replyTo { try HeaderField.append("Reply-To", address: replyTo, to: &output) }
        try HeaderField.append("Subject", text: subject, to: &output)
        let halves = messageID.utf8.split(separator: UInt8(ascii: "@"), omittingEmptySubsequences: false)
        let isSound =
            halves.count == 2 && messageID.utf8.count <= 250
            && halves.allSatisfy {
                $0.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false).allSatisfy(isAtom)
            }
        guard isSound else { throw MailError(.invalidHeader, "the Message-ID is not of the form left@right") }
        try HeaderField.append("Message-ID", token: "<\(messageID)>", to: &output)
        // RFC 3834: no out-of-office answer comes back to a message that says so.
        try HeaderField.append("Auto-Submitted", token: "auto-generated", to: &output)
        for field in fields {
            try HeaderField.check(name: field.name)
            if field.value.utf8.allSatisfy({ $0 < 128 }) {
                try HeaderField.append(field.name, token: field.value, to: &output)
            } else {
                try HeaderField.append(field.name, text: field.value, to: &output)
            }
        }
        try HeaderField.append("MIME-Version", token: "1.0", to: &output)
    }

    /// One part: its fields, an empty line, its text with CRLF line ends in base64.
    private static func append(_ text: String, type: String, to output: inout [UInt8]) {
        output += "Content-Type: \(type); charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n".utf8
        appendBase64(canonicalLines(text), to: &output, breakingAt: base64Columns)
    }

    /// The text's bytes with every line end (LF, CR, CRLF) as CRLF: MIME's canonical form (RFC 2046 §4.1.1).
    private static func canonicalLines(_ text: String) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.utf8.count + text.utf8.count / 16)
        var rest = Array(text.utf8)[...]
        while let end = rest.firstIndex(where: { $0 == 10 || $0 == 13 }) {
            bytes += rest[..<end]
            bytes += [13, 10]
            let isPair = rest[end] == 13 && end + 1 < rest.endIndex && rest[end + 1] == 10
            rest = rest[(end + (isPair ? 2 : 1))...]
        }
        bytes += rest
        return bytes
    }
}
