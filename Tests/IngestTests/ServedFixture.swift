import Access
import Glibc
import HTTP
import Support
import Testing

@testable import Ingest

/// The fixture's application behind a real server, and a client that is a socket: nothing of ours reads or writes on
/// the caller's side.
struct ServedFixture {
    let shop: Fixture
    let server: Server
    private let host = "127.0.0.1"

    init() async throws {
        shop = try await Fixture()
        server = try Server(ServerSettings(listen: "127.0.0.1:0"), application: shop.application)
    }

    func stop() async { await server.stop(timeout: .seconds(2)) }

    /// What came back.
    struct Answer {
        var status: Int
        var text: String
    }

    /// Sends the head's lines and the body as they are, and reads until the server closes the connection.
    func send(_ start: String, _ lines: [String], _ body: [UInt8] = []) async throws -> Answer {
        let head = ([start, "Host: \(host)", "Connection: close", "Content-Length: \(body.count)"] + lines)
            .joined(separator: "\r\n")
        let bytes = Array((head + "\r\n\r\n").utf8) + body
        let port = server.port
        let answer = await onThread { exchange(bytes, port: port) }
        let text = String(decoding: answer, as: UTF8.self)
        let status = text.split(separator: " ", maxSplits: 2).dropFirst().first.flatMap { Int($0) }
        return Answer(status: try #require(status, "no answer: \(text)"), text: text)
    }

    /// `POST /validate` with a good token.
    func validate(_ body: [UInt8]) async throws -> Answer {
        try await send(
            "POST /api/v2/validate HTTP/1.1",
            ["Authorization: Bearer \(shop.token.text)", "Content-Type: application/json"], body)
    }
}

private func exchange(_ bytes: [UInt8], port: Int) -> [UInt8] {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(descriptor) }
    var timeout = timeval(tv_sec: 10, tv_usec: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = UInt16(port).bigEndian
    inet_pton(AF_INET, "127.0.0.1", &address.sin_addr)
    let isConnected = withUnsafePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
        }
    }
    guard isConnected else { return [] }
    var sent = 0
    while sent < bytes.count {
        let count = bytes[sent...].withUnsafeBytes {
            Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
        }
        guard count > 0 else { break }
        sent += count
    }
    var answer: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 4096)
    while case let count = recv(descriptor, &chunk, chunk.count, 0), count > 0 { answer += chunk[..<count] }
    return answer
}
