import Foundation
import Glibc
import HTTP
import Support
import Testing

/// `openssl s_server` with a certificate made for the test; nil if the program is missing.
private final class TLSServer: Sendable {
    let port: Int
    let folder: URL
    private let process = Process()

    static var isAvailable: Bool { access("/usr/bin/openssl", X_OK) == 0 }

    init(name: String) throws {
        folder = URL(fileURLWithPath: NSTemporaryDirectory()).appendingPathComponent("http-tls-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        port = FreePorts.take(1)[0]
        let make = Process()
        make.executableURL = URL(fileURLWithPath: "/usr/bin/openssl")
        make.currentDirectoryURL = folder
        make.arguments =
            "req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out certificate.pem -days 2 -subj /CN=test -addext"
            .split(separator: " ").map(String.init) + ["subjectAltName=\(name)"]
        make.standardError = FileHandle.nullDevice
        try make.run()
        make.waitUntilExit()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/openssl")
        process.currentDirectoryURL = folder
        process.arguments = [
            "s_server", "-accept", "127.0.0.1:\(port)", "-cert", "certificate.pem", "-key", "key.pem", "-www",
        ]
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        process.standardInput = FileHandle.nullDevice
        try process.run()
        waitUntilAccepted()
    }

    deinit {
        // Not SIGTERM: the child has inherited a mask, which on these threads holds it back.
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
        try? FileManager.default.removeItem(at: folder)
    }

    var certificate: String { folder.appendingPathComponent("certificate.pem").path }

    private func waitUntilAccepted() {
        for _ in 0..<500 {
            let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            defer { close(descriptor) }
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = UInt16(port).bigEndian
            inet_pton(AF_INET, "127.0.0.1", &address.sin_addr)
            let result = withUnsafePointer(to: address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
                }
            }
            if result == 0 { return }
            poll(nil, 0, 10)
        }
    }
}

@Suite("The client's trust", .enabled(if: TLSServer.isAvailable, "needs /usr/bin/openssl"), .timeLimit(.minutes(1)))
struct ClientTLSTests {
    private func failure(_ client: Client, _ url: String) async -> ClientError? {
        do {
            _ = try await client.send(ClientRequest(.post, url, body: [1]))
            return nil
        } catch {
            return error
        }
    }

    @Test("a certificate that nobody vouches for ends the request before it is sent")
    func untrusted() async throws {
        let server = try await onThread { Result { try TLSServer(name: "IP:127.0.0.1") } }.get()
        let error = try #require(await failure(Client(), "https://127.0.0.1:\(server.port)/"))
        #expect(error.code == .untrustedCertificate)
        #expect(!error.isOutcomeUnknown)
    }

    @Test("a certificate file given is trusted, for the names in it alone")
    func trusted() async throws {
        let server = try await onThread { Result { try TLSServer(name: "IP:127.0.0.1") } }.get()
        let client = Client(caFile: server.certificate)
        let answer = try await client.send(ClientRequest(.get, "https://127.0.0.1:\(server.port)/"))
        #expect(answer.status == 200)
        let error = try #require(await failure(client, "https://localhost:\(server.port)/"))
        #expect(error.code == .untrustedCertificate)
        #expect(!error.isOutcomeUnknown)
    }

    @Test("a server that does not speak TLS is no server")
    func noTLS() async throws {
        let server = ScriptedServer { connection, _ in connection.send("220 mail ready\r\n") }
        defer { server.close() }
        let error = try #require(await failure(Client(), "https://127.0.0.1:\(server.port)/"))
        #expect(error.code == .cannotConnect)
        #expect(!error.isOutcomeUnknown)
    }
}
