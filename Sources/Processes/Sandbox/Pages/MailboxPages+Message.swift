import HTTP
import Telemetry

extension MailboxPages {
    /// One message: as HTML, as text, its headers, by `?view=`.
    func view(_ stored: Mailbox.Stored, _ head: RequestHead, _ language: PageLanguage) -> Response {
        let message = MIMEMessage(stored.bytes)
        let asked = head.query.first { $0.name == "view" }?.value ?? ""
        let view = ["text", "headers"].contains(asked) ? asked : "html"
        let subject = message.header("Subject") ?? language(.noSubject)
        var facts = [
            (language(.from), escaped(message.header("From") ?? stored.sender)),
            (language(.to), escaped(message.header("To") ?? stored.recipients.joined(separator: ", "))),
            (language(.received), time(stored.receivedAt, isFull: true)),
        ]
        if !message.attachments.isEmpty {
            facts.append((language(.attachments), escaped(message.attachments.joined(separator: ", "))))
        }
        let tabs = [("html", PageText.message), ("text", .text), ("headers", .headers)].map { name, text in
            "<a href=\"/mailbox/\(stored.id)?lang=\(language.rawValue)&amp;view=\(name)\""
                + "\(name == view ? " aria-current=\"page\"" : "")>\(language(text))</a>"
        }
        let contents = """
            <h1>\(escaped(subject))</h1>
            <article class="card">
            <dl class="facts">\(facts.map { "<dt>\($0.0)</dt><dd>\($0.1)</dd>" }.joined())</dl>
            <nav class="tabs">\(tabs.joined())<a href="/mailbox/\(stored.id)/raw">\(language(.source))</a></nav>
            \(body(message, stored.id, view, language))
            </article>
            """
        return Page(language: language, path: "/mailbox/\(stored.id)", title: subject, contents: contents).response
    }

    private func body(_ message: MIMEMessage, _ id: Int, _ view: String, _ language: PageLanguage) -> String {
        switch view {
        case "headers":
            let lines = message.headers.map { "<b>\(escaped($0.name)):</b> \(escaped($0.value))" }
            return "<pre>\(lines.joined(separator: "\n"))</pre>"
        case "text":
            guard let text = message.text else { return "<p class=\"note\">\(language(.noText))</p>" }
            return "<pre>\(escaped(text))</pre>"
        default:
            if message.html != nil {
                return "<iframe sandbox src=\"/mailbox/\(id)/html\" title=\"\(language(.message))\"></iframe>"
            }
            let note = "<p class=\"note\">\(language(.noHTML))</p>"
            return note + "<pre>\(escaped(message.text ?? ""))</pre>"
        }
    }

    /// The newest deals with their contacts.
    func deals(_ language: PageLanguage) -> Response {
        let deals = crm?.entries(of: "deals", limit: 100) ?? []
        let contacts = Dictionary(
            (crm?.entries(of: "contacts", limit: 1_000) ?? []).map { ($0.id, $0.properties) },
            uniquingKeysWith: { one, _ in one })
        var contents = "<h1>\(language(.deals)) <span class=\"count\">\(crm?.count(of: "deals") ?? 0)</span></h1>"
        if deals.isEmpty {
            contents += "<div class=\"card empty\"><b>\(language(.noDeals))</b>\(language(.noDealsHint))</div>"
        } else {
            let names = [PageText.deal, .contact, .amount, .stage, .changed].map { "<th>\(language($0))</th>" }
            let rows = deals.map { deal in
                let stage = deal.properties["dealstage"] ?? ""
                let people = deal.contacts.map { id in
                    let contact = contacts[id] ?? [:]
                    let name = [contact["firstname"], contact["lastname"]].compactMap(\.self).joined(separator: " ")
                    let address = contact["email"] ?? contact["phone"] ?? id
                    return name.isEmpty ? escaped(address) : "\(escaped(name))<br>\(escaped(address))"
                }
                let amount = [deal.properties["amount"], deal.properties["deal_currency_code"]].compactMap(\.self)
                    .joined(separator: " ")
                return """
                    <tr><td>\(escaped(deal.properties["dealname"] ?? deal.id))</td><td>\(people.joined(separator: "<br>"))</td>
                    <td class="number">\(escaped(amount))</td>
                    <td><span class="stage \(escaped(stage))">\(escaped(language(.stageName(stage))))</span></td>
                    <td>\(time(deal.updatedAt))</td></tr>
                    """
            }
            contents +=
                "<div class=\"card wide\"><table><thead><tr>\(names.joined())</tr></thead><tbody>\(rows.joined())</tbody></table></div>"
        }
        return Page(
            language: language, path: "/deals", title: language(.deals), contents: contents, section: .deals,
            isLive: true
        ).response
    }
}
