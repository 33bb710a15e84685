import HTTP
import Mail
import Telemetry
import Testing

@testable import Sandbox

@Suite struct SandboxProcessTests {
    private func running() async throws -> SandboxProcess {
        let process = SandboxProcess(log: Log(process: "test", write: { _ in }))
        #expect(process.notReady != nil)
        try await process.start()
        #expect(process.notReady == nil)
        return process
    }

    @Test("mail sent by our own client is in the mailbox; a refused recipient is refused")
    func mail() async throws {
        let process = try await running()
        let client = SMTPClient(try SMTPSettings(url: "smtp://127.0.0.1:\(process.smtpPort!)?tls=never"))
        func message(_ to: String) -> MailMessage {
            MailMessage(
                from: MailAddress(address: "shop@example.com"), to: MailAddress(name: "Ганна", address: to),
                subject: "Дякуємо",
                text: "Привіт\n.\n", html: "<b>Привіт</b>", messageID: "\(to)", date: 0)
        }
        guard case .accepted(let reply) = try await client.send(message("a@example.com")) else {
            Issue.record("not accepted")
            return
        }
        #expect(reply.description == "250 2.0.0 queued as 1")
        #expect(process.mailbox.message(1).map { MIMEMessage($0.bytes).text }??.hasPrefix("Привіт\n.\n") == true)
        guard case .permanent(let refused) = try await client.send(message("fault-rcpt-550@example.com")) else {
            Issue.record("not refused")
            return
        }
        #expect(refused.code == 550)
        await client.close(timeout: .seconds(1))
        await process.stop(by: .now + .seconds(1))
    }

    @Test(
        "what a mail server says of the sender or its allowance ends no message, and the same one goes out afterwards",
        arguments: [
            (SMTPFaults.Stage.mail, "553 5.7.1 Sender address rejected: not owned by auth user.", "configuration"),
            (.rcpt, "553 5.7.1 <orders@shop.example>: Sender address rejected: not logged in", "configuration"),
            (.rcpt, "554 5.7.1 Relay access denied", "configuration"),
            (.dot, "550 5.4.5 Daily user sending quota exceeded", "exhausted"),
            (.rcpt, "550 5.1.1 No such user", "permanent"),
        ])
    func sender(stage: SMTPFaults.Stage, reply: String, expected: String) async throws {
        let process = try await running()
        let http = Client()
        let order = "{\"stage\":\"\(stage.rawValue)\",\"reply\":\"\(reply)\"}"
        let isOrdered = try await http.send(
            ClientRequest(
                .post, "http://127.0.0.1:\(process.httpPort!)/sandbox/faults",
                fields: ["Content-Type": "application/json"], body: Array(order.utf8)))
        #expect(isOrdered.status == 201)
        http.close()
        let client = SMTPClient(try SMTPSettings(url: "smtp://127.0.0.1:\(process.smtpPort!)?tls=never"))
        let message = MailMessage(
            from: MailAddress(address: "orders@shop.example"), to: MailAddress(address: "b@example.com"),
            subject: "x", text: "x", html: nil, messageID: "1@shop.example", date: 0)
        let outcome = try await client.send(message)
        let name =
            switch outcome {
            case .configuration: "configuration"
            case .exhausted: "exhausted"
            case .permanent: "permanent"
            default: "\(outcome)"
            }
        #expect(name == expected)
        guard case .accepted = try await client.send(message) else { return #expect(Bool(false), "it goes out") }
        await client.close(timeout: .seconds(1))
        await process.stop(by: .now + .seconds(1))
    }

    @Test("a port that is taken is said so, and nothing is left open")
    func taken() async throws {
        let process = try await running()
        var settings = SandboxSettings()
        settings.httpListen = "127.0.0.1:\(process.httpPort!)"
        let other = SandboxProcess(settings, log: Log(process: "test", write: { _ in }))
        let error = await #expect(throws: SandboxError.self) { try await other.start() }
        #expect(error?.message == "cannot listen on \(settings.httpListen): Address already in use")
        #expect(other.smtpPort == nil)
        await process.stop(by: .now + .seconds(1))
    }
}
