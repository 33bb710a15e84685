extension SMTPConversation {
    mutating func command(_ line: String) -> [Step] {
        let verb = line.prefix { $0 != " " }.uppercased()
        let rest = String(line.dropFirst(verb.count + 1))
        switch verb {
        case "EHLO": return hello(rest, extended: true)
        case "HELO": return hello(rest, extended: false)
        case "AUTH": return auth(rest)
        case "MAIL": return mail(rest)
        case "RCPT": return rcpt(rest)
        case "DATA": return data()
        case "RSET":
            resetTransaction()
            return [.send("250 2.0.0 ok\r\n")]
        case "NOOP": return [.send("250 2.0.0 ok\r\n")]
        case "VRFY": return [.send("252 2.1.5 send, and see\r\n")]
        case "QUIT": return end("221 2.0.0 bye")
        case "STARTTLS": return startTLS(rest)
        default: return failed("500 5.5.2 unknown command")
        }
    }

    private mutating func hello(_ name: String, extended: Bool) -> [Step] {
        if let steps = faulty(.ehlo) { return steps }
        guard !name.isEmpty else { return failed("501 5.5.4 who are you?") }
        resetTransaction()
        hasSaidHello = true
        guard extended else { return [.send("250 sandbox.orderrelay\r\n")] }
        let lines = [
            "sandbox.orderrelay", "PIPELINING", "SIZE \(Self.messageMaximum)", "8BITMIME", "SMTPUTF8",
            "ENHANCEDSTATUSCODES", mustEncrypt ? "STARTTLS" : "AUTH PLAIN LOGIN",
        ]
        return [.send(lines.dropLast().map { "250-\($0)\r\n" }.joined() + "250 \(lines.last!)\r\n")]
    }

    // MARK: STARTTLS

    private var mustEncrypt: Bool { identity != nil && !isEncrypted }

    /// The session starts over within TLS, and forgets everything said before (RFC 3207 §4.2).
    private mutating func startTLS(_ rest: String) -> [Step] {
        guard let identity, !isEncrypted else { return failed("502 5.5.1 no TLS here") }
        guard rest.isEmpty else { return failed("501 5.5.4 STARTTLS stands alone") }
        isEncrypted = true
        hasSaidHello = false
        isAuthenticated = false
        resetTransaction()
        return [.send("220 2.0.0 go ahead\r\n"), .startTLS(identity)]
    }

    // MARK: AUTH

    private mutating func auth(_ rest: String) -> [Step] {
        guard hasSaidHello else { return failed("503 5.5.1 EHLO first") }
        guard !mustEncrypt else { return failed("538 5.7.11 STARTTLS first") }
        guard !isAuthenticated else { return failed("503 5.5.1 authenticated already") }
        if let steps = faulty(.auth) { return steps }
        let words = rest.split(separator: " ").map(String.init)
        credentials = []
        switch words.first?.uppercased() {
        case "PLAIN":
            state = .authenticating(linesLeft: 1)
            if words.count > 1 { return authLine(Array(words[1].utf8)[...], left: 1) }
            return [.send("334 \r\n")]
        case "LOGIN":
            state = .authenticating(linesLeft: 2)
            if words.count > 1 { return authLine(Array(words[1].utf8)[...], left: 2) }
            return [.send("334 VXNlcm5hbWU6\r\n")]
        default: return failed("504 5.5.4 PLAIN or LOGIN")
        }
    }

    mutating func authLine(_ line: ArraySlice<UInt8>, left: Int) -> [Step] {
        guard !line.elementsEqual([UInt8(ascii: "*")]), let part = base64Decoded(line) else {
            state = .commands
            return failed("501 5.5.2 not base64, or cancelled")
        }
        credentials.append(part)
        guard left == 1 else {
            state = .authenticating(linesLeft: left - 1)
            return [.send("334 UGFzc3dvcmQ6\r\n")]
        }
        state = .commands
        // PLAIN: authorization id, NUL, user, NUL, password (RFC 4616); LOGIN: the password is the second line.
        let secret =
            credentials.count == 1
            ? part.split(separator: 0, omittingEmptySubsequences: false).last.map(Array.init) : part
        credentials = []
        guard let secret, password == nil || Array(password!.utf8) == secret else {
            return failed("535 5.7.8 credentials not accepted")
        }
        isAuthenticated = true
        return [.send("235 2.7.0 authenticated\r\n")]
    }

    // MARK: A message

    private mutating func mail(_ rest: String) -> [Step] {
        guard hasSaidHello else { return failed("503 5.5.1 EHLO first") }
        guard !mustEncrypt else { return failed("530 5.7.0 STARTTLS first") }
        guard sender == nil else { return failed("503 5.5.1 MAIL was said already") }
        guard password == nil || isAuthenticated else { return failed("530 5.7.0 authentication required") }
        if let steps = faulty(.mail) { return steps }
        guard let (address, parameters) = path(rest, after: "FROM:"), address.isEmpty || isAddress(address) else {
            return failed("501 5.1.7 the form is MAIL FROM:<address>")
        }
        for parameter in parameters {
            let parts = parameter.split(separator: "=", maxSplits: 1).map(String.init)
            switch (parts.first?.uppercased(), parts.count > 1 ? parts[1].uppercased() : nil) {
            case ("SIZE", let size?):
                guard let size = Int(size) else { return failed("501 5.5.4 SIZE wants a number") }
                guard size <= Self.messageMaximum else { return failed("552 5.3.4 too large") }
            case ("BODY", "8BITMIME"), ("BODY", "7BIT"), ("SMTPUTF8", nil), ("AUTH", _?): break
            default: return failed("555 5.5.4 unknown parameter")
            }
        }
        sender = address
        return [.send("250 2.1.0 ok\r\n")]
    }

    private mutating func rcpt(_ rest: String) -> [Step] {
        guard sender != nil else { return failed("503 5.5.1 MAIL first") }
        guard let (address, parameters) = path(rest, after: "TO:"), parameters.isEmpty, isAddress(address) else {
            return failed("501 5.1.3 the form is RCPT TO:<address>")
        }
        if let steps = faulty(.rcpt, recipients: [address]) { return steps }
        guard recipients.count < Self.recipientsMaximum else { return failed("452 4.5.3 too many recipients") }
        recipients.append(address)
        return [.send("250 2.1.5 ok\r\n")]
    }

    private mutating func data() -> [Step] {
        guard !recipients.isEmpty else { return failed("503 5.5.1 RCPT first") }
        if let steps = faulty(.data, recipients: recipients) { return steps }
        startData()
        return [.send("354 end with a dot alone\r\n")]
    }

    /// `FROM:<address> PARAMETER…`
    private func path(_ rest: String, after prefix: String) -> (address: String, parameters: [String])? {
        guard rest.uppercased().hasPrefix(prefix) else { return nil }
        let path = rest.dropFirst(prefix.count).drop { $0 == " " }
        guard path.first == "<", let end = path.firstIndex(of: ">") else { return nil }
        let parameters = path[path.index(after: end)...]
        guard parameters.isEmpty || parameters.first == " " else { return nil }
        return (
            String(path[path.index(after: path.startIndex)..<end]), parameters.split(separator: " ").map(String.init)
        )
    }

    private func isAddress(_ address: String) -> Bool {
        guard address.utf8.count <= 320, let at = address.lastIndex(of: "@") else { return false }
        let domain = address[address.index(after: at)...]
        return at > address.startIndex && !domain.isEmpty
            && !address.unicodeScalars.contains { $0.value <= 32 || $0.value == 127 || $0 == "<" || $0 == ">" }
    }
}
