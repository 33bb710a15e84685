import Foundation
import Mail
import Support
import Testing

@Suite("Mail at a real server", .enabled(if: MailTools.areHere))
struct MailServerTests {
    private func sink(_ options: [String] = []) async throws -> HelperServer {
        try await HelperServer.started("smtp_sink.py", options)
    }

    /// Sends one after the other over one connection; returns what the server answered.
    private func send(_ messages: [MailMessage], _ settings: SMTPSettings) async throws -> [SMTPOutcome] {
        var single = settings
        single.connectionsMaximum = 1
        let client = SMTPClient(single)
        var outcomes: [SMTPOutcome] = []
        for message in messages { outcomes.append(try await client.send(message)) }
        await client.close(timeout: .seconds(2))
        return outcomes
    }

    private func isAccepted(_ outcome: SMTPOutcome) -> Bool {
        if case .accepted(let reply) = outcome { return reply.code == 250 }
        return false
    }

    @Test("with STARTTLS or implicit TLS, and AUTH, a message goes over TLS, authenticated", arguments: [false, true])
    func secured(isImplicit: Bool) async throws {
        let folder = MailTools.certificates
        let server = try await sink(
            ["--tls", folder.appending(path: "good.pem").path, folder.appending(path: "good.key").path]
                + ["--auth", "robot", "p:w%"] + (isImplicit ? ["--implicit"] : []))
        let url = "\(isImplicit ? "smtps" : "smtp")://robot:p%3Aw%25@localhost:\(server.port)"
        let settings = try SMTPSettings(url: url, caFile: folder.appending(path: "ca.pem").path)
        let outcomes = try await send([sampleMessage(), sampleMessage(id: "2@shop.example")], settings)
        #expect(outcomes.allSatisfy(isAccepted), "\(outcomes)")
        let envelope = try ReadEnvelope(at: server.folder.appending(path: "2.json"))
        #expect(envelope.tls && envelope.authenticated && envelope.hello == "orderrelay")

        var wrong = settings
        wrong.password = "guess"
        let refused = try await send([sampleMessage()], wrong)
        guard case .configuration(_, let reply) = refused[0] else {
            Issue.record("\(refused)")
            return
        }
        #expect(reply?.code == 535)
        server.stop()
    }

    @Test("what Python's email package reads is what went in")
    func roundTrip() async throws {
        let names: [String?] = [
            nil, "Олена Коваль-Ґалаґан", "Doe, John \"JJ\" \\ (x)", "👩‍🚀 Зоряна", "=?utf-8?Q?evil?=", "مريم", "A.B",
            String(repeating: "Наддовге ім’я ", count: 8) + "кінець",
        ]
        let subjects = [
            "Замовлення № 1001 🌻 прийнято", "plain", "", "a=?b?=", " spaces around ",
            String(repeating: "їжак 🦔 ", count: 30),
            "long " + String(repeating: "ascii ", count: 40) + "end", "кома, крапка; «лапки»",
        ]
        let texts = [
            "", ".", ".\n..\n.dot\n", "без кінця рядка", String(repeating: "x", count: 5_000) + "\n", "a\r\nb\rc\n",
            "Дякуємо 🌻\n", "\n\nFrom here\n",
        ]
        var messages: [MailMessage] = []
        for (index, name) in names.enumerated() {
            var message = sampleMessage(id: "\(index)@shop.example")
            message.to.name = name
            message.from.name = name
            message.subject = subjects[index]
            message.text = texts[index]
            message.html = index % 2 == 0 ? "<p>\(texts[index])</p>\n" : nil
            messages.append(message)
        }
        let server = try await sink()
        let outcomes = try await send(messages, SMTPSettings(url: "smtp://127.0.0.1:\(server.port)?tls=never"))
        #expect(outcomes.allSatisfy(isAccepted), "\(outcomes)")
        for (given, read) in zip(messages, try await server.mails(1...messages.count)) {
            #expect(read.to.name == given.to.name ?? "" && read.to.address == given.to.address)
            #expect(read.from.name == given.from.name ?? "" && read.from.address == given.from.address)
            #expect(read.subject == given.subject)
            #expect(read.text == unixLines(given.text))
            #expect(read.html == given.html.map(unixLines))
            #expect(read.messageID == "<\(given.messageID)>" && read.date == "2025-11-24T16:00:00+00:00")
            #expect(read.autoSubmitted == "auto-generated" && read.mimeVersion == "1.0")
            #expect(read.type == (given.html == nil ? "text/plain" : "multipart/alternative"))
            #expect(read.defects == [] && read.bareEnds == 0 && read.longestLine <= 78 && read.isASCII, "\(read)")
        }
        server.stop()
    }

    /// Every line end as LF, as the reader gives them.
    private func unixLines(_ text: String) -> String {
        String(text.flatMap { $0 == "\r\n" || $0 == "\r" ? ["\n"] : [$0] })
    }

    @Test("exim4 takes the messages too, and its refusal is permanent", .enabled(if: MailTools.exim))
    func exim() async throws {
        let folder = MailTools.certificates
        let server = try await HelperServer.started("exim.sh", [folder.path, "\(FreePorts.take(1)[0])"])
        let settings = try SMTPSettings(
            url: "smtp://robot:secret@localhost:\(server.port)", caFile: folder.appending(path: "ca.pem").path)
        let messages = [
            sampleMessage(id: "1@shop.example"), sampleMessage(to: "olena@refused.example", id: "2@shop.example"),
            sampleMessage(id: "3@shop.example"),
        ]
        let outcomes = try await send(messages, settings)
        #expect(isAccepted(outcomes[0]) && isAccepted(outcomes[2]), "\(outcomes)")
        guard case .permanent(let reply) = outcomes[1] else {
            Issue.record("\(outcomes[1])")
            return
        }
        #expect(reply.code == 550)
        let inbox = server.folder.appending(path: "mail/new")
        try await eventually("both messages are in the mailbox") {
            (try? FileManager.default.contentsOfDirectory(atPath: inbox.path).count) == 2
        }
        let files = try FileManager.default.contentsOfDirectory(at: inbox, includingPropertiesForKeys: nil)
        let mails = try await ReadMail.reading(files)
        #expect(Set(mails.map(\.messageID)) == ["<1@shop.example>", "<3@shop.example>"])
        #expect(mails.allSatisfy { $0.subject == "Замовлення 🌻" && $0.to.name == "Олена" && $0.text == "Дякуємо!\n" })
        server.stop()
    }
}
