/// The server that mail is handed to, and how: `smtp://user:password@host:587` (STARTTLS), `smtps://host:465`;
/// `?tls=never` for a loopback address without credentials only.
public struct SMTPSettings: Sendable {
    /// When TLS begins: after STARTTLS (RFC 3207), with the connection (RFC 8314), or never.
    public enum Security: Sendable { case startTLS, implicitTLS, none }
    /// A name, or an address; IPv6 without brackets.
    public var host: String
    public var port: Int
    public var security: Security
    /// nil: no authentication.
    public var user: String?
    /// nil if there is no user.
    public var password: String?
    /// A PEM file of certificates to trust; nil: the system's.
    public var caFile: String?
    /// How long each reply may take, and the whole connection set-up (TCP, TLS and AUTH).
    public var replyTimeout: Duration = .seconds(20)
    /// How long a message may take from ``SMTPClient/send(_:within:)`` to its outcome, waiting for a connection
    /// included.
    public var messageTimeout: Duration = .seconds(60)
    /// The name given in EHLO.
    public var helloName = "orderrelay"
    /// Connections kept and used side by side.
    public var connectionsMaximum = 4
    /// Messages waiting for a connection; one more is answered ``SMTPOutcome/temporary(_:_:)`` at once.
    public var waitingMaximum = 1_000
    /// After so many messages a connection is closed with QUIT: servers have such limits, too, and just close.
    public var messagesPerConnectionMaximum = 500
    /// A connection that is unused for this long is closed.
    public var idleTimeout: Duration = .seconds(30)
    /// A connection that was unused for longer is checked (RSET) before it is used again.
    public var idleUncheckedMaximum: Duration = .seconds(5)

    /// Parses a URL.
    ///
    /// - Parameter password: the user's password, unescaped, if the URL names only the user; else nil.
    /// - Throws: ``MailError/Code/invalidURL`` with what is wrong; the password is never in the message.
    public init(url: String, password: String? = nil, caFile: String? = nil) throws(MailError) {
        let parts = try SMTPURL(url)
        host = parts.host
        port = parts.port
        security = parts.security
        user = parts.user
        self.password = try Self.password(of: parts, or: password)
        self.caFile = caFile
        guard security == .none else { return }
        guard user == nil else {
            throw MailError(.invalidURL, "?tls=never cannot be combined with a user and password")
        }
        guard isLoopback(host) else {
            throw MailError(.invalidURL, "?tls=never is for a loopback address only (127.0.0.1, ::1, localhost)")
        }
    }

    /// The one password; two, or one without a user, are a mistake that would show only when the server refuses.
    private static func password(of parts: SMTPURL, or apart: String?) throws(MailError) -> String? {
        switch (parts.user, parts.password, apart) {
        case (nil, _, nil), (_?, _?, nil): return parts.password
        case (_?, nil, let apart?): return apart
        case (_?, nil, nil):
            throw MailError(
                .invalidURL,
                "the SMTP URL names a user without a password: write user:password before the @, or set the password separately"
            )
        case (_?, _?, _?):
            throw MailError(
                .invalidURL, "the SMTP URL has a password, and another one is set separately: remove one of them")
        case (nil, _, _?):
            throw MailError(
                .invalidURL, "a password is given, but the SMTP URL names no user: write user@ before the host")
        }
    }
}

private func isLoopback(_ host: String) -> Bool {
    if host == "localhost" || host == "::1" { return true }
    let numbers = host.split(separator: ".", omittingEmptySubsequences: false).map { UInt8($0) }
    return numbers.count == 4 && numbers[0] == 127 && !numbers.contains(nil)
}
