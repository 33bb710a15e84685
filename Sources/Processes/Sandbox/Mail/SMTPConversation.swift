import TLS

/// The server's side of a mail session (RFC 5321), with PIPELINING (RFC 2920), SIZE (RFC 1870), 8BITMIME (RFC 6152),
/// AUTH PLAIN and LOGIN (RFC 4954), STARTTLS (RFC 3207), which is required if it has a certificate: accepts what is
/// correct, refuses what is not, and delivers to the mailbox.
struct SMTPConversation: Conversation {
    /// Command lines; RFC 5321 asks for 512 and more with extensions.
    static let lineMaximum = 2_048
    static let messageMaximum = 10 << 20
    static let recipientsMaximum = 100
    /// Bad commands before the connection is closed.
    static let errorsMaximum = 20

    enum State: Equatable {
        case commands
        /// The rest of an AUTH exchange: replies still to come from the client.
        case authenticating(linesLeft: Int)
        case data
        case over
    }

    let mailbox: Mailbox
    let faults: SMTPFaults
    /// nil: credentials are neither required nor checked.
    let password: String?
    /// nil: TLS is not offered.
    let identity: TLSIdentity?

    var state = State.commands
    var hasSaidHello = false
    var isEncrypted = false
    var isAuthenticated = false
    var sender: String?
    var recipients: [String] = []
    var errors = 0
    var credentials: [[UInt8]] = []
    private var buffer: [UInt8] = []
    private var message = MessageCollector()

    init(mailbox: Mailbox, faults: SMTPFaults, password: String?, identity: TLSIdentity? = nil) {
        self.mailbox = mailbox
        self.faults = faults
        self.password = password
        self.identity = identity
    }

    mutating func opened() -> [Step] {
        faulty(.connect) ?? [.send("220 sandbox.orderrelay ESMTP\r\n")]
    }

    mutating func received(_ bytes: ArraySlice<UInt8>) -> [Step] {
        guard state != .over else { return [] }
        buffer += bytes
        var steps: [Step] = []
        var start = buffer.startIndex
        while state != .over, let end = buffer[start...].firstIndex(of: UInt8(ascii: "\n")) {
            let line = buffer[start...end]
            start = end + 1
            steps += state == .data ? dataLine(line) : commandLine(line)
            if case .startTLS = steps.last {
                // What followed it was sent in the clear, and must not reach the TLS session.
                buffer = []
                return steps
            }
        }
        buffer.removeFirst(start - buffer.startIndex)
        // A line that is too long is not kept: in a message only its length matters.
        if state == .data, buffer.count > MessageCollector.lineMaximum {
            message.isLineTooLong = true
            buffer.removeFirst(buffer.count - 1)
        } else if state != .data, buffer.count > Self.lineMaximum {
            return steps + end("500 5.5.6 line too long")
        }
        return steps
    }

    private mutating func commandLine(_ line: ArraySlice<UInt8>) -> [Step] {
        guard line.count <= Self.lineMaximum else { return end("500 5.5.6 line too long") }
        guard line.dropLast().last == UInt8(ascii: "\r") else { return failed("500 5.5.2 lines end with CR LF") }
        let text = line.dropLast(2)
        if case .authenticating(let left) = state { return authLine(text, left: left) }
        return command(String(decoding: text, as: UTF8.self))
    }

    /// The envelope is complete: the bytes that follow are the message's lines.
    mutating func startData() {
        state = .data
        message = MessageCollector()
    }

    private mutating func dataLine(_ line: ArraySlice<UInt8>) -> [Step] {
        guard message.add(line) == .end else { return [] }
        state = .commands
        defer { resetTransaction() }
        if let steps = faulty(.dot, recipients: recipients) { return steps }
        if let refusal = message.refusal { return failed(refusal) }
        let id = mailbox.put(sender: sender ?? "", recipients: recipients, bytes: message.bytes)
        return [.send("250 2.0.0 queued as \(id)\r\n")]
    }

    mutating func resetTransaction() {
        sender = nil
        recipients = []
        message = MessageCollector()
    }

    /// A reply that counts as an error; too many end the session.
    mutating func failed(_ reply: String) -> [Step] {
        errors += 1
        guard errors <= Self.errorsMaximum else { return end("421 4.7.0 too many errors") }
        return [.send(reply + "\r\n")]
    }

    mutating func end(_ reply: String) -> [Step] {
        state = .over
        return [.send(reply + "\r\n"), .close]
    }

    /// The fault that occurs here, as steps; nil for no fault.
    mutating func faulty(_ stage: SMTPFaults.Stage, recipients: [String] = []) -> [Step]? {
        switch faults.strikes(stage, recipients: recipients) {
        case nil: return nil
        case .reply(let reply):
            if reply.hasPrefix("421") { return end(reply) }
            return [.send(reply + "\r\n")]
        case .close:
            state = .over
            return [.close]
        case .hang:
            state = .over
            return [.hang]
        }
    }
}
