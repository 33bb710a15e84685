import HTTP
import Lifecycle
import Support
import Telemetry
import Testing
import Tracing

@testable import TraceExport

@Suite("Exporting spans", .timeLimit(.minutes(2))) struct SpanExporterTests {
    private static let parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"

    /// A process that traces, and its exporter.
    private struct Scene {
        let metrics = Metrics()
        let log = Shared<[String]>([])
        let tracer: Tracer
        let exporter: SpanExporter

        init(_ url: String, _ change: (inout SpanExporter.Target) -> Void = { _ in }) {
            let tracing = TracingMetrics(metrics)
            let buffer = SpanBuffer(tracing)
            tracer = Tracer(Sampler(ratio: 1, perSecond: 1), buffer)
            var target = SpanExporter.Target(url: url, fields: [("Authorization", "Basic c2VjcmV0")])
            target.every = .milliseconds(5)
            target.timeout = .milliseconds(500)
            target.retry = RetryPolicy(
                base: .milliseconds(1), floor: .milliseconds(1), cap: .milliseconds(20), attemptsMaximum: 3)
            change(&target)
            exporter = SpanExporter(
                buffer, to: target, as: TracedService(name: "test", version: "1", instance: "i"), metrics: tracing,
                log: Log(process: "test") { [log] line in log.change { $0.append(line) } })
        }

        func trace(_ count: Int = 1) {
            for number in 0..<count {
                tracer.begin(.internal, "span \(number)", under: SpanExporterTests.parent)?.end()
            }
        }

        func count(_ what: String) -> Int {
            let line = metrics.rendered().split(separator: "\n").first {
                $0.hasPrefix("orderrelay_trace_spans_\(what) ")
            }
            return line.flatMap { $0.split(separator: " ").last }.flatMap { Int($0) } ?? -1
        }
        var exported: Int { count("exported_total") }
        func dropped(_ reason: String) -> Int { count("dropped_total{reason=\"\(reason)\"}") }

        func stop() async { await exporter.stop(by: .now + .seconds(5)) }
    }

    @Test("spans are posted as JSON with the fields of the settings, and counted")
    func exports() async throws {
        let collector = try FakeCollector { _ in Response(status: 200, body: Array(#"{"partialSuccess":{}}"#.utf8)) }
        let scene = Scene(collector.url)
        try await scene.exporter.start()
        scene.trace(3)
        try await eventually("they are exported") { scene.exported == 3 }
        let requests = collector.requests.now
        let request = try #require(requests.first)
        #expect(request.head.method == .post && request.head.path == "/v1/traces")
        #expect(request.head.fields["Content-Type"] == "application/json")
        #expect(request.head.fields["Authorization"] == "Basic c2VjcmV0")
        let bodies = requests.map { String(decoding: $0.body, as: UTF8.self) }.joined()
        #expect((0..<3).allSatisfy { bodies.contains("\"name\":\"span \($0)\"") }, "\(bodies)")
        await scene.stop()
        #expect(scene.log.now.isEmpty, "\(scene.log.now)")
        await collector.stop()
    }

    @Test("more than a batch goes in several requests")
    func batches() async throws {
        let collector = try FakeCollector { _ in Response(status: 200) }
        let scene = Scene(collector.url)
        scene.trace(SpanBuffer.batchMaximum + 1)
        try await scene.exporter.start()
        try await eventually("they are exported") { scene.exported == SpanBuffer.batchMaximum + 1 }
        #expect(collector.requests.now.count == 2)
        await scene.stop()
        await collector.stop()
    }

    @Test("what the collector cannot take now is sent again, the same bytes, until it does")
    func retries() async throws {
        let collector = try FakeCollector { number in
            number < 2 ? Response(status: 503, fields: ["Retry-After": "0"]) : Response(status: 200)
        }
        let scene = Scene(collector.url)
        try await scene.exporter.start()
        scene.trace()
        try await eventually("it is exported") { scene.exported == 1 }
        let bodies = collector.requests.now.map(\.body)
        #expect(bodies.count == 3 && Set(bodies).count == 1)
        #expect(scene.dropped("unreachable") == 0 && scene.dropped("refused") == 0)
        await scene.stop()
        #expect(scene.log.now.count == 2, "once that it is not exported, and once that it is: \(scene.log.now)")
        await collector.stop()
    }

    @Test("attempts are bounded: then the spans are dropped, counted, and the next ones are sent")
    func givesUp() async throws {
        let collector = try FakeCollector { Response(status: $0 < 3 ? 429 : 200) }
        let scene = Scene(collector.url)
        try await scene.exporter.start()
        scene.trace()
        try await eventually("it is given up") { scene.dropped("unreachable") == 1 }
        #expect(collector.requests.now.count == 3)
        scene.trace()
        try await eventually("the next one is exported") { scene.exported == 1 }
        await scene.stop()
        await collector.stop()
    }

    @Test("what is refused is not sent again", arguments: [400, 500])
    func refused(status: Int) async throws {
        let collector = try FakeCollector { _ in Response(status: status) }
        let scene = Scene(collector.url)
        try await scene.exporter.start()
        scene.trace()
        try await eventually("it is dropped") { scene.dropped("refused") == 1 }
        #expect(collector.requests.now.count == 1 && scene.exported == 0)
        await scene.stop()
        #expect(scene.log.now.first?.contains("the collector answered \(status)") == true, "\(scene.log.now)")
        #expect(!scene.log.now.joined().contains("c2VjcmV0"), "credentials are in no log")
        await collector.stop()
    }

    @Test("of a partial success both parts are counted")
    func partial() async throws {
        let collector = try FakeCollector { _ in
            Response(status: 200, body: Array(#"{"partialSuccess":{"rejectedSpans":"2","errorMessage":"old"}}"#.utf8))
        }
        let scene = Scene(collector.url)
        scene.trace(5)
        try await scene.exporter.start()
        try await eventually("they are counted") { scene.exported == 3 && scene.dropped("refused") == 2 }
        await scene.stop()
        await collector.stop()
    }

    @Test("nobody waits for a collector that hangs: the buffer fills, and what is too many is dropped")
    func hangs() async throws {
        let collector = try FakeCollector { _ in
            try? await Task.sleep(for: .seconds(3600))
            return Response(status: 200)
        }
        let scene = Scene(collector.url) { $0.timeout = .seconds(3600) }
        try await scene.exporter.start()
        scene.trace()
        try await eventually("the request is under way") { collector.requests.now.count == 1 }
        scene.trace(SpanBuffer.spansMaximum + 10)
        #expect(scene.dropped("buffer_full") == 10)
        let began = ContinuousClock.now
        await scene.stop()
        #expect(ContinuousClock.now - began < .seconds(3), "it holds up no end of a process either")
        await collector.stop()
    }

    @Test("what is left at the end is sent, however soon that comes")
    func lastOnes() async throws {
        let collector = try FakeCollector { _ in Response(status: 200) }
        let scene = Scene(collector.url) { $0.every = .seconds(3600) }
        try await scene.exporter.start()
        scene.trace(2)
        await scene.stop()
        #expect(scene.exported == 2 && collector.requests.now.count == 1)
        await collector.stop()
    }

    @Test("a collector that is away costs spans, one line of the log, and no readiness")
    func away() async throws {
        let scene = Scene("http://127.0.0.1:\(FreePorts.take(1)[0])/v1/traces")
        try await scene.exporter.start()
        scene.trace(4)
        try await eventually("they are dropped") { scene.dropped("unreachable") == 4 }
        #expect(scene.exporter.notReady == nil)
        await scene.stop()
        #expect(scene.log.now.count { $0.contains("spans are not exported") } <= 2, "\(scene.log.now)")
    }
}
