import HTTP
import Telemetry

private let rowsOnPage = 50

extension MailboxPages {
    /// Newest first, perhaps only those to recipients whose address holds `to`.
    private func chosen(_ head: RequestHead, limit: Int, offset: Int) -> (messages: [Mailbox.Stored], isMore: Bool) {
        let asked = head.query.first { $0.name == "to" }?.value.lowercased() ?? ""
        guard !asked.isEmpty else {
            let messages = mailbox.newest(limit: limit + 1, offset: offset)
            return (Array(messages.prefix(limit)), messages.count > limit)
        }
        let matching = mailbox.newest(limit: .max / 2).filter { message in
            message.recipients.contains { $0.lowercased().contains(asked) }
        }
        return (Array(matching.dropFirst(offset).prefix(limit)), matching.count > offset + limit)
    }

    func list(_ head: RequestHead, _ language: PageLanguage) -> Response {
        let page = max(1, min(head.query.first { $0.name == "page" }.flatMap { Int($0.value) } ?? 1, 1_000_000))
        let asked = head.query.first { $0.name == "to" }?.value ?? ""
        let (messages, isMore) = chosen(head, limit: rowsOnPage, offset: (page - 1) * rowsOnPage)
        var contents = """
            <div class="top"><h1>\(language(.mailbox)) <span class="count">\(mailbox.count)</span></h1>
            <form action="/mailbox"><input type="hidden" name="lang" value="\(language.rawValue)">
            <input type="search" name="to" value="\(escaped(asked))" placeholder="\(language(.search))" aria-label="\(language(.search))"></form></div>
            """
        if messages.isEmpty {
            contents += "<div class=\"card empty\"><b>\(language(.noMail))</b>\(language(.noMailHint))</div>"
        } else {
            contents += "<div class=\"card\">\(messages.map { row($0, language) }.joined())</div>"
        }
        func link(_ page: Int, _ text: PageText) -> String {
            "<a href=\"/mailbox?lang=\(language.rawValue)&amp;page=\(page)&amp;to=\(percentEncoded(asked))\">\(language(text))</a>"
        }
        contents += "<div class=\"pages\"><span>\(page > 1 ? "← " + link(page - 1, .newer) : "")</span>"
        contents += "<span>\(isMore ? link(page + 1, .older) + " →" : "")</span></div>"
        return Page(
            language: language, path: "/mailbox", title: language(.mailbox), contents: contents, isLive: page == 1
        ).response
    }

    private func row(_ stored: Mailbox.Stored, _ language: PageLanguage) -> String {
        let message = MIMEMessage(stored.bytes)
        let to = message.header("To") ?? stored.recipients.joined(separator: ", ")
        let snippet = (message.text ?? "").split(whereSeparator: \.isWhitespace).prefix(24).joined(separator: " ")
        let initial = to.first { $0.isLetter }.map { String($0).uppercased() } ?? "@"
        let hue = to.unicodeScalars.reduce(0) { ($0 &* 31 &+ Int($1.value)) & 0xffff } % 360
        return """
            <a class="row" href="/mailbox/\(stored.id)?lang=\(language.rawValue)">
            <span class="face" style="--hue:\(hue)" aria-hidden="true">\(escaped(initial))</span>
            <b>\(escaped(to))</b>\(time(stored.receivedAt))
            <span class="subject">\(escaped(message.header("Subject") ?? language(.noSubject)))</span>
            <span class="snippet">\(escaped(snippet))</span></a>
            """
    }

    func time(_ milliseconds: Int64, isFull: Bool = false) -> String {
        let text = WallClock.iso8601(milliseconds)
        let shown = text.prefix(19).map { $0 == "T" ? " " : String($0) }.joined()
        return "<time datetime=\"\(text)\"\(isFull ? " data-full" : "")>\(shown) UTC</time>"
    }

    /// `?limit=` (100, at most 1,000), `?offset=`, `?to=`: the newest messages, read.
    func json(_ head: RequestHead) -> Response {
        func number(_ name: String) -> Int? { head.query.first { $0.name == name }.flatMap { Int($0.value) } }
        let limit = max(0, min(number("limit") ?? 100, 1_000))
        let (messages, _) = chosen(head, limit: limit, offset: max(0, min(number("offset") ?? 0, 1 << 40)))
        let document: Document = [
            "total": .number(mailbox.total), "kept": .number(mailbox.count), "messages": .list(messages.map(document)),
        ]
        return Response(
            status: 200, fields: ["Content-Type": "application/json", "Cache-Control": "no-store"], body: document.bytes
        )
    }

    private func document(_ stored: Mailbox.Stored) -> Document {
        let message = MIMEMessage(stored.bytes)
        func optional(_ text: String?) -> Document { text.map { .text($0) } ?? .null }
        return [
            "id": .number(stored.id), "receivedAt": .text(WallClock.iso8601(stored.receivedAt)),
            "sender": .text(stored.sender), "recipients": .list(stored.recipients.map { .text($0) }),
            "from": optional(message.header("From")), "to": optional(message.header("To")),
            "subject": optional(message.header("Subject")), "messageId": optional(message.header("Message-ID")),
            "text": optional(message.text), "html": optional(message.html),
            "attachments": .list(message.attachments.map { .text($0) }),
            "headers": .list(message.headers.map { ["name": .text($0.name), "value": .text($0.value)] }),
        ]
    }
}

/// For a query: all but the unreserved characters (RFC 3986 §2.3).
private func percentEncoded(_ text: String) -> String {
    text.utf8.map { byte in
        let scalar = Unicode.Scalar(byte)
        let isPlain =
            scalar.isASCII
            && (Character(scalar).isLetter || Character(scalar).isNumber || "-._~".unicodeScalars.contains(scalar))
        return isPlain ? String(scalar) : "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
    }.joined()
}
