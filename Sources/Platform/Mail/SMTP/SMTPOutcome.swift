/// The outcome of one message, with a reason and the server's last reply, if there was one.
public enum SMTPOutcome: Sendable, Equatable {
    /// Accepted by the server: its last reply.
    case accepted(SMTPReply)
    /// 4yz, or no connection: the same message may succeed later. Nothing was accepted.
    case temporary(String, SMTPReply?)
    /// The sender's allowance for an hour or a day is used up: the same message will succeed some hours later.
    case exhausted(String, SMTPReply)
    /// 5yz, about this recipient or this message: it will not be accepted.
    case permanent(SMTPReply)
    /// The server, its certificate or the credentials are not as configured, or the sender is refused; not the
    /// message's fault.
    case configuration(String, SMTPReply?)
    /// The whole body was handed over, and no final reply came: it may have been accepted.
    case unknown(String)
}

/// Why a connection gave no reply.
enum SMTPFailure: Error, Equatable {
    case closed
    case timedOut
    /// The transport's own words.
    case broken(String)
    case reply(SMTPReplyError)

    var why: String {
        switch self {
        case .closed: "the server closed the connection"
        case .timedOut: "the server did not answer in time"
        case .broken(let words): "the connection broke (\(words))"
        case .reply(.lineTooLong): "the server sent a line over \(SMTPReplyParser.lineBytesMaximum) bytes"
        case .reply(.tooManyLines): "the server sent a reply of over \(SMTPReplyParser.linesMaximum) lines"
        case .reply(.malformed): "the server's reply is not SMTP"
        }
    }
}
