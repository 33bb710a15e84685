/// The server that mail is handed to, and how: `smtp://user:password@host:587` (STARTTLS), `smtps://host:465`;
/// `?tls=never` for a loopback address without credentials only.
public struct SMTPSettings: Sendable {
    public enum Security: Sendable { case startTLS, implicitTLS, none }
    public var host: String
    public var port: Int
    public var security: Security
    public var user: String?
    public var password: String?
    /// Certificates to trust instead of the system's.
    public var caFile: String?
    /// How long each reply is awaited.
    public var replyTimeout: Duration = .seconds(20)
    /// The name given in EHLO.
    public var helloName = "orderrelay"
    /// Connections kept and used side by side.
    public var connectionsMaximum = 4

    /// Throws ``MailError/Code/invalidURL`` with what is wrong (the password is never in the message).
    public init(url: String, caFile: String? = nil) throws(MailError) { fatalError("to be written") }
}

/// What became of one message.
public enum SMTPOutcome: Sendable, Equatable {
    /// Accepted by the server: its last reply.
    case accepted(SMTPReply)
    /// 4yz, or no connection: the same may succeed later. nothing was accepted.
    case temporary(String, SMTPReply?)
    /// 5yz: this message will not be taken.
    case permanent(SMTPReply)
    /// The server, its certificate or the credentials are not as configured; not the message's fault.
    case configuration(String, SMTPReply?)
    /// The whole body was handed over, and no final reply came: it may have been accepted.
    case unknown(String)
}

/// A reply of the server.
public struct SMTPReply: Sendable, Equatable, CustomStringConvertible {
    public var code: Int
    /// The lines without their codes, each clipped.
    public var lines: [String]
    public init(code: Int, lines: [String]) {
        self.code = code
        self.lines = lines
    }
    public var description: String { "\(code) \(lines.joined(separator: " "))" }
}

/// Hands messages to one SMTP server over a few kept connections, each on a thread of its own.
public final class SMTPClient: Sendable {
    public init(_ settings: SMTPSettings) { fatalError("to be written") }
    /// Hands over one message; waits for a free connection if need be.
    public func send(_ message: MailMessage) async throws(MailError) -> SMTPOutcome { fatalError("to be written") }
    /// Lets messages under way finish (at most `timeout`), then closes the connections.
    public func close(timeout: Duration) async { fatalError("to be written") }
}
