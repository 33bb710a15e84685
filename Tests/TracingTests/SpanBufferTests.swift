import Telemetry
import Testing

@testable import Tracing

@Suite("Spans that wait to be exported") struct SpanBufferTests {
    private func dropped(_ metrics: Metrics) -> String? {
        metrics.rendered().split(separator: "\n").first { $0.contains("{reason=\"buffer_full\"}") }.map(String.init)
    }

    @Test("the oldest come first, a batch at a time")
    func batches() {
        let buffer = SpanBuffer(TracingMetrics(Metrics()))
        for number in 0..<(SpanBuffer.batchMaximum + 3) { buffer.add(span("\(number)")) }
        #expect(buffer.take().map(\.name) == (0..<SpanBuffer.batchMaximum).map(String.init))
        #expect(buffer.take().count == 3 && buffer.take().isEmpty)
    }

    @Test("what is too many is dropped, and counted")
    func bounded() {
        let metrics = Metrics()
        let buffer = SpanBuffer(TracingMetrics(metrics))
        #expect(dropped(metrics) == #"orderrelay_trace_spans_dropped_total{reason="buffer_full"} 0"#)
        for number in 0..<(SpanBuffer.spansMaximum + 7) { buffer.add(span("\(number)")) }
        #expect(buffer.count == SpanBuffer.spansMaximum)
        #expect(dropped(metrics) == #"orderrelay_trace_spans_dropped_total{reason="buffer_full"} 7"#)
        #expect(buffer.take().first?.name == "0", "those that came first stay")
    }

    @Test("a whole batch, and the buffer's end, wake whoever waits", .timeLimit(.minutes(1)))
    func wakes() async {
        let buffer = SpanBuffer(TracingMetrics(Metrics()))
        async let waits: Void = buffer.wait(atMost: .seconds(3600))
        for number in 0..<SpanBuffer.batchMaximum { buffer.add(span("\(number)")) }
        await waits
        #expect(buffer.take().count == SpanBuffer.batchMaximum)
        async let waitsAgain: Void = buffer.wait(atMost: .seconds(3600))
        buffer.close()
        await waitsAgain
        await buffer.wait(atMost: .seconds(3600))
    }

    @Test("fewer wait for their time")
    func timed() async {
        let buffer = SpanBuffer(TracingMetrics(Metrics()))
        buffer.add(span("one"))
        let began = ContinuousClock.now
        await buffer.wait(atMost: .milliseconds(50))
        #expect(ContinuousClock.now - began >= .milliseconds(50))
        #expect(buffer.take().count == 1)
    }
}
