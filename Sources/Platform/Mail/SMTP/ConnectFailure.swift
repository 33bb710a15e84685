import CCurl

/// No connection was made, and what that means for the message.
struct ConnectFailure: Error {
    let outcome: SMTPOutcome
}

/// What curl's attempt to connect means; nil if the connection is up, secured and authenticated as the settings
/// require.
func connectOutcome(
    _ code: CURLcode, _ explanation: String, _ greeting: SMTPGreeting, _ settings: SMTPSettings
) -> SMTPOutcome? {
    let reply = greeting.lastReply?.hiding(settings)
    // Whatever curl reports: a server that says "later" has a temporary problem; the settings are not at fault.
    let isLater = reply?.isTransient == true
    if code != CURLE_OK, let reply, SMTPRefusal(.session, reply).blame == .allowance {
        return SMTPRefusal(.session, reply).outcome
    }
    switch code {
    case CURLE_OK:
        guard settings.user != nil, reply?.code != 235 else { return nil }
        return .configuration("the server offers no authentication, but credentials are set", reply)
    case CURLE_LOGIN_DENIED:
        return isLater
            ? .temporary("the server cannot check credentials now", reply)
            : .configuration("the server refused the credentials", reply)
    case CURLE_USE_SSL_FAILED:
        return isLater
            ? .temporary("the server has no TLS now", reply)
            : .configuration("the server does not offer STARTTLS, and nothing is sent without it", reply)
    case CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CACERT_BADFILE, CURLE_SSL_ISSUER_ERROR, CURLE_SSL_CERTPROBLEM:
        return .configuration("the server's certificate is not trusted: \(explanation)", nil)
    case CURLE_SSL_CONNECT_ERROR:
        return explanation.contains("wrong version number")
            ? .configuration("the server did not answer with TLS", nil)
            : .temporary("no TLS: \(explanation)", nil)
    case CURLE_WEIRD_SERVER_REPLY, CURLE_REMOTE_ACCESS_DENIED:
        if isLater { return .temporary("the server is not available now", reply) }
        if reply?.code == 220 { return .configuration("the server sent bytes before TLS began: refused", reply) }
        return .configuration("the server refuses this client", reply)
    case CURLE_COULDNT_RESOLVE_HOST: return .temporary("the mail server's name could not be resolved", nil)
    case CURLE_COULDNT_CONNECT: return .temporary("no connection to the mail server", nil)
    case CURLE_OPERATION_TIMEDOUT: return .temporary("the mail server did not answer in time", nil)
    case CURLE_ABORTED_BY_CALLBACK: return .temporary("stopped before the message was sent", nil)
    case CURLE_WRITE_ERROR where greeting.isFlooded:
        return .temporary("the server said over \(SMTPGreeting.bytesMaximum) bytes before the first message", nil)
    default:
        return .temporary("no connection to the mail server: \(explanation)", reply)
    }
}

extension SMTPReply {
    /// The reply without the password, which some servers repeat; as it was sent, too: AUTH carries it in base64.
    fileprivate func hiding(_ settings: SMTPSettings) -> SMTPReply {
        guard let user = settings.user, let password = settings.password else { return self }
        let plain = Array("\0\(user)\0\(password)".utf8)
        let secrets = [base64(plain), base64(Array(password.utf8)), password]
        var reply = self
        reply.lines = lines.map { line in secrets.reduce(line) { $0.replacing($1, with: "…") } }
        return reply
    }
}

private func base64(_ bytes: [UInt8]) -> String {
    var text: [UInt8] = []
    appendBase64(bytes, to: &text)
    return String(decoding: text, as: UTF8.self)
}
