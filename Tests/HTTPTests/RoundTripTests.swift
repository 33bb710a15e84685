import HTTP
import Testing

@Suite("A request and its answer")
struct RoundTripTests {
    @Test("a body sent by the client comes back from the server")
    func echo() async throws {
        let server = try serve(
            Program(answer: { request in
                #expect(request.head.method == .post)
                #expect(request.head.path == "/a%20b/c")
                #expect(request.head.query.map(\.name) == ["x", "y"])
                #expect(request.head.query.map(\.value) == ["1 2", "ü"])
                #expect(request.head.fields["authorization"] == "Bearer t")
                #expect(request.head.peer == "127.0.0.1")
                return Response(status: 201, fields: ["X-Request-Id": "r1"], body: request.body)
            }))
        let client = Client()
        let request = ClientRequest(
            .post, "http://127.0.0.1:\(server.port)/a%20b/c?x=1+2&y=%C3%BC", fields: ["Authorization": "Bearer t"],
            body: Array("{\"a\":1}".utf8))
        let answer = try await client.send(request)
        #expect(answer.status == 201)
        #expect(answer.fields["x-request-id"] == "r1")
        #expect(String(decoding: answer.body, as: UTF8.self) == "{\"a\":1}")
        await server.stop(timeout: .seconds(1))
    }

    @Test("a query is taken apart as it came, and none is left over for the connection's next request")
    func queries() async throws {
        let server = try serve(
            Program(answer: { request in
                let pairs = request.head.query.map { "\($0.name)=\($0.value);" }
                return Response(status: 200, body: Array("\(request.head.path) \(pairs.joined())".utf8))
            }))
        let client = Client()
        let many = (0..<1000).map { "p\($0)" }
        let targets: [(target: String, shown: String)] = [
            ("/a?x=1&y=2", "/a x=1;y=2;"), ("/b", "/b "), ("/c?", "/c "), ("/d?&x", "/d =;x=;"),
            ("/e?x&&=z&", "/e x=;=;=z;"), ("/f?x=a=b?c=d", "/f x=a=b?c=d;"), ("/g?%26=%3D", "/g &==;"),
            ("/h?\(many.joined(separator: "&"))", "/h \(many.map { "\($0)=;" }.joined())"), ("/i", "/i "),
        ]
        for (target, shown) in targets {
            let answer = try await client.send(ClientRequest(.get, "http://127.0.0.1:\(server.port)\(target)"))
            #expect(String(decoding: answer.body, as: UTF8.self) == shown)
        }
        await server.stop(timeout: .seconds(1))
    }

    @Test(
        "GET without a body, HEAD without an answer's body, PUT and DELETE arrive as such",
        arguments: [
            Method.get, .head, .put, .delete, .options, .patch, .other("PROPFIND"),
        ])
    func methods(_ method: Method) async throws {
        let server = try serve(
            Program(answer: { request in
                Response(status: 200, fields: ["X-Method": request.head.method.name], body: Array("12345".utf8))
            }))
        let answer = try await Client().send(ClientRequest(method, "http://127.0.0.1:\(server.port)/"))
        #expect(answer.status == 200)
        #expect(answer.fields["X-Method"] == method.name)
        #expect(answer.fields["Content-Length"] == "5")
        #expect(answer.body.count == (method == .head ? 0 : 5))
    }

    @Test("a handler that waits, and an admission that waits, are answered")
    func suspended() async throws {
        let gate = AsyncStream<Void>.makeStream()
        let server = try serve(
            Program(
                admission: { _ in
                    await Task.yield()
                    return nil
                },
                answer: { request in
                    for await _ in gate.stream { break }
                    return Response(status: 200, body: request.body)
                }))
        async let answer = Client().send(
            ClientRequest(.post, "http://127.0.0.1:\(server.port)/", body: Array("waited".utf8)))
        gate.continuation.yield()
        #expect(String(decoding: try await answer.body, as: UTF8.self) == "waited")
    }
}
