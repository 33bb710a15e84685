import CCurl
import Testing

@testable import Mail

@Suite("The way to a connection")
struct SMTPGreetingTests {
    private func greeting(_ lines: String...) -> SMTPGreeting {
        let greeting = SMTPGreeting()
        for line in lines { #expect(greeting.take(Array((line + "\r\n").utf8))) }
        return greeting
    }

    private let open = try! SMTPSettings(url: "smtp://mail.example.com")
    private let locked = try! SMTPSettings(url: "smtp://u:p@mail.example.com")

    @Test("only what is offered under TLS counts")
    func capabilities() {
        let said = greeting(
            "220 mail", "250-mail", "250-PIPELINING", "250 STARTTLS", "220 go", "250-mail", "250 size 10")
        #expect(!said.offers("PIPELINING") && said.offers("SIZE") && !said.offers("STARTTLS"))
    }

    @Test("a flood before the first message is cut off")
    func flood() {
        let said = SMTPGreeting()
        let line = Array(("250-" + String(repeating: "x", count: 900) + "\r\n").utf8)
        #expect((0..<100).map { _ in said.take(line) }.contains(false))
        #expect(said.isFlooded)
    }

    @Test("what a greeting says can be shown: no control characters, no line longer than others")
    func shown() {
        let said = greeting("250-a\u{7}b\u{85}\u{1B}[2J", "250 " + String(repeating: "e\u{301}", count: 400))
        #expect(said.lastReply?.lines.first == "a b  [2J")
        #expect(said.lastReply?.lines.last.map { $0.unicodeScalars.count < 300 } == true)
        #expect(greeting("-12 x").lastReply == nil)
    }

    @Test("credentials that were not used are a matter of configuration, never a success")
    func noAuthentication() {
        #expect(connectOutcome(CURLE_OK, "", greeting("220 a", "250 mail"), open) == nil)
        #expect(connectOutcome(CURLE_OK, "", greeting("220 a", "250 mail", "235 ok"), locked) == nil)
        guard case .configuration = connectOutcome(CURLE_OK, "", greeting("220 a", "250 mail"), locked) else {
            Issue.record("it would have sent without logging in")
            return
        }
    }

    @Test(
        "a server that says later means the moment; one that says no, the settings",
        arguments: [
            (CURLE_LOGIN_DENIED, 454), (CURLE_USE_SSL_FAILED, 454), (CURLE_WEIRD_SERVER_REPLY, 421),
            (CURLE_REMOTE_ACCESS_DENIED, 421),
        ])
    func laterOrNever(code: CURLcode, later: Int) {
        guard case .temporary(_, let reply) = connectOutcome(code, "", greeting("\(later) x"), locked) else {
            Issue.record("\(later)")
            return
        }
        #expect(reply?.code == later)
        guard case .configuration = connectOutcome(code, "", greeting("535 x"), locked) else {
            Issue.record("535")
            return
        }
    }

    @Test(
        "a server that repeats the password is not quoted so far",
        arguments: [
            "535 5.7.8 user with password is wrong", "535 AHVzZXIAcGFzc3dvcmQ=: no", "535 cGFzc3dvcmQ= is wrong",
        ])
    func repeated(line: String) {
        let settings = try! SMTPSettings(url: "smtp://user:password@mail.example.com")
        let outcome = connectOutcome(CURLE_LOGIN_DENIED, "", greeting(line), settings)
        guard case .configuration(_, let reply?) = outcome else {
            Issue.record("\(String(describing: outcome))")
            return
        }
        #expect(reply.description.contains("…") && !reply.description.contains("password"))
        #expect(!reply.description.contains("cGFzc3dvcm"))
    }
}
