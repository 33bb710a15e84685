import Foundation
import HTTP
import Support
import Testing

/// `orderrelay sandbox` as a process of its own.
@Suite struct SandboxProgramTests {
    private let free = [
        "SANDBOX_SMTP_LISTEN": "127.0.0.1:0", "SANDBOX_HTTP_LISTEN": "127.0.0.1:0", "ADMIN_LISTEN": "127.0.0.1:0",
    ]

    private func withFolder(_ body: (URL) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("sandbox-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try await body(folder)
    }

    /// The ports in the program's log once it serves.
    private func ports(_ program: Program) async throws -> (smtp: Int, http: Int) {
        let deadline = ContinuousClock.now + .seconds(20)
        while ContinuousClock.now < deadline {
            if let match = program.errors.firstMatch(of: /"http":"(\d+)","smtp":"(\d+)"/) {
                return (Int(match.2)!, Int(match.1)!)
            }
            try await Task.sleep(for: .milliseconds(20))
        }
        throw Failed("the sandbox did not start: \(program.errors)")
    }

    private struct Failed: Error, CustomStringConvertible {
        let description: String
        init(_ description: String) { self.description = description }
    }

    @Test("SIGTERM ends it within ten seconds with status 0, also while a caller hangs")
    func stops() async throws {
        try await withFolder { folder in
            let program = try Program(["sandbox"], environment: free, in: folder)
            let ports = try await ports(program)
            let client = Client()
            let hanging = Task {
                try await client.send(
                    ClientRequest(
                        .get, "http://127.0.0.1:\(ports.http)/crm/v3/pipelines/deals",
                        fields: ["Authorization": "Bearer x", "X-Sandbox-Fault": "hang"]))
            }
            let alive = try await client.send(ClientRequest(.get, "http://127.0.0.1:\(ports.http)/mailbox.json"))
            #expect(alive.status == 200)
            let began = ContinuousClock.now
            #expect(await program.stop() == 0)
            #expect(ContinuousClock.now - began < .seconds(10))
            await #expect(throws: ClientError.self) { _ = try await hanging.value }
            client.close()
        }
    }

    @Test("a port that is taken is one clear line, and status 1")
    func taken() async throws {
        try await withFolder { folder in
            let first = try Program(["sandbox"], environment: free, in: folder)
            let ports = try await ports(first)
            let second = try Program(
                ["sandbox"], environment: free.merging(["SANDBOX_SMTP_LISTEN": "127.0.0.1:\(ports.smtp)"]) { $1 },
                in: folder)
            #expect(await second.status() == 1)
            #expect(second.errors.contains("cannot listen on 127.0.0.1:\(ports.smtp): Address already in use"))
            #expect(await first.stop() == 0)
        }
    }

    @Test("a misspelled setting ends the start with a suggestion, and status 2")
    func misspelled() async throws {
        try await withFolder { folder in
            let program = try Program(
                ["sandbox"], environment: free.merging(["SANDBOX_SMTP_LISTN": "x"]) { $1 }, in: folder)
            #expect(await program.status() == 2)
            #expect(program.errors.contains("unknown setting SANDBOX_SMTP_LISTN; did you mean SANDBOX_SMTP_LISTEN?"))
        }
    }

    @Test("messages that Python writes, in all its encodings, are shown as they were meant")
    func python() async throws {
        guard FileManager.default.isExecutableFile(atPath: "/usr/bin/python3") else {
            print("SKIPPED: there is no python3; the mailbox is not judged by its messages")
            return
        }
        try await withFolder { folder in
            let program = try Program(["sandbox"], environment: free, in: folder)
            let ports = try await ports(program)
            let script = folder.appendingPathComponent("messages.py")
            try Data(Self.script.utf8).write(to: script)
            let python = Process()
            python.executableURL = URL(fileURLWithPath: "/usr/bin/python3")
            python.arguments = [script.path, "\(ports.smtp)", "\(ports.http)"]
            let pipe = Pipe()
            python.standardOutput = pipe
            python.standardError = pipe
            try python.run()
            let output = String(decoding: try pipe.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
            python.waitUntilExit()
            #expect(python.terminationStatus == 0, "\(output)")
            #expect(output.hasSuffix("24 messages\n"), "\(output)")
            #expect(await program.stop() == 0)
        }
    }

    private static let script = #"""
        import json, smtplib, sys, urllib.request
        from email.message import EmailMessage
        from email.headerregistry import Address
        smtp, http = int(sys.argv[1]), sys.argv[2]
        texts = ["Дякуємо за замовлення! \U0001F600\n.\n..\nкінець\n", "plain = ascii\n.leading dot\n", "довгий " * 400 + "\n"]
        sent = []
        with smtplib.SMTP("127.0.0.1", smtp) as server:
            for text in texts:
                for cte in ["base64", "quoted-printable", "8bit", None]:
                    for html in [None, "<p>Ціна: 1 499,50 ₴ &amp; більше</p>\n" * 5]:
                        if cte == "8bit" and len(text) > 990: cte = "base64"
                        message = EmailMessage()
                        message["From"] = Address("Крамниця «Ї»", "shop", "example.com")
                        message["To"] = Address("Ганна-Марія " * 6 + "О", "hanna", "example.com")
                        message["Subject"] = "Замовлення прийнято " * 8 + str(len(sent))
                        message.set_content(text, cte=cte)
                        if html: message.add_alternative(html, subtype="html", cte=cte)
                        server.send_message(message)
                        sent.append((message["Subject"], text, html))
        shown = json.load(urllib.request.urlopen(f"http://127.0.0.1:{http}/mailbox.json?limit=1000"))["messages"][::-1]
        assert len(shown) == len(sent), (len(shown), len(sent))
        for (subject, text, html), message in zip(sent, shown):
            assert message["subject"] == subject, (message["subject"], subject)
            assert message["text"] == text, (message["text"], text)
            assert message["html"] == html, (message["html"], html)
            assert "Ганна-Марія" in message["to"] and message["to"].endswith("<hanna@example.com>"), message["to"]
            assert message["recipients"] == ["hanna@example.com"]
        print(len(sent), "messages")
        """#
}
