import HTTP
import Testing

@Suite("The client, and servers that misbehave", .timeLimit(.minutes(1)))
struct ClientTests {
    private func failure(_ client: Client = Client(), _ request: ClientRequest) async throws -> ClientError {
        do {
            let answer = try await client.send(request)
            throw Unexpected(answer: answer.status)
        } catch let error as ClientError {
            return error
        }
    }

    struct Unexpected: Error { var answer: Int }

    private func post(_ url: String, timeout: Duration = .seconds(10)) -> ClientRequest {
        ClientRequest(.post, url, fields: ["Content-Type": "text/plain"], body: Array("order".utf8), timeout: timeout)
    }

    @Test(
        "a kept connection that is closed under a POST makes its outcome unknown, and nothing is sent again",
        arguments: [
            "order", "",
        ])
    func closedUnderPost(_ body: String) async throws {
        // Answers what only reads, on a kept connection; closes under anything else.
        let server = ScriptedServer { connection, _ in
            while let request = connection.readRequest(), request.hasPrefix("GET") {
                connection.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
            }
        }
        defer { server.close() }
        let client = Client()
        _ = try await client.send(ClientRequest(.get, server.url))
        let error = try await failure(
            client, ClientRequest(.post, server.url, body: Array(body.utf8), timeout: .seconds(5)))
        let posts = server.requests.filter { $0.hasPrefix("POST") }
        #expect(posts.count == 1)
        #expect(error.isOutcomeUnknown)
        #expect(error.code == .closed)
    }

    @Test("a plain server that leaves a request without an answer keeps no other one waiting")
    func hangingBesideOthers() async throws {
        let server = ScriptedServer { connection, _ in
            guard let request = connection.readRequest() else { return }
            if request.hasPrefix("GET /hang") { return connection.waitForEnd() }
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        }
        defer { server.close() }
        let client = Client()
        // Begun at once, so that the library has most of them before there is any connection.
        let statuses = try await withThrowingTaskGroup(of: Int?.self) { group in
            for number in 0..<40 {
                let path = number.isMultiple(of: 4) ? "hang" : "answered"
                group.addTask {
                    do {
                        return try await client.send(
                            ClientRequest(.get, server.url + path, timeout: .seconds(4))
                        ).status
                    } catch let error as ClientError where error.code == .timedOut { return nil }
                }
            }
            return try await group.reduce(into: [Int?]()) { $0.append($1) }
        }
        #expect(statuses.filter { $0 == 200 }.count == 30)
        #expect(statuses.filter { $0 == nil }.count == 10)
    }

    @Test(
        "a server that never answers: the time runs out, and only a request that acts has an unknown outcome",
        arguments: [
            (Method.post, true), (.put, true), (.delete, true), (.get, false), (.head, false),
        ])
    func hanging(_ method: Method, _ isUnknown: Bool) async throws {
        let server = ScriptedServer { connection, _ in
            connection.readRequest()
            connection.waitForEnd()
        }
        defer { server.close() }
        let body = isUnknown ? [UInt8]("x".utf8) : []
        let error = try await failure(request(method, server.url, body))
        #expect(error.code == .timedOut)
        #expect(error.isOutcomeUnknown == isUnknown)
    }

    private func request(_ method: Method, _ url: String, _ body: [UInt8]) -> ClientRequest {
        ClientRequest(method, url, body: body, timeout: .milliseconds(300))
    }

    private func failure(_ request: ClientRequest) async throws -> ClientError { try await failure(Client(), request) }

    @Test("nobody listening: nothing was sent")
    func nobodyListening() async throws {
        let server = ScriptedServer { _, _ in }
        server.close()
        let error = try await failure(post(server.url))
        #expect(error.code == .cannotConnect)
        #expect(!error.isOutcomeUnknown)
    }

    @Test("a name that does not exist: nothing was sent")
    func unknownName() async throws {
        let error = try await failure(post("http://nowhere.invalid/"))
        #expect(error.code == .cannotResolve)
        #expect(!error.isOutcomeUnknown)
        #expect(error.message.contains("nowhere.invalid"))
    }

    @Test("half an answer is an error, and the outcome is unknown")
    func halfAnswer() async throws {
        let server = ScriptedServer { connection, _ in
            connection.readRequest()
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")
        }
        defer { server.close() }
        let error = try await failure(post(server.url))
        #expect(error.code == .closed)
        #expect(error.isOutcomeUnknown)
    }

    @Test("an answer of 100 MB ends at the cap")
    func hugeAnswer() async throws {
        let server = ScriptedServer { connection, _ in
            connection.readRequest()
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: 104857600\r\n\r\n")
            let piece = [UInt8](repeating: 0x20, count: 65_536)
            for _ in 0..<1600 { guard connection.send(piece) else { return } }
        }
        defer { server.close() }
        let error = try await failure(post(server.url))
        #expect(error.code == .answerTooLarge)
        #expect(error.isOutcomeUnknown)
    }

    @Test("a small answer that unpacks to 10 MB ends at the cap, and one within it is unpacked")
    func bomb() async throws {
        let server = ScriptedServer { connection, _ in
            while let request = connection.readRequest() {
                let packed = GzipOfZeros.bytes(repeats: request.hasPrefix("POST /small") ? 100 : 40_000)
                connection.send("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: \(packed.count)\r\n\r\n")
                connection.send(packed)
            }
        }
        defer { server.close() }
        let client = Client()
        let answer = try await client.send(post(server.url + "small"))
        #expect(answer.body.count == 1 + 100 * 258)
        #expect(try await failure(client, post(server.url)).code == .answerTooLarge)
    }

    @Test("an answer's head without end ends at the cap")
    func endlessHead() async throws {
        let server = ScriptedServer { connection, _ in
            connection.readRequest()
            connection.send("HTTP/1.1 200 OK\r\n")
            for _ in 0..<100_000 { guard connection.send("X-Filler: 0123456789\r\n") else { return } }
        }
        defer { server.close() }
        #expect(try await failure(post(server.url)).code == .answerTooLarge)
    }

    @Test("a redirect is an answer, and not followed")
    func redirect() async throws {
        let server = ScriptedServer { connection, _ in
            while connection.readRequest() != nil {
                connection.send("HTTP/1.1 307 Temporary Redirect\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n")
            }
        }
        defer { server.close() }
        let answer = try await Client().send(post(server.url))
        #expect(answer.status == 307)
        #expect(answer.fields["location"] == "/elsewhere")
        #expect(server.requests.count == 1)
    }

    @Test("an interim answer's fields are not the answer's")
    func interim() async throws {
        let server = ScriptedServer { connection, _ in
            connection.readRequest()
            connection.send(
                "HTTP/1.1 103 Early Hints\r\nX-Early: 1\r\n\r\nHTTP/1.1 200 OK\r\nX-Late:  2 \r\nContent-Length: 0\r\n\r\n"
            )
        }
        defer { server.close() }
        let answer = try await Client().send(post(server.url))
        #expect(answer.status == 200)
        #expect(answer.fields["X-Early"] == nil)
        #expect(answer.fields["X-Late"] == "2")
    }

    @Test("a field keeps its value whole: no control character comes through, and no invalid name")
    func foreignFields() async throws {
        let server = ScriptedServer { connection, _ in
            connection.readRequest()
            connection.send(
                "HTTP/1.1 200 OK\r\nX-Torn: a\rX-Evil: 1\r\nX-Bell: \u{7}\u{7F}b\r\nX-Mark:\u{301}c\r\nX Y: d\r\nX-Empty: \r\n"
                    + "Content-Length: 0\r\n\r\n")
        }
        defer { server.close() }
        let answer = try await Client().send(post(server.url))
        #expect(answer.fields["X-Torn"] == "a X-Evil: 1")
        #expect(answer.fields["X-Evil"] == nil)
        #expect(answer.fields["X-Bell"] == "  b")
        #expect(answer.fields["X-Mark"] == "\u{301}c")
        #expect(answer.fields["X Y"] == nil)
        #expect(answer.fields["X-Empty"] == "")
    }

    @Test(
        "Retry-After is seconds, whatever it came as, and clipped",
        arguments: [
            ("120", "120"), ("0", "0"), ("99999999", "86400"), ("99999999999999999999", "86400"),
            ("Fri, 01 Jan 2100 00:00:00 GMT", "86400"), ("Wed, 01 Jan 2020 00:00:00 GMT", "0"), ("soon", nil),
            ("-5", nil),
        ] as [(String, String?)])
    func retryAfter(_ text: String, _ seconds: String?) async throws {
        let server = ScriptedServer { connection, _ in
            connection.readRequest()
            connection.send("HTTP/1.1 429 Too Many Requests\r\nRetry-After: \(text)\r\nContent-Length: 0\r\n\r\n")
        }
        defer { server.close() }
        let answer = try await Client().send(post(server.url))
        #expect(answer.fields["Retry-After"] == seconds)
        #expect(answer.retryAfter == seconds.flatMap { Int($0) }.map { .seconds($0) })
    }

    @Test(
        "what would begin another field, and invalid addresses, are refused unsent",
        arguments: [
            ClientRequest(.get, "http://h/", fields: ["X": "a\r\nEvil: 1"]),
            ClientRequest(.get, "http://h/", fields: ["X": "a\nb"]),
            ClientRequest(.get, "http://h/", fields: ["X": "a\0b"]),
            ClientRequest(.get, "http://h/", fields: ["X: y\r\nZ": "a"]),
            ClientRequest(.get, "http://h/", fields: ["": "a"]),
            ClientRequest(.other("GET / HTTP/1.1\r\nX:"), "http://h/"),
            ClientRequest(.get, "http://h/\r\nX: y"),
            ClientRequest(.get, "http://h/a b"),
            ClientRequest(.get, "file:///etc/passwd"),
            ClientRequest(.get, "gopher://h/"),
            ClientRequest(.get, "h/path"),
            ClientRequest(.get, "http://"),
            ClientRequest(.get, ""),
        ])
    func invalid(_ request: ClientRequest) async throws {
        let error = try await failure(request)
        #expect(error.code == .invalidRequest)
        #expect(!error.isOutcomeUnknown)
    }

    @Test("messages name the host, and nothing else of the address")
    func discreet() async throws {
        let server = ScriptedServer { _, _ in }
        server.close()
        let error = try await failure(post("http://user:secret@127.0.0.1:\(server.port)/bot-token?key=secret"))
        #expect(error.message.contains("127.0.0.1:\(server.port)"))
        #expect(!error.message.contains("secret"))
        #expect(!error.message.contains("token"))
    }

    @Test("cancelling the task ends the transfer, whose outcome is unknown")
    func cancelled() async throws {
        let gate = Gate()
        gate.open()
        let server = ScriptedServer { connection, _ in
            connection.readRequest()
            Task { await gate.wait() }
            connection.waitForEnd()
            Task { await gate.wait() }
        }
        defer { server.close() }
        let request = post(server.url)
        let task = Task { try await failure(request) }
        await gate.reached(by: 1)
        task.cancel()
        let error = try await task.value
        #expect(error.code == .closed)
        #expect(error.isOutcomeUnknown)
        // The server sees the connection close.
        await gate.reached(by: 1)
    }

    @Test("a request beyond the most at once waits for its turn, and its time counts")
    func waitsForItsTurn() async throws {
        let gate = Gate()
        gate.open()
        let server = ScriptedServer { connection, number in
            connection.readRequest()
            Task { await gate.wait() }
            connection.waitForEnd()
        }
        defer { server.close() }
        let client = Client(connectionsMaximum: 1)
        let first = post(server.url, timeout: .seconds(2))
        async let one = failure(client, first)
        await gate.reached(by: 1)
        let second = try await failure(client, post(server.url, timeout: .milliseconds(200)))
        #expect(second.code == .timedOut)
        #expect(!second.isOutcomeUnknown)
        #expect(try await one.code == .timedOut)
        #expect(server.connections == 1)
    }

    @Test("closing the client ends what is under way, and refuses what comes after")
    func closing() async throws {
        let gate = Gate()
        gate.open()
        let server = ScriptedServer { connection, _ in
            connection.readRequest()
            Task { await gate.wait() }
            connection.waitForEnd()
        }
        defer { server.close() }
        let client = Client()
        let request = post(server.url)
        async let error = failure(client, request)
        await gate.reached(by: 1)
        client.close()
        #expect(try await error.code == .closed)
        #expect(try await error.isOutcomeUnknown)
        let late = try await failure(client, request)
        #expect(late.code == .closed)
        #expect(!late.isOutcomeUnknown)
    }

    @Test("a thousand requests over a few connections are all answered")
    func many() async throws {
        let server = try serve()
        let client = Client(connectionsMaximum: 16)
        let bodies = try await withThrowingTaskGroup(of: String.self) { group in
            for number in 0..<1000 {
                group.addTask {
                    let request = ClientRequest(
                        .post, "http://127.0.0.1:\(server.port)/", body: Array("\(number)".utf8))
                    return String(decoding: try await client.send(request).body, as: UTF8.self)
                }
            }
            return try await group.reduce(into: Set<String>()) { $0.insert($1) }
        }
        #expect(bodies.count == 1000)
    }
}

/// A gzip stream of zero bytes, made by hand: one literal zero, then copies of 258 zeros, 13 bits each
/// (RFC 1951, 3.2.6).
enum GzipOfZeros {
    static func bytes(repeats: Int) -> [UInt8] {
        let zeros = 1 + repeats * 258
        var bits = BitWriter()
        bits.append(0b1, 1)  // the last block
        bits.append(0b01, 2)  // fixed codes
        bits.appendCode(0b0011_0000, 8)  // the literal 0
        for _ in 0..<repeats {
            bits.appendCode(0b1100_0101, 8)  // length 258
            bits.appendCode(0b00000, 5)  // distance 1
        }
        bits.appendCode(0, 7)  // the end of the block
        var trailer = withUnsafeBytes(of: checksum(zeros: zeros).littleEndian) { Array($0) }
        trailer += withUnsafeBytes(of: UInt32(zeros).littleEndian) { Array($0) }
        return [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 255] + bits.bytes + trailer
    }

    private static func checksum(zeros: Int) -> UInt32 {
        let table: [UInt32] = (0..<256).map { start in
            var value = UInt32(start)
            for _ in 0..<8 { value = value & 1 == 1 ? 0xEDB8_8320 ^ (value >> 1) : value >> 1 }
            return value
        }
        var value: UInt32 = ~0
        for _ in 0..<zeros { value = table[Int(value & 0xFF)] ^ (value >> 8) }
        return ~value
    }

    private struct BitWriter {
        var bytes: [UInt8] = []
        private var used = 8

        /// Least significant bit first.
        mutating func append(_ value: UInt32, _ count: Int) {
            for bit in 0..<count { append(bit: value >> UInt32(bit) & 1) }
        }

        /// Most significant bit first, as codes are packed.
        mutating func appendCode(_ value: UInt32, _ count: Int) {
            for bit in (0..<count).reversed() { append(bit: value >> UInt32(bit) & 1) }
        }

        private mutating func append(bit: UInt32) {
            if used == 8 {
                bytes.append(0)
                used = 0
            }
            bytes[bytes.count - 1] |= UInt8(bit << UInt32(used))
            used += 1
        }
    }
}
