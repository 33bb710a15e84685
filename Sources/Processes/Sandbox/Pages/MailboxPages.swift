public import HTTP
public import Lifecycle
import Telemetry

/// The mailbox as pages and as JSON, and the CRM's deals: what a buyer and a shop see of an order, in three languages.
public struct MailboxPages: Sendable {
    let mailbox: Mailbox
    let crm: SandboxCRM?

    /// - Parameter crm: whose deals are shown; nil: no deals are shown.
    public init(mailbox: Mailbox, crm: SandboxCRM? = nil) {
        self.mailbox = mailbox
        self.crm = crm
    }

    /// The pages for an admin server: `/mailbox`, `/mailbox.json`, `/deals`.
    public var adminPages: [AdminPage] {
        ["/mailbox", "/mailbox.json", "/deals"].map { path in AdminPage(path) { answer($0) } }
    }

    /// Answers a request; 404 where it is for none of the pages.
    public func answer(_ request: Request) -> Response {
        let path = request.head.path.split(separator: "/").map(String.init)
        switch (request.head.method, path.first, path.count) {
        case (.get, nil, _), (.head, nil, _): return Response(status: 302, fields: ["Location": "/mailbox"])
        case (.delete, "mailbox", 1):
            mailbox.clear()
            return Response(status: 204)
        case (.get, _, _), (.head, _, _): return get(path, request.head)
        default: return Self.text(405, "only GET\n", fields: ["Allow": "GET, HEAD"])
        }
    }

    private func get(_ path: [String], _ head: RequestHead) -> Response {
        let language = PageLanguage(head)
        switch (path.first, path.count) {
        case ("mailbox", 1): return list(head, language)
        case ("mailbox.json", 1): return json(head)
        case ("deals", 1): return deals(language)
        case ("mailbox", 2) where path[1] == "page.js":
            return Response(
                status: 200, fields: ["Content-Type": "text/javascript; charset=utf-8"],
                body: Array(PageStyle.script.utf8))
        case ("mailbox", 2...3):
            guard let id = Int(path[1]), let stored = mailbox.message(id) else { return missing(language) }
            guard path.count == 3 else { return view(stored, head, language) }
            switch path[2] {
            case "html": return Self.body(of: stored)
            case "raw":
                return Self.text(
                    200, String(decoding: stored.bytes, as: UTF8.self), fields: ["X-Content-Type-Options": "nosniff"])
            default: return missing(language)
            }
        default: return Self.text(404, "no such page\n")
        }
    }

    private func missing(_ language: PageLanguage) -> Response {
        var response = Page(
            language: language, path: "/mailbox", title: language(.mailbox),
            contents: "<div class=\"card empty\"><b>404</b>\(language(.notThere))</div>"
        ).response
        response.status = 404
        return response
    }

    /// Only the HTML body, for the frame: any styles are allowed, but no scripts.
    private static func body(of stored: Mailbox.Stored) -> Response {
        Response(
            status: 200,
            fields: [
                "Content-Type": "text/html; charset=utf-8", "Cache-Control": "no-store",
                "X-Content-Type-Options": "nosniff",
                "Content-Security-Policy":
                    "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:; frame-ancestors 'self'",
            ],
            body: Array((MIMEMessage(stored.bytes).html ?? "").utf8))
    }

    static func text(_ status: Int, _ text: String, fields: HeaderFields = [:]) -> Response {
        var response = Response(status: status, fields: fields, body: Array(text.utf8))
        response.fields["Content-Type"] = "text/plain; charset=utf-8"
        return response
    }
}
