import Synchronization
import Telemetry

@testable import Tracing

/// A tracer whose ids and times are counted up, and what it has recorded.
struct TracerFixture {
    let metrics = Metrics()
    let buffer: SpanBuffer
    let tracer: Tracer

    init(ratio: Double = 1) {
        buffer = SpanBuffer(TracingMetrics(metrics))
        let (word, time) = (Number(), Number())
        tracer = Tracer(
            Sampler(ratio: ratio, perSecond: 100_000, now: { 0 }), buffer,
            random: { UInt64(word.add(1)) }, clock: { 1_700_000_000_000_000_000 + time.add(1) })
    }

    /// The spans that have ended, by name.
    func spans() -> [String: Span] {
        Dictionary(buffer.take().map { ($0.name, $0) }) { first, _ in first }
    }
}

/// A number that the test and what it tests share.
final class Number: Sendable {
    private let value: Atomic<Int64>
    init(_ value: Int64 = 0) { self.value = Atomic(value) }

    var now: Int64 {
        get { value.load(ordering: .relaxed) }
        set { value.store(newValue, ordering: .relaxed) }
    }

    /// The number then.
    func add(_ difference: Int64) -> Int64 { value.add(difference, ordering: .relaxed).newValue }
}

/// The example of W3C's specification.
let example = TraceContext(traceparent: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")!

func span(_ name: String) -> Span {
    Span(context: example, parent: nil, name: name, kind: .internal, startedAt: 1, endedAt: 2)
}
