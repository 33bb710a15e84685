/// The dialogue about messages on one connection: a pure state machine from the first MAIL to QUIT.
///
/// The driver performs the returned ``Action`` and reports the result. Greeting, EHLO, STARTTLS and AUTH lie before it;
/// every reply that it is given belongs to a command that it had sent.
struct SMTPSession {
    /// The envelope, both addresses checked.
    struct Envelope: Equatable {
        var sender: String
        var recipient: String
    }

    /// A message under way: what is still to be asked, and what was refused on the way.
    struct Transaction: Equatable {
        var envelope: Envelope
        /// The first refusal; later replies of the pipelined group cannot change it.
        var refusal: SMTPRefusal?
    }

    /// What the next reply is about; each state has just the data that exists in it.
    enum State: Equatable {
        /// Nothing is open.
        case idle
        /// A refused transaction lies behind: RSET goes before the next one.
        case unclean
        case awaitingReset(Transaction)
        case awaitingMail(Transaction)
        case awaitingRecipient(Transaction)
        case awaitingData(Transaction)
        /// 354 came; the body is being handed over.
        case sendingBody
        /// The body and its dot are handed over.
        case awaitingVerdict
        /// 354 came although the recipient was refused: the empty message is ended with its dot (RFC 2920 §3.1).
        case awaitingEmptyVerdict(SMTPRefusal)
        case awaitingGoodbye
        case ended
    }

    /// What the driver does next.
    enum Action: Equatable {
        /// Write these bytes, then read a reply.
        case send([UInt8])
        /// Read a further reply.
        case read
        /// Write the body with its final dot, looking for an early reply while it is not all handed over.
        case sendBody
        /// The message's outcome is known.
        case finish(SMTPOutcome, connection: Fate)
        /// A kept connection had gone stale before the body: start the message again on a fresh one.
        case startOver
        /// Nothing more is to be said: close.
        case close
    }

    /// What becomes of the connection.
    enum Fate: Equatable { case kept, dropped }

    /// Whether MAIL, RCPT and DATA may go out together (RFC 2920).
    let isPipelining: Bool
    private(set) var state = State.idle
    /// How many messages of this connection have an outcome.
    private(set) var count = 0

    init(isPipelining: Bool) { self.isPipelining = isPipelining }
}

extension SMTPSession {
    mutating func become(_ next: State) { state = next }
    mutating func countMessage() { count += 1 }
}
