import CMicrohttpd
import Glibc
import Support
import Synchronization
import Testing

@testable import HTTP

/// A handler's way of waiting until the test lets it go.
final class Gate: Sendable {
    private let state = Mutex((isOpen: false, waiting: [CheckedContinuation<Void, Never>]()))
    private let arrivals = AsyncStream<Void>.makeStream()

    func wait() async {
        await withCheckedContinuation { continuation in
            let isOpen = state.withLock { state in
                if !state.isOpen { state.waiting.append(continuation) }
                return state.isOpen
            }
            if isOpen { continuation.resume() }
            arrivals.continuation.yield()
        }
    }

    /// Returns once so many have come to wait.
    func reached(by count: Int) async {
        var left = count
        for await _ in arrivals.stream {
            left -= 1
            if left == 0 { return }
        }
    }

    func open() {
        let waiting = state.withLock { state in
            state.isOpen = true
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in waiting { continuation.resume() }
    }
}

func post(_ body: String = "", path: String = "/", fields: String = "") -> String {
    "POST \(path) HTTP/1.1\r\nHost: t\r\n\(fields)Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
}

@Suite("The server's rules")
struct ServerRulesTests {
    @Test("the library has no thread of its own, waits by epoll and may suspend")
    func flags() throws {
        let server = try serve()
        // Released, the server would end its daemon while this looks at it.
        defer { withExtendedLifetime(server) {} }
        let daemon = try #require(server.loops[0].daemon)
        let flags = cmhd_daemon_flags(daemon)
        #expect(flags & UInt32(MHD_USE_EPOLL.rawValue) == UInt32(MHD_USE_EPOLL.rawValue))
        #expect(flags & UInt32(MHD_USE_INTERNAL_POLLING_THREAD.rawValue) == 0)
        // The library takes its wake-up channel, which the flag asks for too, out again.
        let suspend = UInt32(MHD_ALLOW_SUSPEND_RESUME.rawValue) & ~UInt32(MHD_USE_ITC.rawValue)
        #expect(flags & suspend == suspend)
    }

    @Test("512 connections at once are answered", .timeLimit(.minutes(1)))
    func manyAtOnce() async throws {
        let server = try serve()
        let statuses = await onThread {
            let connections = (0..<512).map { _ in RawConnection(port: server.port) }
            for connection in connections { connection.send(post("hello")) }
            return connections.map { $0.receiveAnswer().status }
        }
        #expect(statuses.allSatisfy { $0 == 200 })
    }

    @Test("a request that waits for its acknowledgement blocks no other")
    func waitingBlocksNobody() async throws {
        let gate = Gate()
        let server = try serve(
            Program(answer: { request in
                if request.head.path == "/slow" { await gate.wait() }
                return Response(status: 200, body: Array(request.head.path.utf8))
            }))
        async let slow = onThread {
            let connection = RawConnection(port: server.port)
            connection.send(post("x", path: "/slow"))
            return connection.receiveAnswer()
        }
        await gate.reached(by: 1)
        let quick = await onThread {
            let connection = RawConnection(port: server.port)
            return (0..<10).map { _ in
                connection.send(post("x", path: "/quick"))
                return connection.receiveAnswer().body
            }
        }
        #expect(quick == Array(repeating: "/quick", count: 10))
        gate.open()
        #expect(await slow.body == "/slow")
    }

    @Test("admission, answer and what follows a wait run on the loop's thread")
    func onLoopThread() async throws {
        let threads = Mutex<Set<UInt>>([])
        let note: @Sendable () -> Void = { threads.withLock { _ = $0.insert(UInt(pthread_self())) } }
        let gate = Gate()
        let server = try serve(
            Program(
                admission: { _ in
                    note()
                    await Task.yield()
                    note()
                    return nil
                },
                answer: { _ in
                    note()
                    await gate.wait()
                    note()
                    return Response(status: 204)
                }))
        async let answer = Client().send(ClientRequest(.post, "http://127.0.0.1:\(server.port)/", body: [1]))
        await gate.reached(by: 1)
        gate.open()
        #expect(try await answer.status == 204)
        #expect(threads.withLock { $0.count } == 1)
    }

    @Test("connections are shared out over all threads, and each stays on its own")
    func threads() async throws {
        let server = try serve(
            Program(answer: { _ in Response(status: 200, body: Array("\(UInt(pthread_self()))".utf8)) })
        ) { $0.threads = 3 }
        let served = await onThread {
            let connections = (0..<64).map { _ in RawConnection(port: server.port) }
            return (0..<2).map { _ in
                connections.map { connection in
                    connection.send(post("x"))
                    return connection.receiveAnswer().body
                }
            }
        }
        // That one of three threads gets none of 64 connections happens once in 60 billion runs.
        #expect(Set(served[0]).count == 3)
        #expect(served[0] == served[1])
    }

    @Test("a thread that resumes many tasks wakes the sleeping loop once")
    func oneWakeUp() {
        let loop = ServerLoop(ServerSettings(listen: ""), BodyBudget(0)) { status, _ in
            Response(status: status)
        } serve: { _ in
        }
        #expect(loop.inbox.fallAsleep())
        for _ in 0..<100 { Task(executorPreference: loop) {} }
        #expect(loop.inbox.wakeUps.load(ordering: .relaxed) == 1)
        var jobs: [UnownedJob] = []
        _ = loop.inbox.take(into: &jobs)
        #expect(jobs.count == 100)
        for job in jobs { job.runSynchronously(on: loop.asUnownedTaskExecutor()) }
    }

    @Test("a loop that is awake is not woken, and one with something to do does not fall asleep")
    func noWakeUp() {
        let loop = ServerLoop(ServerSettings(listen: ""), BodyBudget(0)) { status, _ in
            Response(status: status)
        } serve: { _ in
        }
        Task(executorPreference: loop) {}
        #expect(loop.inbox.wakeUps.load(ordering: .relaxed) == 0)
        #expect(!loop.inbox.fallAsleep())
        var jobs: [UnownedJob] = []
        _ = loop.inbox.take(into: &jobs)
        for job in jobs { job.runSynchronously(on: loop.asUnownedTaskExecutor()) }
    }
}

@Suite("Bounds on a request's body")
struct BodyBoundsTests {
    private func exchange(_ server: Server, _ body: @escaping @Sendable (RawConnection) -> Void) async -> Received {
        await onThread {
            let connection = RawConnection(port: server.port)
            body(connection)
            return connection.receive()
        }
    }

    private func exchange(_ server: Server, _ text: String) async -> Received {
        await exchange(server) { $0.send(text) }
    }

    @Test("413 comes before the body, when its length says that it is too large")
    func tooLargeByLength() async throws {
        let server = try serve()
        let head = "POST / HTTP/1.1\r\nHost: t\r\nContent-Length: 10000000\r\n"
        for rest in ["\r\n", "Expect: 100-continue\r\n\r\n"] {
            let received = await exchange(server, head + rest)
            #expect(received.status == 413)
            #expect(received.text.contains("X-Refused: 1"))
            #expect(received.end == .closed)
        }
    }

    @Test("a client that sends its too large body regardless still reads the 413")
    func tooLargeAndSent() async throws {
        let server = try serve()
        let received = await exchange(server) { connection in
            connection.send("POST / HTTP/1.1\r\nHost: t\r\nContent-Length: 2000000\r\n\r\n")
            connection.send([UInt8](repeating: 0x20, count: 2_000_000))
        }
        #expect(received.status == 413)
    }

    @Test("a chunked body is refused once it is larger than allowed, and its task ends")
    func tooLargeByChunks() async throws {
        let server = try serve(Program(bodyLimit: 1000))
        let received = await exchange(server) { connection in
            connection.send("POST / HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n")
            for _ in 0..<5 { connection.send("100\r\n" + String(repeating: "x", count: 256) + "\r\n") }
        }
        #expect(received.status == 413)
        #expect(received.text.contains("X-Admitted: 7"), "the application knows whose request is refused")
        #expect(received.end == .closed)
    }

    @Test("all bodies together have a bound, and what is released can be used again")
    func allBodies() async throws {
        let server = try serve { $0.bodyBytesMaximum = 1000 }
        let first = await onThread {
            let connection = RawConnection(port: server.port)
            connection.send(
                "POST / HTTP/1.1\r\nHost: t\r\nContent-Length: 900\r\n\r\n" + String(repeating: "x", count: 800))
            // A neighbour's answer shows that the loop has read these bytes.
            let neighbour = RawConnection(port: server.port)
            neighbour.send(post("x"))
            _ = neighbour.receiveAnswer()
            return connection
        }
        let refused = await exchange(server) { $0.send(post(String(repeating: "y", count: 300))) }
        #expect(refused.status == 503)
        let answers = await onThread {
            first.send(String(repeating: "x", count: 100))
            let whole = first.receiveAnswer().status
            let connection = RawConnection(port: server.port)
            connection.send(post(String(repeating: "y", count: 300)))
            return [whole, connection.receiveAnswer().status]
        }
        #expect(answers == [200, 200])
    }

    @Test("the bound on all bodies is one for all threads")
    func allBodiesOfThreads() async throws {
        let gate = Gate()
        let server = try serve(
            Program(answer: { request in
                if request.head.path == "/held" { await gate.wait() }
                return Response(status: 200)
            })
        ) {
            $0.bodyBytesMaximum = 1000
            $0.threads = 3
        }
        // A body counts until its request is answered.
        async let held = onThread {
            let holder = RawConnection(port: server.port)
            holder.send(post(String(repeating: "x", count: 800), path: "/held"))
            return holder.receiveAnswer().status
        }
        await gate.reached(by: 1)
        let statuses = await onThread {
            (0..<12).map { _ in
                let connection = RawConnection(port: server.port)
                connection.send(post(String(repeating: "y", count: 300), fields: "Connection: close\r\n"))
                return connection.receive().status
            }
        }
        #expect(statuses == Array(repeating: 503, count: 12))
        gate.open()
        #expect(await held == 200)
    }

    @Test("an answer's field with a line break in it is left out, and an invalid status becomes 500")
    func brokenAnswers() async throws {
        let server = try serve(
            Program(answer: { request in
                request.head.path == "/status"
                    ? Response(status: -1)
                    : Response(status: 200, fields: ["X-A": "1\r\nEvil: 1", "X-B": "2"])
            }))
        let received = await exchange(server, post("x", fields: "Connection: close\r\n"))
        #expect(received.status == 200)
        #expect(received.text.contains("X-B: 2"))
        #expect(!received.text.contains("Evil"))
        #expect(await exchange(server, post("x", path: "/status", fields: "Connection: close\r\n")).status == 500)
    }

    @Test("an early answer's field with a line break in it is left out, too")
    func brokenEarlyAnswers() async throws {
        let server = try serve(
            Program(admission: { _ in
                Response(status: 401, fields: ["X-A": "1\r\nEvil: 1", "Content-Length": "7", "X-B": "2"], body: [0x78])
            }))
        let received = await exchange(server, "POST / HTTP/1.1\r\nHost: t\r\nContent-Length: 1000000\r\n\r\n")
        #expect(received.status == 401)
        #expect(received.text.contains("X-B: 2"))
        #expect(!received.text.contains("Evil"))
        #expect(received.contentLength == 1)
    }

    @Test("a body of exactly the limit is taken")
    func atLimit() async throws {
        let server = try serve(Program(bodyLimit: 1000))
        let answer = await onThread {
            let connection = RawConnection(port: server.port)
            connection.send(post(String(repeating: "x", count: 1000)))
            return connection.receiveAnswer()
        }
        #expect(answer.status == 200)
        #expect(answer.body.count == 1000)
    }

    @Test("a body that trickles ends at its deadline")
    func trickling() async throws {
        let server = try serve { $0.bodyDeadline = .milliseconds(400) }
        let clock = ContinuousClock()
        let started = clock.now
        let received = await exchange(server) { connection in
            connection.send("POST / HTTP/1.1\r\nHost: t\r\nContent-Length: 1000\r\n\r\n")
            // One byte each 20 ms, for at most four seconds.
            for _ in 0..<200 {
                guard connection.send("x") else { return }
                var watched = pollfd(fd: connection.descriptor, events: Int16(POLLIN), revents: 0)
                if poll(&watched, 1, 20) > 0 { return }
            }
        }
        #expect(received.status == 408)
        #expect(received.text.contains("X-Admitted: 7"), "the application knows whose request is refused")
        #expect(received.end == .closed)
        #expect(clock.now - started >= .milliseconds(400))
        #expect(clock.now - started < .seconds(4))
    }

    @Test("a head that trickles ends at the idle timeout")
    func tricklingHead() async throws {
        let server = try serve { $0.idleTimeout = .milliseconds(300) }
        let received = await exchange(server) { connection in
            for byte in "GET / HTTP/1.1\r\nHost: t\r\n".utf8 {
                guard connection.send([byte]) else { return }
                var watched = pollfd(fd: connection.descriptor, events: Int16(POLLIN), revents: 0)
                if poll(&watched, 1, 50) > 0 { return }
            }
        }
        #expect(received.end == .closed)
        #expect(received.text == "")
    }

    @Test("a body cut short reaches no handler")
    func cutShort() async throws {
        let isCalled = Mutex(false)
        let server = try serve(
            Program(answer: { _ in
                isCalled.withLock { $0 = true }
                return Response(status: 200)
            }))
        let received = await exchange(server) { connection in
            connection.send("POST / HTTP/1.1\r\nHost: t\r\nContent-Length: 1000\r\n\r\nhalf")
            connection.endSending()
        }
        #expect(received.end == .closed)
        #expect(received.status == nil)
        #expect(!isCalled.withLock { $0 })
    }

    @Test("a client that closes its side with its request is answered, and the connection is closed")
    func halfClosed() async throws {
        let server = try serve()
        let started = ContinuousClock.now
        let received = await exchange(server) { connection in
            connection.send(post("all"))
            connection.endSending()
        }
        #expect(received.status == 200)
        #expect(received.end == .closed)
        #expect(ContinuousClock.now - started < .seconds(30))
    }

    @Test("an admission that waits may still answer before the body", arguments: [100, 1_000_000])
    func answeredBeforeBody(_ length: Int) async throws {
        let server = try serve(
            Program(admission: { _ in
                await Task.yield()
                return Response(status: 401, body: Array("who are you".utf8))
            }))
        let received = await exchange(server, "POST / HTTP/1.1\r\nHost: t\r\nContent-Length: \(length)\r\n\r\n")
        #expect(received.status == 401)
        #expect(received.body == "who are you")
    }

    @Test("a client that waits for 100 Continue gets the refusal instead, or the go-ahead")
    func expectContinue() async throws {
        let server = try serve(
            Program(admission: { head in
                head.path == "/no" ? Response(status: 401) : nil
            }))
        let fields = "Expect: 100-continue\r\n"
        let refused = await exchange(server, "POST /no HTTP/1.1\r\nHost: t\r\n\(fields)Content-Length: 5\r\n\r\n")
        #expect(refused.status == 401)
        let (interim, answer) = await onThread {
            let connection = RawConnection(port: server.port)
            connection.send("POST /yes HTTP/1.1\r\nHost: t\r\n\(fields)Content-Length: 5\r\n\r\n")
            let interim = connection.receive { $0.hasSuffix("\r\n\r\n") }
            connection.send("12345")
            return (interim, connection.receiveAnswer())
        }
        #expect(interim.status == 100)
        #expect(answer.status == 200 && answer.body == "12345")
    }

    @Test("an early answer to a small body keeps the connection")
    func earlyKeepsConnection() async throws {
        let server = try serve(
            Program(admission: { head in
                head.path == "/limited" ? Response(status: 429, body: Array("later".utf8)) : nil
            }))
        let statuses = await onThread {
            let connection = RawConnection(port: server.port)
            return ["/limited", "/limited", "/open", "/limited"].map { path in
                connection.send(post("a small body", path: path))
                return connection.receiveAnswer().status
            }
        }
        #expect(statuses == [429, 429, 200, 429])
    }

    @Test("an early answer to a request without a body keeps the connection, after a wait too")
    func earlyWithoutBody() async throws {
        let server = try serve(
            Program(admission: { head in
                if head.path == "/waits" { await Task.yield() }
                return Response(status: 404)
            }))
        let statuses = await onThread {
            let connection = RawConnection(port: server.port)
            return ["/waits", "/at-once", "/waits"].map { path in
                connection.send("GET \(path) HTTP/1.1\r\nHost: t\r\n\r\n")
                return connection.receiveAnswer().status
            }
        }
        #expect(statuses == [404, 404, 404])
    }
}
