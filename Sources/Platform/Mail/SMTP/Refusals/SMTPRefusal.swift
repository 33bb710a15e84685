/// Where in the conversation a server refused.
enum SMTPStage: Sendable, Equatable, CaseIterable {
    /// Greeting, EHLO, STARTTLS, AUTH: nothing was yet said of a message.
    case session
    /// MAIL FROM.
    case sender
    /// RCPT TO. Postfix says here what it has against client and sender, too (`smtpd_delay_reject`, on by default).
    case recipient
    /// DATA, the body, its dot.
    case message
}

/// A 4yz or 5yz, and where it came: decides whose fault it is. Nothing here depends on anything else.
struct SMTPRefusal: Sendable, Equatable {
    /// Whose fault a refusal is.
    enum Blame: Sendable, Equatable {
        /// This recipient's or this message's: the next message may go through.
        case message
        /// The sender's account, address, domain or address of network: concerns every message until it is fixed.
        case account
        /// The sender's allowance for an hour or a day: nothing needs fixing, it only takes time.
        case allowance
        /// Nobody's for now.
        case moment
    }

    var stage: SMTPStage
    var reply: SMTPReply

    init(_ stage: SMTPStage, _ reply: SMTPReply) {
        self.stage = stage
        self.reply = reply
    }

    /// Decided by the codes if they say it, else by the server's words, else by stage and class.
    var blame: Blame {
        guard reply.isPermanent else {
            // Of codes those alone that are about allowances only: 4.4.5 is Google's "server busy".
            let isAllowance = enhanced.map { $0 != .congestion && Self.allowances.contains($0) } ?? false
            return isAllowance || Self.allowanceWords.match(words, at: stage) ? .allowance : .moment
        }
        let blame = permanentBlame
        // Before a recipient is named, the refusal cannot be about one.
        return blame == .message && stage == .session ? .account : blame
    }

    private var permanentBlame: Blame {
        if Self.accountReplies.contains(reply.code) { return .account }
        if let enhanced, Self.allowances.contains(enhanced) { return .allowance }
        if let enhanced, let blame = Self.table[enhanced] {
            return blame == .message && enhanced.namesAnAddress && stage == .sender ? .account : blame
        }
        if enhanced?.subject == 6 { return .message }
        if Self.allowanceWords.match(words, at: stage) { return .allowance }
        if Self.accountWords.match(words, at: stage) { return .account }
        return Self.byStage(stage, reply.code)
    }

    var outcome: SMTPOutcome {
        switch blame {
        case .message: .permanent(reply)
        case .moment: .temporary("the server refused it for now", reply)
        case .allowance: .exhausted("the server accepts no more from this sender for now", reply)
        case .account:
            reply.isAboutAuthentication
                ? .configuration("the server requires (other) credentials", reply)
                : .configuration("the server does not accept messages from this sender", reply)
        }
    }

    private var enhanced: EnhancedCode? { EnhancedCode(reply) }

    /// The reply in lower case, without what stands in angle brackets: there it repeats addresses, whose text is
    /// arbitrary.
    private var words: String {
        var isInside = false
        let text = reply.lines.joined(separator: " ").unicodeScalars.filter { scalar in
            defer { if scalar == ">" { isInside = false } }
            if scalar == "<" { isInside = true }
            return !isInside && scalar != ">"
        }
        return String(String.UnicodeScalarView(text)).lowercased()
    }
}
