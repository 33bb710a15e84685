import Foundation
import Mail
import Testing

@Suite("Mail at a real server", .enabled(if: MailTools.areHere), .serialized)
struct MailServerTests {
    private func send(_ message: MailMessage, _ settings: SMTPSettings) async throws -> SMTPOutcome {
        let client = SMTPClient(settings)
        let outcome = try await client.send(message)
        await client.close(timeout: .seconds(2))
        return outcome
    }

    private func isAccepted(_ outcome: SMTPOutcome) -> Bool {
        if case .accepted(let reply) = outcome { return reply.code == 250 }
        return false
    }

    @Test("a message over plain loopback is kept by the server as it was given")
    func plain() async throws {
        let server = try HelperServer("smtp_sink.py")
        let outcome = try await send(sampleMessage(), SMTPSettings(url: "smtp://127.0.0.1:\(server.port)?tls=never"))
        #expect(isAccepted(outcome), "\(outcome)")
        let mail = try ReadMail(at: server.folder.appending(path: "1.eml"))
        #expect(mail.subject == "Замовлення 🌻")
        #expect(mail.to == .init(name: "Олена", address: "olena@example.com"))
        let envelope = try ReadEnvelope(at: server.folder.appending(path: "1.json"))
        #expect(envelope.from == "shop@shop.example" && envelope.to == ["olena@example.com"] && !envelope.tls)
        server.stop()
    }

    @Test("a message with STARTTLS and AUTH goes over TLS, authenticated", arguments: [false, true])
    func secured(isImplicit: Bool) async throws {
        let folder = MailTools.certificates
        let server = try HelperServer(
            "smtp_sink.py",
            [
                "--tls", folder.appending(path: "good.pem").path, folder.appending(path: "good.key").path, "--auth",
                "robot", "p:w%",
            ]
                + (isImplicit ? ["--implicit"] : []))
        let url = "\(isImplicit ? "smtps" : "smtp")://robot:p%3Aw%25@localhost:\(server.port)"
        let settings = try SMTPSettings(url: url, caFile: folder.appending(path: "ca.pem").path)
        let outcome = try await send(sampleMessage(), settings)
        #expect(isAccepted(outcome), "\(outcome)")
        let envelope = try ReadEnvelope(at: server.folder.appending(path: "1.json"))
        #expect(envelope.tls && envelope.authenticated)
        server.stop()
    }
}
