import Glibc
import HTTP
import Support
import Testing

@Suite("The server's life")
struct ServerLifeTests {
    @Test("stop answers what is in flight, and takes nothing new")
    func stopAnswers() async throws {
        let gate = Gate()
        let server = try serve(
            Program(answer: { _ in
                await gate.wait()
                return Response(status: 201)
            }))
        async let answer = onThread {
            let connection = RawConnection(port: server.port)
            connection.send(post("x"))
            return connection.receive()
        }
        await gate.reached(by: 1)
        async let stopped: Void = server.stop(timeout: .seconds(10))
        // The listener goes before the answer comes.
        let isClosed = await onThread { waitUntilRefused(port: server.port) }
        #expect(isClosed)
        gate.open()
        let received = await answer
        #expect(received.status == 201)
        #expect(received.text.contains("Connection: close"))
        await stopped
    }

    @Test("stop closes kept connections that are idle, and returns at once")
    func stopIdle() async throws {
        let server = try serve()
        let connection = await onThread {
            let connection = RawConnection(port: server.port)
            connection.send(post("x"))
            _ = connection.receiveAnswer()
            return connection
        }
        let started = ContinuousClock.now
        await server.stop(timeout: .seconds(10))
        #expect(ContinuousClock.now - started < .seconds(5))
        #expect(await onThread { connection.receive() }.end == .closed)
    }

    @Test("stop is bounded when a handler never answers, and that handler may end later")
    func stopBounded() async throws {
        let gate = Gate()
        let ended = Gate()
        let server = try serve(
            Program(answer: { _ in
                await gate.wait()
                await ended.wait()
                return Response(status: 200)
            }))
        async let answer = onThread {
            let connection = RawConnection(port: server.port)
            connection.send(post("x"))
            return connection.receive()
        }
        await gate.reached(by: 1)
        await server.stop(timeout: .milliseconds(100))
        #expect(await answer.end == .closed)
        #expect(await answer.status == nil)
        gate.open()
        await ended.reached(by: 1)
        ended.open()
    }

    @Test("stop closes a body that is still coming at its end")
    func stopWithBody() async throws {
        let admitted = Gate()
        admitted.open()
        let server = try serve(
            Program(admission: { _ in
                await admitted.wait()
                return nil
            }))
        async let answer = onThread {
            let connection = RawConnection(port: server.port)
            connection.send("POST / HTTP/1.1\r\nHost: t\r\nContent-Length: 100\r\n\r\n")
            return connection.receive()
        }
        await admitted.reached(by: 1)
        await server.stop(timeout: .milliseconds(100))
        #expect(await answer.end == .closed)
    }

    @Test("a second stop returns, and a stopped server may be stopped again")
    func stopTwice() async throws {
        let server = try serve()
        await server.stop(timeout: .seconds(1))
        await server.stop(timeout: .seconds(1))
    }

    @Test("a released server is gone")
    func released() async throws {
        var server: Server? = try serve()
        let port = try #require(server?.port)
        server = nil
        #expect(await onThread { waitUntilRefused(port: port) })
    }

    @Test("a taken port is named")
    func portTaken() throws {
        let first = try serve()
        #expect {
            try Server(ServerSettings(listen: "127.0.0.1:\(first.port)"), application: Program())
        } throws: { error in
            guard let error = error as? ServerError else { return false }
            return error.code == .addressInUse && error.message.contains("port \(first.port) is taken")
        }
    }

    @Test("a port is taken, however many threads of one server listen on it", arguments: [1, 3])
    func portTakenByThreads(_ threads: Int) throws {
        let first = try serve { $0.threads = 3 }
        var settings = ServerSettings(listen: "127.0.0.1:\(first.port)")
        settings.threads = threads
        #expect {
            try Server(settings, application: Program())
        } throws: { error in
            (error as? ServerError)?.code == .addressInUse
        }
    }

    @Test("stop answers what is in flight on every thread, and takes nothing new", .timeLimit(.minutes(1)))
    func stopThreads() async throws {
        let gate = Gate()
        let server = try serve(
            Program(answer: { _ in
                await gate.wait()
                return Response(status: 201)
            })
        ) { $0.threads = 3 }
        async let answers = onThread {
            let connections = (0..<30).map { _ in RawConnection(port: server.port) }
            for connection in connections { connection.send(post("x")) }
            return connections.map { $0.receiveAnswer().status }
        }
        await gate.reached(by: 30)
        async let stopped: Void = server.stop(timeout: .seconds(10))
        let isClosed = await onThread { waitUntilRefused(port: server.port) }
        #expect(isClosed)
        gate.open()
        #expect(await answers == Array(repeating: 201, count: 30))
        await stopped
    }

    @Test(
        "invalid addresses, and those of other machines, are refused",
        arguments: [
            "8080", "localhost:8080", "127.0.0.1", "127.0.0.1:99999", "[::1:80", "", "192.0.2.1:0",
        ])
    func badAddress(_ listen: String) {
        #expect { try Server(ServerSettings(listen: listen), application: Program()) } throws: { error in
            (error as? ServerError)?.code == .badAddress
        }
    }

    @Test("IPv6 is served")
    func ipv6() async throws {
        let server = try Server(
            ServerSettings(listen: "[::1]:0"),
            application: Program(answer: { Response(status: 200, body: Array($0.head.peer.utf8)) }))
        let answer = try await Client().send(ClientRequest(.post, "http://[::1]:\(server.port)/", body: [1]))
        #expect(String(decoding: answer.body, as: UTF8.self) == "::1")
    }

    @Test("of one address no more connections are taken than allowed")
    func perAddress() async throws {
        let server = try serve { $0.connectionsPerAddressMaximum = 2 }
        let ends = await onThread {
            let connections = (0..<3).map { _ in RawConnection(port: server.port) }
            return connections.map { connection in
                connection.send(post("x"))
                return connection.receiveAnswer().status
            }
        }
        #expect(ends == [200, 200, nil])
    }

    @Test("above the limit on connections the next waits for its turn")
    func connectionLimit() async throws {
        let server = try serve { $0.connectionsMaximum = 2 }
        let statuses = await onThread {
            var connections = (0..<3).map { _ in RawConnection(port: server.port) }
            for connection in connections { connection.send(post("x")) }
            let first = connections[0].receiveAnswer().status
            connections.removeFirst()
            return [first] + connections.map { $0.receiveAnswer().status }
        }
        #expect(statuses == [200, 200, 200])
    }

    @Test("a thousand idle connections hold nobody up")
    func idleConnections() async throws {
        let server = try serve()
        let took = await onThread {
            let idle = (0..<1000).map { _ in RawConnection(port: server.port) }
            let started = ContinuousClock.now
            let connection = RawConnection(port: server.port)
            for _ in 0..<100 {
                connection.send(post("x"))
                guard connection.receiveAnswer().status == 200 else { return Duration.seconds(99) }
            }
            return withExtendedLifetime(idle) { ContinuousClock.now - started }
        }
        #expect(took < .seconds(5))
    }
}

/// Whether the port stops taking connections within ten seconds.
func waitUntilRefused(port: Int) -> Bool {
    for _ in 0..<1000 {
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
        if result != 0, errno == ECONNREFUSED { return true }
        poll(nil, 0, 10)
    }
    return false
}
