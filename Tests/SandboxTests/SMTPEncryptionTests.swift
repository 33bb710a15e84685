import Foundation
import Glibc
import Mail
import TLS
import Telemetry
import Testing

@testable import Sandbox

/// A certificate for `localhost`, made for the test by openssl.
private struct MadeCertificate {
    static var isAvailable: Bool { access("/usr/bin/openssl", X_OK) == 0 }
    let folder = FileManager.default.temporaryDirectory.appending(path: "sandbox-tls-\(UUID().uuidString)")

    init() throws {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let make = Process()
        make.executableURL = URL(filePath: "/usr/bin/openssl")
        make.currentDirectoryURL = folder
        make.arguments =
            "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout key.pem -out certificate.pem -days 2"
            .split(separator: " ").map(String.init)
            + ["-subj", "/CN=sandbox", "-addext", "subjectAltName=DNS:localhost"]
        make.standardError = FileHandle.nullDevice
        try make.run()
        make.waitUntilExit()
    }

    func text(_ name: String) throws -> String { try String(contentsOf: folder.appending(path: name), encoding: .utf8) }
    func identity() throws -> TLSIdentity {
        try TLSIdentity(certificate: text("certificate.pem"), key: text("key.pem"))
    }
    func remove() { try? FileManager.default.removeItem(at: folder) }
}

@Suite(
    "The sandbox's mail server with TLS", .enabled(if: MadeCertificate.isAvailable, "needs /usr/bin/openssl"),
    .timeLimit(.minutes(1)))
struct SMTPEncryptionTests {
    private func said(_ steps: [Step]) -> [String] {
        steps.flatMap { step -> [String] in
            switch step {
            case .send(let bytes): String(decoding: bytes, as: UTF8.self).split(separator: "\r\n").map(String.init)
            case .startTLS: ["(TLS)"]
            default: ["(\(step))"]
            }
        }
    }

    @Test("our own client sends with its password within TLS, and trusts no other certificate")
    func confirmed() async throws {
        let made = try MadeCertificate()
        defer { made.remove() }
        let other = try MadeCertificate()
        defer { other.remove() }
        var settings = SandboxSettings()
        settings.smtpPassword = "s3cret"
        settings.smtpIdentity = try made.identity()
        let process = SandboxProcess(settings, log: Log(process: "test", write: { _ in }))
        try await process.start()
        func outcome(password: String, trusting certificate: MadeCertificate, text: String = "Hi\n") async throws
            -> SMTPOutcome
        {
            let client = SMTPClient(
                try SMTPSettings(
                    url: "smtp://shop@localhost:\(process.smtpPort!)", password: password,
                    caFile: certificate.folder.appending(path: "certificate.pem").path))
            let outcome = try await client.send(
                MailMessage(
                    from: MailAddress(address: "shop@example.com"), to: MailAddress(address: "a@example.com"),
                    subject: "Hi", text: text, html: "<b>Hi</b>", messageID: "\(UUID().uuidString)@shop.example",
                    date: 0))
            await client.close(timeout: .seconds(1))
            return outcome
        }
        // Longer than one TLS record, so that a message comes in parts.
        let long = String(repeating: "Order 1490.00 UAH\n", count: 20_000)
        for text in ["Hi\n", long] {
            guard case .accepted = try await outcome(password: "s3cret", trusting: made, text: text) else {
                Issue.record("a message of \(text.utf8.count) bytes was not accepted")
                return
            }
        }
        #expect(process.mailbox.count == 2)
        #expect(process.mailbox.message(2).map { MIMEMessage($0.bytes).text == long } == true)
        let wrong = try await outcome(password: "guess", trusting: made)
        let untrusted = try await outcome(password: "s3cret", trusting: other)
        for refused in [wrong, untrusted] {
            if case .accepted = refused { Issue.record("accepted: \(refused)") }
        }
        #expect(process.mailbox.count == 2)
        await process.stop(by: .now + .seconds(1))
    }

    @Test("nothing is taken in the clear where TLS is required, and within it nothing said before counts")
    func required() throws {
        let made = try MadeCertificate()
        defer { made.remove() }
        var conversation = SMTPConversation(
            mailbox: Mailbox(), faults: SMTPFaults(), password: nil, identity: try made.identity())
        func talk(_ text: String) -> [String] { said(conversation.received(Array(text.utf8)[...])) }
        #expect(talk("EHLO me\r\n").last == "250 STARTTLS")
        #expect(talk("MAIL FROM:<a@b>\r\n") == ["530 5.7.0 STARTTLS first"])
        #expect(talk("AUTH PLAIN AHVzZXIAc2VjcmV0\r\n") == ["538 5.7.11 STARTTLS first"])
        #expect(talk("STARTTLS now\r\n") == ["501 5.5.4 STARTTLS stands alone"])
        // What a stranger wrote behind it in the clear must not be read as if it had come within TLS.
        #expect(talk("STARTTLS\r\nRSET\r\nMAIL FROM:<evil@x>\r\nNO") == ["220 2.0.0 go ahead", "(TLS)"])
        #expect(talk("MAIL FROM:<a@b>\r\n") == ["503 5.5.1 EHLO first"])
        #expect(talk("EHLO me\r\n").last == "250 AUTH PLAIN LOGIN")
        #expect(talk("STARTTLS\r\n") == ["502 5.5.1 no TLS here"])
        #expect(talk("MAIL FROM:<a@b>\r\n") == ["250 2.1.0 ok"])
    }

    @Test("who answers STARTTLS with something else than TLS is let go, and the server serves the next")
    func garbage() async throws {
        let made = try MadeCertificate()
        defer { made.remove() }
        var settings = SandboxSettings()
        settings.smtpIdentity = try made.identity()
        let process = SandboxProcess(settings, log: Log(process: "test", write: { _ in }))
        try await process.start()
        for nonsense in ["MAIL FROM:<a@b>\r\n", String(repeating: "\u{16}\u{3}\u{1}", count: 30_000)] {
            let rest = try talkInTheClear(port: process.smtpPort!, ["EHLO me\r\n", "STARTTLS\r\n", nonsense])
            #expect(rest.contains("220 2.0.0 go ahead"))
            #expect(!rest.contains("250 2.1.0"))
        }
        #expect(process.mailbox.count == 0)
        #expect(try talkInTheClear(port: process.smtpPort!, ["QUIT\r\n"]).contains("221"))
        await process.stop(by: .now + .seconds(1))
    }

    @Test("a key of another certificate, and texts that are neither, are refused with what is wrong")
    func identities() throws {
        let (one, other) = (try MadeCertificate(), try MadeCertificate())
        defer {
            one.remove()
            other.remove()
        }
        let (certificate, key) = (try one.text("certificate.pem"), try other.text("key.pem"))
        for (certificate, key) in [(certificate, key), ("nothing", key), (certificate, "nothing"), (certificate, "")] {
            let error = #expect(throws: TLSError.self) { try TLSIdentity(certificate: certificate, key: key) }
            #expect(error?.message.isEmpty == false)
        }
    }

    /// Says one line after the other, each once the one before was answered, and gives all that came until the end.
    private func talkInTheClear(port: Int, _ lines: [String]) throws -> String {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        inet_pton(AF_INET, "127.0.0.1", &address.sin_addr)
        let isConnected = withUnsafePointer(to: address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
        try #require(isConnected)
        var all: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        for line in [""] + lines {
            _ = Array(line.utf8).withUnsafeBytes { send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            let count = recv(descriptor, &buffer, buffer.count, 0)
            if count > 0 { all += buffer[..<count] }
        }
        while true {
            let count = recv(descriptor, &buffer, buffer.count, 0)
            guard count > 0 else { return String(decoding: all, as: UTF8.self) }
            all += buffer[..<count]
        }
    }
}
