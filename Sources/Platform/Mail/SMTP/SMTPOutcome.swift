/// What became of one message.
public enum SMTPOutcome: Sendable, Equatable {
    /// Accepted by the server: its last reply.
    case accepted(SMTPReply)
    /// 4yz, or no connection: the same may succeed later. Nothing was accepted.
    case temporary(String, SMTPReply?)
    /// 5yz: this message will not be taken.
    case permanent(SMTPReply)
    /// The server, its certificate or the credentials are not as configured; not the message's fault.
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
        case .reply(.malformed): "the server sent what is no SMTP reply"
        }
    }
}
