import Access
import HTTP
import Kafka
import Orders
import Telemetry
import Testing
import Tracing

@testable import Ingest

@Suite("Requests that are traced") struct TracedRequestsTests {
    private static let caller = TraceContext(traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")!
    private let order = """
        {"externalId":"7","source":"shop","email":"olena@example.com","phone":"+380671234567","price":"10.00",\
        "currency":"UAH","customer":{"name":"Олена"}}
        """

    /// A process that traces, and what it has recorded.
    private struct Traced {
        let buffer: SpanBuffer
        let shop: Fixture

        init(ratio: Double = 1, topic: PlayedTopic = PlayedTopic()) async throws {
            buffer = SpanBuffer(TracingMetrics(Metrics()))
            let tracer = Tracer(Sampler(ratio: ratio, perSecond: 100_000), buffer)
            shop = try await Fixture(topic: topic, tracer: tracer)
        }

        /// The `traceparent` of the newest record.
        func published() throws -> TraceContext {
            let header = try #require(shop.topic.records.last?.headers.first { $0.name == "traceparent" })
            return try #require(TraceContext(traceparent: String(decoding: header.value, as: UTF8.self)))
        }
    }

    private func fields(_ context: TraceContext) -> HeaderFields { ["traceparent": context.traceparent] }

    @Test("caller, request, publishing and record are one trace, each under the one before")
    func tree() async throws {
        let traced = try await Traced(ratio: 0)
        let answer = await traced.shop.send(.post, "/api/v2/orders?strict=1", order, fields: fields(Self.caller))
        let spans = traced.buffer.take()
        try #require(spans.map(\.name) == ["send orders", "POST /api/v2/orders"])
        #expect(spans.map(\.kind) == [.producer, .server])
        let (publishing, request) = (spans[0], spans[1])
        #expect(request.parent == Self.caller.spanID && publishing.parent == request.context.spanID)
        #expect(spans.allSatisfy { $0.context.traceID == Self.caller.traceID && !$0.isFailed })
        #expect(try traced.published() == publishing.context)
        let requestID = try #require(answer.fields["X-Request-Id"])
        #expect(
            request.attributes == [
                .httpRequestMethod("POST"), .request(requestID), .httpStatus(201), .httpRoute("/api/v2/orders"),
            ])
        #expect(publishing.attributes.contains(.order(try #require(answer.member("id")))))
        #expect(publishing.attributes.suffix(2) == [.partition(0), .offset(0)])
        #expect(request.startedAt <= publishing.startedAt && publishing.endedAt <= request.endedAt)
    }

    @Test("nothing of the buyer, the query or the token is in a span")
    func personal() async throws {
        let traced = try await Traced()
        _ = await traced.shop.send(.post, "/api/v2/orders?email=olena@example.com&strict=1", order)
        _ = await traced.shop.send(.get, "/api/v2/orders/0123456789abcdef01234567?x=olena")
        _ = await traced.shop.send(.other("OLENA"), "/api/v2/olena")
        let spans = traced.buffer.take()
        #expect(spans.count == 4)
        let text = String(
            decoding: OTLPRequest.body(spans, of: TracedService(name: "ingest", version: "1", instance: "i")),
            as: UTF8.self)
        for word in ["olena", "OLENA", "Олена", "380671234567", "strict", traced.shop.token.text] {
            #expect(!text.contains(word), "\(word)")
        }
        #expect(spans.map(\.name).suffix(2) == ["GET /api/v2/orders/{id}", "HTTP"])
        #expect(spans.last?.attributes.contains(.httpRequestMethod("_OTHER")) == true)
    }

    @Test("what Kafka does not acknowledge is a failure of both, by its class; a caller's fault is none")
    func failures() async throws {
        let topic = PlayedTopic()
        let traced = try await Traced(topic: topic)
        topic.fail(with: KafkaError(.timedOut, "no acknowledgement"))
        _ = await traced.shop.send(.post, "/api/v2/orders", order)
        topic.fail(with: nil)
        let failed = traced.buffer.take()
        try #require(failed.map(\.isFailed) == [true, true])
        #expect(failed[0].attributes.last == .errorType("NOT_ACKNOWLEDGED"))
        #expect(failed[1].attributes.last == .errorType("503"))
        _ = await traced.shop.send(.post, "/api/v2/orders", "{")
        let refused = traced.buffer.take()
        try #require(refused.count == 1)
        #expect(!refused[0].isFailed && refused[0].attributes.contains(.httpStatus(400)))
    }

    @Test("a repeat is traced, and publishes nothing")
    func repeats() async throws {
        let traced = try await Traced()
        for _ in 0..<2 { _ = await traced.shop.send(.post, "/api/v2/orders", order) }
        #expect(traced.buffer.take().map(\.name) == ["send orders", "POST /api/v2/orders", "POST /api/v2/orders"])
    }

    @Test("what is not traced says so to the workers, and keeps the caller's trace")
    func notSampled() async throws {
        let traced = try await Traced(ratio: 0)
        _ = await traced.shop.send(.post, "/api/v2/orders", order)
        #expect(try !traced.published().isSampled)
        var caller = Self.caller
        caller.isSampled = false
        _ = await traced.shop.send(
            .post, "/api/v2/purchases", #"{"externalId":"7","source":"shop"}"#, fields: fields(caller))
        let published = try traced.published()
        #expect(published.traceID == caller.traceID && !published.isSampled && published.spanID != caller.spanID)
        #expect(traced.buffer.count == 0)
    }

    @Test("without tracing the caller's flag is passed on, and a trace of our own is not sampled")
    func off() async throws {
        let shop = try await Fixture()
        _ = await shop.send(.post, "/api/v2/orders", order, fields: fields(Self.caller))
        _ = await shop.send(.post, "/api/v2/orders", #"{"email":"a@b.example"}"#)
        let published = try shop.topic.events().map { try #require(TraceContext(traceparent: $0.traceparent ?? "")) }
        #expect(published.map(\.isSampled) == [true, false] && published[0].traceID == Self.caller.traceID)
    }
}
