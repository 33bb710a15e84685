import Delivery
import HTTP
import Ledger
import Synchronization
import Telemetry
import Testing
import Tracing

@testable import Outbound

@Suite struct RetryAfterTests {
    private func pause(_ fields: HeaderFields, now: Int64 = 1_700_000_000_000) -> Duration? {
        Response(status: 429, fields: fields).pause(at: now)
    }

    @Test("each spelling of a receiver's wish to be left alone is understood")
    func spellings() {
        #expect(pause(["Retry-After": "3"]) == .seconds(3))
        #expect(pause(["Retry-After": "1.5"]) == .milliseconds(1_500))
        #expect(pause(["Retry-After-Ms": "250"]) == .milliseconds(250))
        #expect(pause(["RateLimit-Reset": "7"]) == .seconds(7))
        #expect(pause(["X-RateLimit-Reset-After": "0.25"]) == .milliseconds(250))
        #expect(pause(["X-RateLimit-Reset": "1700000012"]) == .seconds(12))
        #expect(pause(["X-RateLimit-Reset": "12"]) == .seconds(12))
        #expect(pause(["Retry-After": "2", "RateLimit-Reset": "9"]) == .seconds(2), "the standard's comes first")
    }

    @Test("nonsense is not obeyed, and no pause is longer than a day or shorter than nothing")
    func bounds() {
        for text in ["", "soon", "-1.5", "1e9", "1.2.3", "\u{661}", String(repeating: "9", count: 30)] {
            #expect(pause(["Retry-After-Ms": text]) == nil, "\(text)")
        }
        #expect(pause([:]) == nil)
        #expect(pause(["RateLimit-Reset": "99999999"]) == .seconds(86_400))
        #expect(pause(["X-RateLimit-Reset": "1600000000"]) == .zero, "it is over")
    }
}

@Suite struct OutboundSessionTests {
    private struct Call: OutboundCall {
        var method = HTTP.Method.post
        var path = "/v1/things"
        var template = "/v1/things/{thing}"
        var body: [UInt8] = Array("{}".utf8)
        var isRepeatable = true
    }

    private func session(_ address: String, client: Client = Client(), left: Duration = .seconds(5)) -> OutboundSession
    {
        OutboundSession(client, address: address, fields: ["Authorization": "Bearer s"], deadline: .now + left)
    }

    @Test("a call goes to the connection's address with what opens it, and its body is JSON")
    func request() {
        let request = session("https://crm.example/api//").request(Call(), timeout: .seconds(1))
        #expect(request.url == "https://crm.example/api/v1/things" && request.method == .post)
        #expect(request.fields["Authorization"] == "Bearer s" && request.fields["Content-Type"] == "application/json")
        let read = session("https://crm.example").request(Call(method: .get, body: []), timeout: .seconds(1))
        #expect(read.fields["Content-Type"] == nil)
    }

    @Test("of an attempt that is traced each call is a span, which the receiver gets; of any other it gets nothing")
    func traced() async throws {
        #expect(session("https://crm.example").request(Call(), timeout: .seconds(1)).fields["traceparent"] == nil)
        let buffer = SpanBuffer(TracingMetrics(Metrics()))
        let attempt = try #require(
            Tracer(Sampler(ratio: 0, perSecond: 1), buffer).begin(
                .internal, "attempt", under: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"))
        let receiver = try Receiver()
        let session = OutboundSession(
            Client(), address: "http://user:word@127.0.0.1:\(receiver.port)/api", fields: [:],
            deadline: .now + .seconds(5), span: attempt)
        for path in ["/v1/things/5?email=a@b.example", "/v1/missing"] { _ = try await session.send(Call(path: path)) }
        let spans = buffer.take()
        try #require(spans.count == 2)
        #expect(spans.allSatisfy { $0.parent == attempt.context.spanID && $0.kind == .client })
        #expect(spans.map(\.name) == ["POST /v1/things/{thing}", "POST /v1/things/{thing}"])
        let begun: [SpanAttribute] = [
            .httpRequestMethod("POST"), .urlTemplate("/v1/things/{thing}"), .serverAddress("127.0.0.1"),
        ]
        #expect(spans[0].attributes == begun + [.httpStatus(200)] && !spans[0].isFailed)
        #expect(spans[1].attributes == begun + [.httpStatus(404), .errorType("404")] && spans[1].isFailed)
        #expect(receiver.traceparents == spans.map(\.context.traceparent))
        await receiver.stop()

        let nobody = OutboundSession(
            Client(), address: "http://127.0.0.1:9", fields: [:], deadline: .now + .seconds(5), span: attempt)
        await #expect(throws: AttemptEnd.self) { _ = try await nobody.send(Call()) }
        let unanswered = try #require(buffer.take().first)
        #expect(unanswered.attributes == begun + [.errorType("cannotConnect")] && unanswered.isFailed)
    }

    /// Answers 404 to what is missing, and keeps what it got as `traceparent`.
    private final class Receiver: Application {
        private let seen = Mutex<[String]>([])
        private let server = Mutex<Server?>(nil)
        var port: Int { server.withLock { $0?.port ?? 0 } }
        var traceparents: [String] { seen.withLock { $0 } }

        init() throws {
            let started = try Server(ServerSettings(listen: "127.0.0.1:0"), application: self)
            server.withLock { $0 = started }
        }
        func stop() async { await server.withLock { $0 }?.stop(timeout: .seconds(1)) }

        func admit(_ head: RequestHead) async -> Admission<Int> {
            seen.withLock { $0.append(head.fields["traceparent"] ?? "") }
            return .read(bodyLimit: 1_000, context: head.path.hasSuffix("missing") ? 404 : 200)
        }
        func respond(to request: consuming Request, context: Int) async -> Response { Response(status: context) }
        func refusal(status: Int, reason: String, context: Int?) -> Response { Response(status: status) }
    }

    @Test("of an address the host is told, and nothing else")
    func hosts() {
        for (address, expected) in [
            ("https://api.hubapi.com", "api.hubapi.com"), ("http://u:p@crm.example:8080/x?y=z", "crm.example"),
            ("http://[2001:db8::1]:80/", "2001:db8::1"), ("nonsense", "nonsense"), ("", ""),
        ] { #expect(host(of: address) == expected) }
    }

    @Test("no call begins when the attempt's time is over")
    func deadline() async {
        await #expect(throws: AttemptEnd(.retry(after: nil, why: "no time left for the next request"))) {
            _ = try await session("http://127.0.0.1:9", left: .milliseconds(50)).send(Call())
        }
    }

    @Test("an address that the guard refuses is a fault of the configuration, and nothing is sent there")
    func guarded() async throws {
        let client = Client(addressGuard: { $0.isPublic })
        defer { client.close() }
        do {
            _ = try await session("http://127.0.0.1:9", client: client).send(Call())
            Issue.record("it was sent")
        } catch {
            guard case .configuration = error.outcome else {
                Issue.record("\(error.outcome)")
                return
            }
        }
    }

    @Test("what comes in the place of an answer says whether the receiver may have acted")
    func errors() {
        func outcome(_ code: ClientError.Code, _ isOutcomeUnknown: Bool) -> Outcome {
            Outcome(ClientError(code, "why", isOutcomeUnknown: isOutcomeUnknown))
        }
        #expect(outcome(.cannotConnect, false) == .retry(after: nil, why: "why"))
        #expect(outcome(.timedOut, true) == .unknown(why: "why"))
        #expect(outcome(.untrustedCertificate, false) == .configuration(why: "why"))
        guard case .configuration = outcome(.invalidRequest, false) else { return #expect(Bool(false)) }
    }

    @Test("a rate in requests is one in attempts")
    func rate() {
        #expect(RequestRate(100, per: .seconds(10)).attemptsPerSecond(requestsPerAttempt: 3) == 3)
        #expect(RequestRate(2, per: .seconds(1)).attemptsPerSecond(requestsPerAttempt: 1) == 2)
        #expect(RequestRate(1, per: .seconds(60)).attemptsPerSecond(requestsPerAttempt: 3) == 1)
    }

    @Test("a segment cannot leave its place in a path, and only codes are kept of an answer")
    func foreignText() {
        #expect(pathSegment("1/../2?x") == "1%2F..%2F2%3Fx")
        #expect(ForeignText.code("VALIDATION_ERROR") == "VALIDATION_ERROR")
        for text in [nil, "hanna@example.com", "Ганна", String(repeating: "A", count: 61)] {
            #expect(ForeignText.code(text) == nil)
        }
    }
}
