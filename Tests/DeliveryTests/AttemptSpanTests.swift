import Ledger
import Orders
import Support
import Telemetry
import Testing
import Tracing

@testable import Delivery

@Suite("Attempts that are traced") struct AttemptSpanTests {
    private static let intake = TraceContext(traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")!

    private let buffer = SpanBuffer(TracingMetrics(Metrics()))
    private var tracer: Tracer { Tracer(Sampler(ratio: 0, perSecond: 1), buffer) }

    private func traced(_ number: Int) -> Event {
        var event = event(number)
        event.traceparent = Self.intake.traceparent
        return event
    }

    /// - Parameter number: of the attempt, from 1.
    private func attributes(_ number: Int, _ outcome: String, error: String? = nil) -> [SpanAttribute] {
        [
            .worker("confirmations"), .receiver("email"), .order(event(1).order.text), .attempt(number),
            .outcome(outcome),
        ] + (error.map { [.errorType($0)] } ?? [])
    }

    @Test("each attempt is a span under the intake, and is given to the adapter; of what is not traced there is none")
    func retried() async throws {
        let seen = Sightings()
        let left = Shared(1)
        let fixture = try await EngineFixture(
            [
                "email": TestAdapter { attempt in
                    seen.note(attempt)
                    let isRefused =
                        attempt.event.order == event(1).order
                        && left.change {
                            $0 -= 1; return $0 >= 0
                        }
                    return isRefused ? .retry(after: nil, why: "451 busy") : done
                }
            ], tracer: tracer)
        try await fixture.takeIn([traced(1), event(2)])
        try await eventually("the other order is done") { try await fixture.states()[.done] == 1 }
        await fixture.pass(.seconds(40))
        try await eventually("both are done") { try await fixture.states() == [.done: 2] }
        let spans = buffer.take()
        #expect(spans.count == 2 && spans.allSatisfy { $0.name == "attempt email" && $0.kind == .internal })
        #expect(spans.allSatisfy { $0.parent == Self.intake.spanID && $0.context.traceID == Self.intake.traceID })
        #expect(spans.map(\.isFailed) == [true, false])
        #expect(spans.map(\.attributes) == [attributes(1, "retry", error: "retry"), attributes(2, "done")])
        let given = seen.all.map(\.span?.context)
        #expect(given.compactMap(\.self) == spans.map(\.context) && given.count == 3)
    }

    @Test("the attempt of a replayed row is a trace of its own that links to the intake, and counts on")
    func replayed() async throws {
        let refuses = Shared(true)
        let fixture = try await EngineFixture(
            ["email": TestAdapter { _ in refuses.now ? .permanent(why: "550 no") : done }], tracer: tracer)
        try await fixture.takeIn([traced(1)])
        try await eventually("it is dead") { try await fixture.states() == [.dead: 1] }
        #expect(buffer.take().map(\.attributes) == [attributes(1, "permanent", error: "permanent")])
        refuses.now = false
        let selection = ReplaySelection(destination: "email")
        _ = try await fixture.ledger.makeReplay(
            selection, tally: try await fixture.ledger.tally(selection), name: "test", author: "olena", rate: 10)
        fixture.engine.start()
        await fixture.pass(.seconds(12))
        #expect(try await fixture.states() == [.done: 1])
        let spans = buffer.take()
        let span = try #require(spans.first)
        #expect(spans.count == 1 && span.parent == nil && span.link == Self.intake)
        #expect(span.context.traceID != Self.intake.traceID && span.attributes == attributes(2, "done"))
    }
}
