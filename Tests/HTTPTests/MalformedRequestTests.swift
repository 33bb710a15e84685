import Support
import Testing

@testable import HTTP

/// What a stranger may send, and which answers are right.
struct Malformed: Sendable, CustomTestStringConvertible {
    var name: String
    var bytes: String
    /// Any of these; nil stands for a closed connection without an answer.
    var statuses: [Int?]
    /// Whether the connection must end: where the next request begins is not certain.
    var mustClose = true
    var testDescription: String { name }

    init(_ name: String, _ bytes: String, _ statuses: Int?..., mustClose: Bool = true) {
        (self.name, self.bytes, self.statuses, self.mustClose) = (name, bytes, statuses, mustClose)
    }

    private static func get(_ fields: String, path: String = "/") -> String {
        "GET \(path) HTTP/1.1\r\nHost: t\r\n\(fields)\r\n"
    }

    private static func chunked(_ body: String) -> String {
        "POST / HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n\(body)"
    }

    private static func withFields(_ fields: String, body: String = "hello") -> String {
        "POST / HTTP/1.1\r\nHost: t\r\n\(fields)\r\n\(body)"
    }

    static let heads = [
        Malformed("a field of 100 KB", get("X: \(String(repeating: "x", count: 100_000))\r\n"), 431),
        Malformed("ten thousand fields", get(String(repeating: "X: y\r\n", count: 10_000)), 431),
        Malformed("a path of 100 KB", get("", path: "/" + String(repeating: "p", count: 100_000)), 414),
        Malformed("a method of 100 KB", String(repeating: "M", count: 100_000) + " / HTTP/1.1\r\n\r\n", 414, 431, nil),
        Malformed("no Host", "GET / HTTP/1.1\r\n\r\n", 400),
        Malformed("two Hosts", get("Host: u\r\n"), 400),
        Malformed("a field without a colon", get("nonsense\r\n"), 400),
        Malformed("a space before the colon", get("Content-Length : 5\r\n"), 400),
        Malformed("a name with a character that names must not have", get("X(Y): z\r\n"), 400),
        Malformed("a field without a name", get(": z\r\n"), 400, 200, mustClose: false),
        Malformed("a control character in a value", get("X: a\u{1}b\r\n"), 400),
        Malformed("an escape sequence in a value", get("X: \u{1B}[2J\r\n"), 400),
        Malformed("a lone carriage return in a value", get("X: a\rb\r\n"), 400),
        Malformed("a zero byte in the method", "GE\0T / HTTP/1.1\r\nHost: t\r\n\r\n", 400, 200, nil, mustClose: false),
        Malformed("a zero byte in the path", get("", path: "/a\0b"), 400, 200, nil, mustClose: false),
        Malformed("a zero byte in a value", get("X: a\0b\r\n"), 400, 200, mustClose: false),
        Malformed("a zero byte in a name", get("X\0Y: b\r\n"), 400, nil),
        Malformed("a folded field", get("X: a\r\n b\r\n"), 200, 400, mustClose: false),
        Malformed("a fold as the first field", "GET / HTTP/1.1\r\n Host: t\r\n\r\n", 400),
        Malformed("HTTP/2 by prior knowledge", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505, 400, nil),
        Malformed("an invalid version", "GET / HTTP/9\r\nHost: t\r\n\r\n", 505, 400, nil),
        Malformed("a version of another protocol", "GET / ICY/1.1\r\nHost: t\r\n\r\n", 505, 400, nil),
        Malformed("no version", "GET /\r\n\r\n", 505, 400, nil),
        Malformed("no path", "GET\r\n\r\n", 505, 400, nil),
        Malformed("a target that is no path", get("", path: "orders"), 400),
        Malformed("a space in the path", get("", path: "/a b"), 400, nil),
        Malformed("a bad percent sign in the query", get("", path: "/?a=%zz"), 400),
        Malformed("a percent sign at the query's end", get("", path: "/?a=%"), 400),
        Malformed("bytes in the query that are not UTF-8", get("", path: "/?a=%ff"), 400),
        Malformed("an expectation nobody knows", get("Expect: miracles\r\n"), 417),
        Malformed("a TLS hello", "\u{16}\u{3}\u{1}\u{0}\u{A5}\u{1}\u{0}\u{0}\u{A1}\u{3}\u{3}\r\n\r\n", 400, 505, nil),
        Malformed("an SMTP greeting", "EHLO relay\r\nMAIL FROM:<a@b>\r\n\r\n", 400, 505, nil),
        Malformed("nothing but line ends, then a request", "\r\n\r\n\r\n" + get("Connection: close\r\n"), 200),
    ]

    static let bodies = [
        Malformed("Content-Length twice, the same", withFields("Content-Length: 5\r\nContent-Length: 5\r\n"), 400),
        Malformed("Content-Length twice, different", withFields("Content-Length: 5\r\nContent-Length: 6\r\n"), 400),
        Malformed("Content-Length as a list", withFields("Content-Length: 5, 5\r\n"), 400),
        Malformed("a negative Content-Length", withFields("Content-Length: -5\r\n"), 400),
        Malformed("a Content-Length with a plus", withFields("Content-Length: +5\r\n"), 400),
        Malformed("a hexadecimal Content-Length", withFields("Content-Length: 0x5\r\n"), 400),
        Malformed("an empty Content-Length", withFields("Content-Length: \r\n"), 400),
        Malformed("a huge Content-Length", withFields("Content-Length: 9223372036854775807\r\n"), 413),
        Malformed("a Content-Length beyond 64 bits", withFields("Content-Length: 99999999999999999999999\r\n"), 413),
        Malformed(
            "Content-Length beside chunked",
            withFields(
                "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", body: "5\r\nhello\r\n0\r\n\r\n"), 400),
        Malformed(
            "chunked beside Content-Length",
            withFields(
                "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", body: "0\r\n\r\n"), 400),
        Malformed("a transfer coding of another kind", withFields("Transfer-Encoding: gzip\r\n"), 501),
        Malformed("chunked twice", withFields("Transfer-Encoding: chunked, chunked\r\n"), 501),
        Malformed(
            "two Transfer-Encodings",
            withFields(
                "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n"), 501),
        Malformed("chunked with a byte in front", withFields("Transfer-Encoding: \u{B}chunked\r\n"), 400, 501),
        Malformed("a chunk size that is no number", chunked("xyz\r\nhello\r\n0\r\n\r\n"), 400),
        Malformed("a negative chunk size", chunked("-5\r\nhello\r\n0\r\n\r\n"), 400),
        Malformed("an empty chunk size", chunked("\r\nhello\r\n0\r\n\r\n"), 400),
        Malformed("a chunk size beyond 64 bits", chunked("fffffffffffffffff\r\nhello\r\n0\r\n\r\n"), 413, 400),
        Malformed("a chunk longer than its size", chunked("3\r\nhello\r\n0\r\n\r\n"), 400),
        Malformed("a huge chunk announced", chunked("7fffffffffffffff\r\nhello"), 408, 413, nil),
        Malformed(
            "a chunk extension without end", chunked("5;" + String(repeating: "x", count: 100_000)), 400, 408, 413, 431,
            nil),
        Malformed(
            "a trailer without end", chunked("0\r\nX: " + String(repeating: "x", count: 100_000)), 400, 408, 413, 431,
            nil),
    ]

    static let sound = [
        Malformed("HTTP/1.0 without Host", "POST / HTTP/1.0\r\nContent-Length: 2\r\n\r\nok", 200),
        Malformed(
            "a chunked body with extension and trailer",
            withFields(
                "Connection: close\r\nTransfer-Encoding: chunked\r\n",
                body: "2;a=b\r\nok\r\n0\r\nX-Trailer: 1\r\n\r\n"), 200),
        Malformed(
            "Transfer-Encoding in capitals",
            withFields(
                "Connection: close\r\nTRANSFER-ENCODING: CHUNKED\r\n", body: "2\r\nok\r\n0\r\n\r\n"), 200),
        Malformed("the absolute form", get("Connection: close\r\n", path: "http://t/p?q=1"), 200),
        Malformed("bare line feeds", "POST / HTTP/1.1\nHost: t\nConnection: close\nContent-Length: 2\n\nok", 200),
        Malformed("an asterisk", "OPTIONS * HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n", 200),
        Malformed("dots and percent signs in the path", get("Connection: close\r\n", path: "/../%zz/./x"), 200),
    ]
}

@Suite("Malformed requests", .timeLimit(.minutes(1)))
struct MalformedRequestTests {
    private func check(_ malformed: Malformed) async throws {
        let server = try serve { $0.bodyDeadline = .milliseconds(300) }
        let (received, neighbour) = await onThread {
            let connection = RawConnection(port: server.port)
            let neighbour = RawConnection(port: server.port)
            connection.send(malformed.bytes)
            neighbour.send(post("still here"))
            let answer = neighbour.receiveAnswer()
            return (malformed.mustClose ? connection.receive() : connection.receiveAnswer(), answer)
        }
        #expect(malformed.statuses.contains(received.status), "\(received.text.prefix(200))")
        if malformed.mustClose { #expect(received.end == .closed) }
        #expect(neighbour.body == "still here")
        // And the server is as it was.
        let after = await onThread {
            let connection = RawConnection(port: server.port)
            connection.send(post("after"))
            return connection.receiveAnswer()
        }
        #expect(after.body == "after")
    }

    @Test("a malformed head is refused or its connection closed", arguments: Malformed.heads)
    func heads(_ malformed: Malformed) async throws { try await check(malformed) }

    @Test("a body whose length is uncertain is refused, and the connection closed", arguments: Malformed.bodies)
    func bodies(_ malformed: Malformed) async throws { try await check(malformed) }

    @Test("what is unusual but sound is answered", arguments: Malformed.sound)
    func sound(_ request: Malformed) async throws { try await check(request) }

    @Test("pipelined requests are answered in their order")
    func pipelined() async throws {
        let server = try serve(
            Program(answer: { request in
                if request.head.path == "/2" { await Task.yield() }
                return Response(status: 200, body: Array(request.head.path.utf8))
            }))
        let received = await onThread {
            let connection = RawConnection(port: server.port)
            connection.send(
                post("a", path: "/1") + post("b", path: "/2")
                    + "GET /3 HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n")
            return connection.receive()
        }
        let places = ["/1", "/2", "/3"].map { received.text.range(of: "\r\n\r\n\($0)") }
        #expect(places.allSatisfy { $0 != nil })
        #expect(places.compactMap { $0 } == places.compactMap { $0 }.sorted())
    }

    @Test("a smuggled request behind an ambiguous one is never answered")
    func smuggled() async throws {
        let server = try serve(
            Program(answer: { request in
                Response(status: 200, body: Array("seen \(request.head.path)".utf8))
            }))
        let received = await onThread {
            let connection = RawConnection(port: server.port)
            connection.send(
                "POST / HTTP/1.1\r\nHost: t\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
                    + "GET /smuggled HTTP/1.1\r\nHost: t\r\n\r\n")
            return connection.receive()
        }
        #expect(received.status == 400)
        #expect(!received.text.contains("seen"))
    }

    @Test("connections cut at any byte of a request leave nothing behind")
    func cutAnywhere() async throws {
        let server = try serve()
        let whole = Array(post("body", fields: "X: y\r\n").utf8)
        let answer = await onThread {
            for count in 0..<whole.count {
                let connection = RawConnection(port: server.port)
                connection.send(Array(whole[..<count]))
            }
            let connection = RawConnection(port: server.port)
            connection.send(whole)
            return connection.receiveAnswer()
        }
        #expect(answer.body == "body")
    }
}
