/// The parts of an SMTP URL, unescaped and checked.
struct SMTPURL {
    let security: SMTPSettings.Security
    let user: String?
    /// nil without a user, or if the user's password comes from elsewhere.
    let password: String?
    let host: String
    let port: Int

    init(_ url: String) throws(MailError) {
        func refuse(_ why: String) -> MailError {
            MailError(.invalidURL, "the SMTP URL \(why); it has the form smtp://user:password@host:587")
        }
        guard url.unicodeScalars.allSatisfy({ $0.value > 32 && $0.value < 127 }) else {
            throw refuse("has spaces or characters that are not ASCII (escape them as %XX)")
        }
        let isImplicit = url.hasPrefix("smtps://")
        guard isImplicit || url.hasPrefix("smtp://") else { throw refuse("begins with neither smtp:// nor smtps://") }
        var rest = url.dropFirst(isImplicit ? 8 : 7)
        var query: Substring?
        if let mark = rest.firstIndex(of: "?") {
            query = rest[rest.index(after: mark)...]
            rest = rest[..<mark]
        }
        if rest.hasSuffix("/") { rest = rest.dropLast() }
        switch query {
        case nil: security = isImplicit ? .implicitTLS : .startTLS
        case "tls=never" where !isImplicit: security = .none
        default: throw refuse("has options other than ?tls=never (which is for smtp:// only)")
        }

        var credentials: (user: String, password: String?)?
        if let at = rest.lastIndex(of: "@") {
            let halves = rest[..<at].split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            rest = rest[rest.index(after: at)...]
            let words = halves.map { unescaped($0) }
            guard let user = words[0], words.allSatisfy({ $0?.isEmpty == false }) else {
                throw refuse("does not have user:password before the @ (escape special characters as %XX)")
            }
            credentials = (user, words.count > 1 ? words[1] : nil)
        }
        user = credentials?.user
        password = credentials?.password

        guard let place = hostAndPort(rest) else { throw refuse("has no valid host and port after its scheme") }
        host = place.host
        port = place.port ?? (isImplicit ? 465 : 587)
    }
}

/// `host`, `host:port`, `[v6]`, `[v6]:port`.
private func hostAndPort(_ text: Substring) -> (host: String, port: Int?)? {
    var host = text
    var portText: Substring?
    if text.hasPrefix("[") {
        guard let close = text.firstIndex(of: "]") else { return nil }
        host = text[text.index(after: text.startIndex)..<close]
        let tail = text[text.index(after: close)...]
        guard tail.isEmpty || tail.hasPrefix(":") else { return nil }
        portText = tail.isEmpty ? nil : tail.dropFirst()
        guard host.utf8.allSatisfy({ isAlphanumeric($0) || $0 == UInt8(ascii: ":") || $0 == UInt8(ascii: ".") }) else {
            return nil
        }
    } else {
        if let colon = text.firstIndex(of: ":") {
            host = text[..<colon]
            portText = text[text.index(after: colon)...]
        }
        guard host.utf8.allSatisfy({ isAlphanumeric($0) || "-._".utf8.contains($0) }) else { return nil }
    }
    guard !host.isEmpty, host.utf8.count <= 253 else { return nil }
    guard let portText else { return (String(host), nil) }
    guard let port = Int(portText), (1...65_535).contains(port) else { return nil }
    return (String(host), port)
}

/// With each `%XX` as its byte; nil if that is malformed, not UTF-8, or has a control character.
private func unescaped(_ text: Substring) -> String? {
    var bytes: [UInt8] = []
    var rest = Array(text.utf8)[...]
    while let byte = rest.popFirst() {
        guard byte == UInt8(ascii: "%") else {
            bytes.append(byte)
            continue
        }
        let digits = rest.prefix(2)
        guard digits.count == 2, digits.allSatisfy(isAlphanumeric),
            let value = UInt8(String(decoding: digits, as: UTF8.self), radix: 16), value >= 32
        else { return nil }
        bytes.append(value)
        rest = rest.dropFirst(2)
    }
    return String(validating: bytes, as: UTF8.self)
}
