// The events, in the order in which they happen. Impossible ones stop the program where only our driver can cause them;
// a server's replies are input, and every reply has a meaning in every state.
extension SMTPSession {
    /// A message is to be handed over.
    /// - Parameter isStale: the connection lay unused for long: ask it first.
    mutating func begin(_ envelope: Envelope, isStale: Bool = false) -> Action {
        let transaction = Transaction(envelope: envelope, refusal: nil)
        switch state {
        case .idle where !isStale: return mail(transaction)
        case .idle, .unclean:
            become(.awaitingReset(transaction))
            return .send(Self.command("RSET"))
        default: preconditionFailure("a message begins while \(state)")
        }
    }

    /// The server has answered.
    mutating func received(_ reply: SMTPReply) -> Action {
        switch state {
        case .awaitingReset(let transaction):
            return reply.isPositive ? mail(transaction) : restart()
        case .awaitingMail(let transaction): return mailAnswered(reply, transaction)
        case .awaitingRecipient(let transaction): return recipientAnswered(reply, transaction)
        case .awaitingData(let transaction): return dataAnswered(reply, transaction)
        case .sendingBody: return answeredEarly(reply)
        case .awaitingVerdict: return verdict(reply)
        case .awaitingEmptyVerdict(let refusal):
            return finish(refusal.outcome, reply.isClosing ? .ended : .unclean)
        case .awaitingGoodbye:
            become(.ended)
            return .close
        case .idle, .unclean, .ended: preconditionFailure("a reply was read while \(state)")
        }
    }

    /// The body and its dot are handed over whole.
    mutating func bodySent() -> Action {
        precondition(state == .sendingBody, "a body ended while \(state)")
        become(.awaitingVerdict)
        return .read
    }

    /// No reply came, or nothing could be sent.
    mutating func failed(_ failure: SMTPFailure) -> Action {
        defer { become(.ended) }
        switch state {
        case .awaitingVerdict:
            return finish(.unknown("after the message was handed over, \(failure.why)"), .ended)
        case .awaitingEmptyVerdict(let refusal): return finish(refusal.outcome, .ended)
        case .awaitingMail(let transaction), .awaitingRecipient(let transaction), .awaitingData(let transaction):
            if let refusal = transaction.refusal { return finish(refusal.outcome, .ended) }
            return count > 0 && failure == .closed ? .startOver : finish(.temporary(failure.why, nil), .ended)
        case .awaitingReset: return .startOver
        case .sendingBody:
            return finish(.temporary("before the message was handed over whole, \(failure.why)", nil), .ended)
        case .awaitingGoodbye, .idle, .unclean, .ended: return .close
        }
    }

    /// The connection is to be closed politely.
    mutating func quit() -> Action {
        switch state {
        case .idle, .unclean:
            become(.awaitingGoodbye)
            return .send(Self.command("QUIT"))
        default:
            become(.ended)
            return .close
        }
    }
}

// MARK: What each reply means
extension SMTPSession {
    private mutating func mail(_ transaction: Transaction) -> Action {
        become(.awaitingMail(transaction))
        var bytes = Self.command("MAIL FROM:<\(transaction.envelope.sender)>")
        if isPipelining { bytes += recipient(transaction) + Self.command("DATA") }
        return .send(bytes)
    }

    private func recipient(_ transaction: Transaction) -> [UInt8] {
        Self.command("RCPT TO:<\(transaction.envelope.recipient)>")
    }

    private mutating func mailAnswered(_ reply: SMTPReply, _ transaction: Transaction) -> Action {
        if reply.isPositive {
            become(.awaitingRecipient(transaction))
            return isPipelining ? .read : .send(recipient(transaction))
        }
        return refused(SMTPRefusal(.sender, reply), transaction, next: State.awaitingRecipient)
    }

    private mutating func recipientAnswered(_ reply: SMTPReply, _ transaction: Transaction) -> Action {
        if reply.isPositive || (transaction.refusal != nil && !reply.isClosing) {
            become(.awaitingData(transaction))
            return isPipelining ? .read : .send(Self.command("DATA"))
        }
        return refused(SMTPRefusal(.recipient, reply), transaction, next: State.awaitingData)
    }

    private mutating func dataAnswered(_ reply: SMTPReply, _ transaction: Transaction) -> Action {
        if let refusal = transaction.refusal {
            guard reply.code == 354 else { return finish(refusal.outcome, reply.isClosing ? .ended : .unclean) }
            become(.awaitingEmptyVerdict(refusal))
            return .send(Self.command("."))
        }
        if reply.code == 354 {
            become(.sendingBody)
            return .sendBody
        }
        guard reply.isTransient || reply.isPermanent else { return giveUp("unexpected reply to DATA", reply) }
        return reply.isClosing && count > 0
            ? restart() : finish(SMTPRefusal(.message, reply).outcome, reply.isClosing ? .ended : .unclean)
    }

    /// MAIL or RCPT was refused. What was sent along with it is still answered.
    private mutating func refused(
        _ refusal: SMTPRefusal, _ transaction: Transaction, next: (Transaction) -> State
    ) -> Action {
        let reply = refusal.reply
        if reply.isClosing, transaction.refusal == nil, count > 0 { return restart() }
        guard reply.isTransient || reply.isPermanent else { return giveUp("unexpected reply", reply) }
        guard isPipelining, !reply.isClosing else {
            return finish((transaction.refusal ?? refusal).outcome, reply.isClosing ? .ended : .unclean)
        }
        var noted = transaction
        if noted.refusal == nil { noted.refusal = refusal }
        become(next(noted))
        return .read
    }

    /// A reply while the body was not yet handed over whole: whatever it says, nothing was accepted, and which reply
    /// belongs to what is uncertain from here on.
    private mutating func answeredEarly(_ reply: SMTPReply) -> Action {
        guard reply.isTransient || reply.isPermanent else {
            return giveUp("the server answered before the message was handed over", reply)
        }
        return finish(SMTPRefusal(.message, reply).outcome, .ended)
    }

    private mutating func verdict(_ reply: SMTPReply) -> Action {
        if reply.isPositive { return finish(.accepted(reply), .idle) }
        guard reply.isTransient || reply.isPermanent else {
            return finish(.unknown("unexpected reply to the message: \(reply.code)"), .ended)
        }
        return finish(SMTPRefusal(.message, reply).outcome, reply.isClosing ? .ended : .unclean)
    }

    private mutating func giveUp(_ why: String, _ reply: SMTPReply) -> Action {
        finish(.temporary(why, reply), .ended)
    }

    private mutating func restart() -> Action {
        become(.ended)
        return .startOver
    }

    private mutating func finish(_ outcome: SMTPOutcome, _ next: State) -> Action {
        countMessage()
        become(next)
        return .finish(outcome, connection: next == .ended ? .dropped : .kept)
    }

    private static func command(_ text: String) -> [UInt8] { Array(text.utf8) + [13, 10] }
}
