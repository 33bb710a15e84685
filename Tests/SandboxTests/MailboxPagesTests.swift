import Foundation
import HTTP
import Testing

@testable import Sandbox

@Suite struct MailboxPagesTests {
    let mailbox = Mailbox()
    let crm = SandboxCRM(now: { 0 })
    var pages: MailboxPages { MailboxPages(mailbox: mailbox, crm: crm) }

    private func put(_ subject: String, html: String? = nil, to: String = "buyer@example.com") {
        let body = html.map { "Content-Type: text/html; charset=utf-8\r\n\r\n" + $0 } ?? "\r\nПривіт <b>"
        mailbox.put(
            sender: "shop@example.com", recipients: [to],
            bytes: Array("From: Shop <shop@example.com>\r\nTo: \(to)\r\nSubject: \(subject)\r\n\(body)".utf8),
            at: 1_700_000_000_000)
    }

    private func get(_ path: String, _ query: [(name: String, value: String)] = [], fields: HeaderFields = [:]) -> (
        Response, String
    ) {
        let response = pages.answer(Request(head: RequestHead(method: .get, path: path, query: query, fields: fields)))
        return (response, String(decoding: response.body, as: UTF8.self))
    }

    @Test("the list shows who was written to and about what, made safe")
    func list() {
        #expect(get("/mailbox").1.contains("No mail yet"))
        put("Order <script>alert(1)</script> & more")
        let (response, html) = get("/mailbox")
        #expect(response.status == 200)
        #expect(html.contains("Order &lt;script&gt;alert(1)&lt;/script&gt; &amp; more"))
        #expect(!html.contains("<script>alert"))
        #expect(html.contains("buyer@example.com") && html.contains("href=\"/mailbox/1?lang=en\""))
        #expect(response.fields["Content-Security-Policy"]?.contains("default-src 'none'") == true)
    }

    @Test(
        "the language is the one asked for, else the browser's, else English",
        arguments: [
            ("uk", "", "Поштова скринька"), ("ru", "uk", "Почтовый ящик"), ("xx", "uk-UA,uk;q=0.9", "Поштова скринька"),
            ("", "de,ru;q=0.3,en;q=0.2", "Почтовый ящик"), ("", "ru;q=0,uk;q=0.1", "Поштова скринька"),
            ("", "de", "Mailbox"),
        ])
    func language(asked: String, accepted: String, title: String) {
        let (response, html) = get("/mailbox", [("lang", asked)], fields: ["Accept-Language": accepted])
        #expect(html.contains("<h1>\(title)") || html.contains("<h1>\(title) "), "\(html.prefix(3000))")
        #expect(html.contains("<html lang=\"\(response.fields["Content-Language"] ?? "-")\">"))
    }

    @Test("a message is shown as HTML in a frame that can do nothing, as text, and with its headers")
    func message() {
        put("Hi", html: "<h1>Дякуємо</h1><script>x()</script>")
        #expect(get("/mailbox/1").1.contains("<iframe sandbox src=\"/mailbox/1/html\""))
        let (framed, html) = get("/mailbox/1/html")
        #expect(html == "<h1>Дякуємо</h1><script>x()</script>")
        #expect(framed.fields["Content-Security-Policy"]?.hasPrefix("sandbox; default-src 'none'") == true)
        #expect(get("/mailbox/1", [("view", "headers")]).1.contains("<b>Subject:</b> Hi"))
        #expect(get("/mailbox/1/raw").0.fields["Content-Type"] == "text/plain; charset=utf-8")
        put("Text only")
        #expect(get("/mailbox/2").1.contains("Привіт &lt;b&gt;"))
        #expect(get("/mailbox/3").0.status == 404)
        #expect(get("/mailbox/../etc").0.status == 404)
    }

    @Test("pages and recipients can be chosen among many")
    func choosing() {
        for number in 1...120 { put("Mail \(number)", to: number == 3 ? "special@example.com" : "b@example.com") }
        #expect(get("/mailbox").1.contains("Mail 120") && get("/mailbox").1.contains("page=2"))
        #expect(get("/mailbox", [("page", "3")]).1.contains("Mail 20"))
        #expect(!get("/mailbox", [("page", "3")]).1.contains("page=4"))
        let found = get("/mailbox", [("to", "SPECIAL")]).1
        #expect(found.contains("Mail 3<") && !found.contains("Mail 4<"))
    }

    @Test("as JSON: the newest messages, read")
    func json() throws {
        put("One")
        put("Two", to: "other@example.com")
        let answer = try #require(
            JSONSerialization.jsonObject(with: Data(get("/mailbox.json", [("to", "other")]).0.body)) as? [String: Any])
        #expect(answer["total"] as? Int == 2)
        let messages = try #require(answer["messages"] as? [[String: Any]])
        #expect(messages.count == 1)
        #expect(messages[0]["subject"] as? String == "Two")
        #expect(messages[0]["recipients"] as? [String] == ["other@example.com"])
        #expect(messages[0]["text"] as? String == "Привіт <b>")
        #expect(messages[0]["receivedAt"] as? String == "2023-11-14T22:13:20.000Z")
        #expect(get("/mailbox.json", [("limit", "0")]).1.contains("\"messages\":[]"))
    }

    @Test("the page of deals shows what the shop sees in its CRM")
    func deals() {
        #expect(get("/deals", [("lang", "uk")]).1.contains("Угод ще немає"))
        _ = crm.answer(
            Request(
                head: RequestHead(method: .post, path: "/crm/v3/objects/deals", fields: ["Authorization": "Bearer x"]),
                body: Array(
                    "{\"properties\":{\"dealname\":\"<Course>\",\"amount\":\"1499.50\",\"deal_currency_code\":\"UAH\",\"dealstage\":\"closedwon\"}}"
                        .utf8)))
        let html = get("/deals", [("lang", "uk")]).1
        #expect(html.contains("&lt;Course&gt;") && html.contains("1499.50 UAH") && html.contains("Успішна"))
    }

    @Test("other methods are refused; DELETE empties the mailbox")
    func methods() {
        put("One")
        #expect(pages.answer(Request(head: RequestHead(method: .post, path: "/mailbox"))).status == 405)
        #expect(pages.answer(Request(head: RequestHead(method: .delete, path: "/mailbox"))).status == 204)
        #expect(mailbox.count == 0)
    }
}
