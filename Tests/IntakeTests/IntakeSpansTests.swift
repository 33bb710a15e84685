import Kafka
import Ledger
import Orders
import Support
import Telemetry
import Testing
import Tracing

@testable import Intake

@Suite("Records that are traced") struct IntakeSpansTests {
    private static let parent = TraceContext(traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")!

    private let buffer = SpanBuffer(TracingMetrics(Metrics()))

    private func fixture() async throws -> IntakeFixture {
        try await IntakeFixture(tracer: Tracer(Sampler(ratio: 0, perSecond: 1), buffer))
    }

    private func traced(_ number: Int, _ traceparent: String? = parent.traceparent) -> Event {
        var event = event(number)
        event.traceparent = traceparent
        return event
    }

    private func stored(_ event: Event, in fixture: IntakeFixture) async throws -> TraceContext? {
        let row = try await fixture.ledger.event(event.id, worker: "confirmations")
        return row?.event.traceparent.flatMap(TraceContext.init(traceparent:))
    }

    @Test("a record's intake comes under its publishing, and the row keeps the intake's span for the attempts")
    func tree() async throws {
        let fixture = try await fixture()
        var intake = try await fixture.intake()
        try await intake.takeIn([record(traced(1), at: 4), record(event(2), at: 5)]) { false }
        let spans = buffer.take()
        let span = try #require(spans.first)
        #expect(spans.count == 1 && span.name == "process orders" && span.kind == .consumer)
        #expect(span.parent == Self.parent.spanID && span.context.traceID == Self.parent.traceID)
        #expect(
            span.attributes == [
                .kafka, .topic("orders"), .partition(0), .offset(4), .messagingOperation("process"),
                .messagingOperationType("process"), .consumerGroup("orderrelay-confirmations"),
                .worker("confirmations"), .order(event(1).order.text), .disposition("planned"),
            ])
        #expect(try await stored(event(1), in: fixture) == span.context)
        #expect(try await stored(event(2), in: fixture) == nil)
    }

    @Test("a repeat is a span of its own; what was not sampled is none, and is kept as it came")
    func repeats() async throws {
        let fixture = try await fixture()
        var intake = try await fixture.intake()
        var unsampled = Self.parent
        unsampled.isSampled = false
        let records = [traced(1), traced(1), traced(2, unsampled.traceparent)].enumerated().map {
            record($1, at: Int64($0))
        }
        try await intake.takeIn(records) { false }
        let spans = buffer.take()
        try #require(spans.map { $0.attributes.last } == [.disposition("planned"), .disposition("folded")])
        #expect(Set(spans.map(\.context.spanID)).count == 2)
        #expect(try await stored(event(1), in: fixture) == spans[0].context)
        #expect(try await stored(event(2), in: fixture) == unsampled)
    }

    @Test("only the transaction that was committed is recorded")
    func retried() async throws {
        let fixture = try await fixture()
        var intake = try await fixture.intake()
        fixture.database.next.now = [.away, .away]
        fixture.planner.failures.now = 1
        try await intake.takeIn([record(traced(1), at: 0)]) { false }
        #expect(fixture.planner.failures.now < 0)
        let spans = buffer.take()
        try #require(spans.count == 1)
        #expect(try await stored(event(1), in: fixture) == spans[0].context)
    }
}
