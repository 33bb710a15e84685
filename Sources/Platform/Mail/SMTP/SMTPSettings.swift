/// The server that mail is handed to, and how: `smtp://user:password@host:587` (STARTTLS), `smtps://host:465`;
/// `?tls=never` for a loopback address without credentials only.
public struct SMTPSettings: Sendable {
    /// When TLS begins: after STARTTLS (RFC 3207), with the connection (RFC 8314), or never.
    public enum Security: Sendable { case startTLS, implicitTLS, none }
    /// A name, or an address; IPv6 without brackets.
    public var host: String
    public var port: Int
    public var security: Security
    public var user: String?
    public var password: String?
    /// Certificates to trust instead of the system's.
    public var caFile: String?
    /// How long each reply is awaited, and how long it may take until a connection stands (TCP, TLS and AUTH in all).
    public var replyTimeout: Duration = .seconds(20)
    /// How long a message may take from ``SMTPClient/send(_:within:)`` to its outcome, waiting for a connection included.
    public var messageTimeout: Duration = .seconds(60)
    /// The name given in EHLO.
    public var helloName = "orderrelay"
    /// Connections kept and used side by side.
    public var connectionsMaximum = 4
    /// Messages waiting for a connection; one more is answered ``SMTPOutcome/temporary(_:_:)`` at once.
    public var waitingMaximum = 1_000
    /// After so many messages a connection is closed with QUIT: servers limit them too, less politely.
    public var messagesPerConnectionMaximum = 500
    /// A connection unused for so long is closed.
    public var idleTimeout: Duration = .seconds(30)
    /// A connection unused for so long is asked (RSET) before it is used again.
    public var idleUncheckedMaximum: Duration = .seconds(5)

    /// Throws ``MailError/Code/invalidURL`` with what is wrong (the password is never in the message).
    public init(url: String, caFile: String? = nil) throws(MailError) {
        let parts = try SMTPURL(url)
        host = parts.host
        port = parts.port
        security = parts.security
        user = parts.user
        password = parts.password
        self.caFile = caFile
        guard security == .none else { return }
        guard user == nil else { throw MailError(.invalidURL, "?tls=never does not go with a user and password") }
        guard isLoopback(host) else {
            throw MailError(.invalidURL, "?tls=never is for a loopback address only (127.0.0.1, ::1, localhost)")
        }
    }
}

private func isLoopback(_ host: String) -> Bool {
    if host == "localhost" || host == "::1" { return true }
    let numbers = host.split(separator: ".", omittingEmptySubsequences: false).map { UInt8($0) }
    return numbers.count == 4 && numbers[0] == 127 && !numbers.contains(nil)
}
