import HTTP
import Testing

@testable import Sandbox

@Suite struct HTTPConversationTests {
    let site: SandboxSite = {
        let crm = SandboxCRM(now: { 0 })
        return SandboxSite(crms: [crm], mailFaults: SMTPFaults(), pages: MailboxPages(mailbox: Mailbox(), crm: crm))
    }()

    private func steps(_ text: String) -> [Step] {
        var conversation = HTTPConversation(site: site)
        return conversation.opened() + conversation.received(Array(text.utf8)[...])
    }

    private func text(_ steps: [Step]) -> [String] {
        steps.map { step in
            switch step {
            case .send(let bytes): String(decoding: bytes, as: UTF8.self)
            default: "\(step)"
            }
        }
    }

    private let create = "POST /crm/v3/objects/deals HTTP/1.1\r\nAuthorization: Bearer x\r\nContent-Length: 35\r\n"
    private let body = "{\"properties\":{\"dealname\":\"order\"}}"

    @Test("requests on one connection are answered in their order, also when they come in pieces")
    func keptOpen() {
        var conversation = HTTPConversation(site: site)
        var steps: [Step] = []
        for byte in "\(create)\r\n\(body)GET /crm/v3/pipelines/deals HTTP/1.1\r\nAuthorization: Bearer x\r\n\r\n".utf8 {
            steps += conversation.received([byte])
        }
        let answers = text(steps)
        #expect(answers.count == 2)
        #expect(
            answers.first?.hasPrefix("HTTP/1.1 201 ") == true
                && answers.first?.contains("Connection: keep-alive") == true)
        #expect(answers.last?.contains("closedwon") == true)
    }

    @Test("what is no request is refused, and the connection closed")
    func malformed() {
        for (request, status) in [
            ("nonsense\r\n\r\n", 400), ("GET / HTTP/1.1\r\nno colon\r\n\r\n", 400),
            ("POST / HTTP/1.1\r\nContent-Length: x\r\n\r\n", 400),
            ("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", 411),
            ("POST / HTTP/1.1\r\nContent-Length: 99999999\r\n\r\n", 413),
            (String(repeating: "x", count: 40_000), 431),
        ] {
            let steps = steps(request)
            #expect(text(steps).first?.hasPrefix("HTTP/1.1 \(status) ") == true)
            #expect(steps.last == .close)
        }
        #expect(text(steps("GET /mailbox.json HTTP/1.1\r\nConnection: close\r\n\r\n")).last == "close")
    }

    @Test("each fault is what it says: whether it was acted on, and what comes of the connection")
    func faults() {
        func meet(_ fault: String) -> [String] { text(steps("\(create)X-Sandbox-Fault: \(fault)\r\n\r\n\(body)")) }
        #expect(meet("close") == ["close"])
        #expect(meet("hang") == ["hang"])
        #expect(site.crms[0].count(of: "deals") == 0)
        #expect(meet("close-done") == ["close"])
        #expect(meet("hang-done") == ["hang"])
        #expect(site.crms[0].count(of: "deals") == 2)
        let half = meet("half")
        #expect(half.last == "close" && half.first?.hasPrefix("HTTP/1.1 201") == true)
        let sent = half[0].components(separatedBy: "\r\n\r\n")[1].utf8.count
        #expect(half[0].contains("Content-Length: \(sent * 2 - 1)") || half[0].contains("Content-Length: \(sent * 2)"))
        #expect(meet("huge").dropFirst().first?.contains("times: 100") == true)
        #expect(meet("redirect").first?.contains("Location: http://") == true)
        #expect(meet("503").first?.hasPrefix("HTTP/1.1 503") == true)
        #expect(meet("slow; ms=20").first == "wait(milliseconds: 20)")
    }

    @Test("a fault ordered for a path strikes there, so often, and then no more")
    func ordered() {
        let order = "{\"fault\":\"429\",\"retryAfter\":3,\"times\":2,\"path\":\"/crm/v3/objects/deals\"}"
        #expect(
            text(steps("POST /sandbox/faults HTTP/1.1\r\nContent-Length: \(order.utf8.count)\r\n\r\n\(order)")).first?
                .hasPrefix("HTTP/1.1 201") == true)
        #expect(
            text(steps("GET /crm/v3/pipelines/deals HTTP/1.1\r\nAuthorization: Bearer x\r\n\r\n")).first?.hasPrefix(
                "HTTP/1.1 200") == true)
        for status in [429, 429, 201] {
            #expect(text(steps("\(create)\r\n\(body)")).first?.hasPrefix("HTTP/1.1 \(status)") == true)
        }
    }
}

extension String {
    fileprivate func components(separatedBy separator: String) -> [String] {
        split(separator: separator).map(String.init)
    }
}
