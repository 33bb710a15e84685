import CCurl

/// No connection came about; what that means for the message.
struct ConnectFailure: Error {
    let outcome: SMTPOutcome
}

/// What curl's way to the connection came to; nil: it stands, secured and authenticated as the settings ask.
func connectOutcome(
    _ code: CURLcode, _ explanation: String, _ greeting: SMTPGreeting, _ settings: SMTPSettings
) -> SMTPOutcome? {
    let reply = greeting.lastReply?.hiding(settings)
    // Whatever curl thinks of it: a server that says "later" means the moment, not the settings.
    let isLater = reply?.isTransient == true
    switch code {
    case CURLE_OK:
        guard settings.user != nil, reply?.code != 235 else { return nil }
        return .configuration("the server offers no way to log in, and credentials are set", reply)
    case CURLE_LOGIN_DENIED:
        return isLater
            ? .temporary("the server cannot check credentials now", reply)
            : .configuration("the server refused the credentials", reply)
    case CURLE_USE_SSL_FAILED:
        return isLater
            ? .temporary("the server has no TLS now", reply)
            : .configuration("the server offers no STARTTLS; nothing is sent without", reply)
    case CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CACERT_BADFILE, CURLE_SSL_ISSUER_ERROR, CURLE_SSL_CERTPROBLEM:
        return .configuration("the server's certificate is not trusted: \(explanation)", nil)
    case CURLE_SSL_CONNECT_ERROR:
        return explanation.contains("wrong version number")
            ? .configuration("what the server sent where TLS should begin is not TLS", nil)
            : .temporary("no TLS: \(explanation)", nil)
    case CURLE_WEIRD_SERVER_REPLY, CURLE_REMOTE_ACCESS_DENIED:
        if isLater { return .temporary("the server does not serve now", reply) }
        if reply?.code == 220 { return .configuration("the server sent bytes before TLS began: refused", reply) }
        return .configuration("the server does not serve us", reply)
    case CURLE_COULDNT_RESOLVE_HOST: return .temporary("the mail server's name is not known now", nil)
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
