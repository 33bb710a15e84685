import Telemetry
import Testing

@testable import Tracing

@Suite("Spans") struct TracerTests {
    @Test("a request's span comes under its caller's, and what it does under it")
    func tree() throws {
        let fixture = TracerFixture()
        var context = example.child { 99 }
        let request = try #require(
            fixture.tracer.serve(&context, for: example, "POST", [.httpRequestMethod("POST")]))
        let publishing = request.child(.producer, "send orders", [.kafka])
        publishing.end("", [.partition(3), .offset(42)])
        request.end(" /orders", [.httpStatus(201)])

        let spans = fixture.spans()
        let server = try #require(spans["POST /orders"])
        #expect(server.context == context && context.isSampled && server.context.traceID == example.traceID)
        #expect(server.parent == example.spanID && server.kind == .server && !server.isFailed)
        #expect(server.attributes == [.httpRequestMethod("POST"), .httpStatus(201)])
        let producer = try #require(spans["send orders"])
        #expect(producer.parent == server.context.spanID && producer.context.traceID == example.traceID)
        #expect(producer.context.spanID != server.context.spanID)
        #expect(producer.attributes == [.kafka, .partition(3), .offset(42)])
        #expect(server.startedAt < producer.startedAt && producer.endedAt < server.endedAt)
    }

    @Test("what another process has traced goes on here; what it has not, and what is not readable, does not")
    func goesOn() throws {
        let fixture = TracerFixture(ratio: 0)
        let span = try #require(fixture.tracer.begin(.consumer, "process orders", under: example.traceparent))
        span.end()
        let recorded = try #require(fixture.spans()["process orders"])
        #expect(recorded.parent == example.spanID && recorded.context.isSampled)
        for other in [nil, "", "nonsense", String(example.traceparent.dropLast()) + "0"] {
            #expect(fixture.tracer.begin(.consumer, "process orders", under: other) == nil, "\(other ?? "nil")")
            #expect(fixture.tracer.begin(.internal, "attempt", linkingTo: other) == nil)
        }
        #expect(fixture.buffer.count == 0)
    }

    @Test("what follows long after is a trace of its own with a link")
    func link() throws {
        let fixture = TracerFixture()
        try #require(fixture.tracer.begin(.internal, "attempt", linkingTo: example.traceparent)).end()
        let span = try #require(fixture.spans()["attempt"])
        #expect(span.parent == nil && span.link == example && span.context.traceID != example.traceID)
    }

    @Test("of a request that is not traced the flag says so, and neither names nor attributes are made")
    func off() {
        let fixture = TracerFixture(ratio: 0)
        var context = TraceContext { 7 }
        context.isSampled = true
        func never<Value>(_ value: Value) -> Value {
            Issue.record("it was built")
            return value
        }
        #expect(fixture.tracer.serve(&context, for: nil, never("POST"), never([])) == nil)
        #expect(!context.isSampled)
    }

    @Test("a span ends once; a failure has its class; and an end is never before the beginning")
    func ends() throws {
        let buffer = SpanBuffer(TracingMetrics(Metrics()))
        // The clock is set back meanwhile.
        let clock = Number(15)
        let tracer = Tracer(Sampler(ratio: 1, perSecond: 1, now: { 0 }), buffer, clock: { clock.add(-5) })
        let span = try #require(tracer.begin(.internal, "attempt", under: example.traceparent))
        span.end(error: "retry")
        span.end(" again")
        let ended = buffer.take()
        try #require(ended.count == 1)
        #expect(ended[0].isFailed && ended[0].attributes == [.errorType("retry")])
        #expect(ended[0].startedAt == 10 && ended[0].endedAt == 10)
    }
}
