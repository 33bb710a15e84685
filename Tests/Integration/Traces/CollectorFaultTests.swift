import Foundation
import HTTP
import Support
import Testing

/// A collector that is no use.
@Suite("A collector's faults", .needsRealKafka, .serialized, .timeLimit(.minutes(4)))
struct CollectorFaultTests {
    /// Answers every export as the test wants it at the time; nil: never.
    private final class Pretender: Application {
        let status = Shared<Int?>(200)
        let asked = Shared(0)

        func admit(_ head: RequestHead) async -> Admission<Int> { .read(bodyLimit: 16 << 20, context: 0) }
        func respond(to request: consuming Request, context: Int) async -> Response {
            asked.change { $0 += 1 }
            guard let status = status.now else {
                try? await Task.sleep(for: .seconds(3600))
                return Response(status: 200)
            }
            return Response(status: status)
        }
        func refusal(status: Int, reason: String, context: Int?) -> Response { Response(status: status) }
    }

    @Test(
        "whether it refuses, fails, hangs or is away: orders are accepted as soon as before, and spans are counted as dropped"
    )
    func faults() async throws {
        let collector = Pretender()
        let server = try Server(ServerSettings(listen: "127.0.0.1:0"), application: collector)
        let relay = Relay(
            on: try await RealKafka.ownCluster(),
            ["OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:\(server.port)", "TRACES_PER_SECOND": "100000"])
        _ = try await relay.told("topics", "create")
        let token = try await relay.token()
        let ingest = try relay.start("ingest")
        try await relay.waitUntilReady(ingest)
        var next = 0
        func orders(_ count: Int) async throws -> Duration {
            defer { next += count }
            return try await Self.median(of: next..<next + count) { number in
                try await ingest.send(.post, "/orders", token: token, Cluster.order(number))
            }
        }
        func dropped(_ reason: String) async throws -> Double {
            try await ingest.metric("orderrelay_trace_spans_dropped_total", having: "reason=\"\(reason)\"")
        }

        _ = try await orders(50)
        let usual = try await orders(200)
        // Each is two spans.
        try await eventually("all are exported") {
            try await ingest.metric("orderrelay_trace_spans_exported_total") == 500
        }
        var medians: [String: Duration] = [:]
        for status in [400, 500] {
            collector.status.now = status
            let before = try await dropped("refused")
            medians["\(status)"] = try await orders(100)
            try await eventually("what it answers with \(status) is dropped") {
                try await dropped("refused") == before + 200
            }
        }
        collector.status.now = nil
        let asked = collector.asked.now
        medians["hangs"] = try await orders(100)
        try await eventually("an export hangs") { collector.asked.now > asked }
        // More than the buffer holds beside the batch that hangs.
        try await Self.send(at: 20, next..<next + 2_400) { number in
            try await ingest.send(.post, "/orders", token: token, Cluster.order(number))
        }
        next += 2_400
        try await eventually("what is too many is dropped") { try await dropped("buffer_full") > 0 }
        #expect(try await dropped("unreachable") == 0)
        await server.stop(timeout: .milliseconds(100))
        medians["away"] = try await orders(100)
        try await eventually("what cannot be sent is dropped") { try await dropped("unreachable") > 0 }

        for (fault, median) in medians {
            #expect(median < usual * 4 + .milliseconds(50), "\(fault): \(median), usually \(usual)")
        }
        #expect(try await ingest.metric("orderrelay_ready", having: "part=\"traces\"") == 1)
        #expect(!ingest.lines(with: "spans are not exported").isEmpty)
        try await relay.stop(ingest)
        relay.kafka.wipe()
    }

    /// Sends orders one after the other, each of which must be accepted; how long half of them took at most.
    private static func median(
        of numbers: Range<Int>, _ send: (Int) async throws -> Response
    ) async throws -> Duration {
        var times: [Duration] = []
        for number in numbers {
            let began = ContinuousClock.now
            try #require(try await send(number).status == 201)
            times.append(.now - began)
        }
        return times.sorted()[times.count / 2]
    }

    private static func send(
        at once: Int, _ numbers: Range<Int>, _ send: @escaping @Sendable (Int) async throws -> Response
    ) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for lane in 0..<once {
                group.addTask {
                    for number in stride(from: numbers.lowerBound + lane, to: numbers.upperBound, by: once) {
                        try #require(try await send(number).status == 201)
                    }
                }
            }
            try await group.waitForAll()
        }
    }
}
