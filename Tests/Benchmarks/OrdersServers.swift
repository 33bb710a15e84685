import Access
import Configuration
import Control
import Crypto
import Foundation
import Ingest
import Kafka
import Ledger
import Lifecycle
import Limiter
import Orders
import RateLimit
import Telemetry
import TraceExport
import Tracing

/// The two programs that `ingest-orders` compares, each until its input ends.
enum OrdersServers {
    /// The one token, the same for every process.
    static let token = Token { Array(repeating: 7, count: $0) }

    /// The ingest process as it is run with `HTTP_SCHEDULING=batch`, but for its ledger, which creating orders never
    /// asks, and, without the word `limit`, for the rate limit. `threads=N` serves on so many; `traces=RATIO,ENDPOINT` traces
    /// that share of the requests, and says at its end what became of the spans.
    static func runOurs(_ words: [String]) async throws {
        Scheduling.batch.apply()
        let properties = ClientProperties(bootstrapServers: words[0])
        let log = Log(process: "benchmark", level: .warning)
        let metrics = Metrics()
        let producer = try Producer(properties, lingerMilliseconds: Int(words[1]) ?? 1)
        try await producer.warmUp(topics: ["orders"], timeout: .seconds(10))
        let control = ControlReplica(properties, metrics: metrics, log: log)
        let ledger = try Ledger.open(url: "sqlite::memory:", sealing: nil, now: { WallClock.milliseconds() })
        let limiter = words.contains("limit") ? Limiter(LimiterSettings(properties), metrics: metrics, log: log) : nil
        let gate: any PermitGate = limiter ?? OpenGate()
        let threads = words.lazy.compactMap { $0.hasPrefix("threads=") ? Int($0.dropFirst(8)) : nil }.first ?? 1
        let traces = words.lazy.compactMap { $0.hasPrefix("traces=") ? $0.dropFirst(7).split(separator: ",") : nil }
            .first
        let tracing = try traces.flatMap { words in
            try Self.tracing(ratio: String(words[0]), endpoint: String(words[1]), metrics, log)
        }
        let ingest = IngestProcess(
            IngestProcess.Parts(
                listen: "127.0.0.1:0", threads: threads, control: control, producer: producer, ledger: ledger,
                gate: gate,
                metrics: metrics, log: log, tracer: tracing?.tracer))
        try await tracing?.exporter.start()
        try await control.start()
        try await limiter?.start()
        try await ingest.start()
        HTTPServers.serveUntilInputEnds(port: ingest.port ?? 0)
        await ingest.stop(by: .now + .seconds(1))
        await limiter?.stop(by: .now + .seconds(1))
        guard let tracing else { return }
        await tracing.exporter.stop(by: .now + .seconds(1))
        for line in metrics.rendered().split(separator: "\n") where line.hasPrefix("orderrelay_trace_spans") {
            FileHandle.standardError.write(Data("  \(traces?[0] ?? ""): \(line)\n".utf8))
        }
    }

    private static func tracing(
        ratio: String, endpoint: String, _ metrics: Metrics, _ log: Log
    ) throws -> TracingParts? {
        let settings = [
            (TracingParts.endpoint, endpoint), (TracingParts.samplerRatio, ratio), (TracingParts.perSecond, "100000"),
        ]
        return try TracingParts(
            Environment(Dictionary(uniqueKeysWithValues: settings.map { ($0.0.name, $0.1) })),
            as: TracedService(name: "ingest", version: "0", instance: "benchmark"), metrics: metrics, log: log)
    }

    /// - Parameter words: brokers, linger, `same-record` where records and answers are to be of our shape, `one-key`
    ///   where all records are to lie on one partition, and `batches` where it is to be scheduled as ours is.
    static func runBare(_ words: [String]) throws {
        if words.contains("batches") { Scheduling.batch.apply() }
        let record = words.contains("same-record") ? try sampleRecord() : nil
        let producer = BareProducer(
            brokers: words[0], lingerMilliseconds: Int(words[1]) ?? 1, record: record,
            hasOneKey: words.contains("one-key"))
        HTTPBareServer.run(.publish(producer), fields: record == nil ? HTTPBareServer.fewFields : answerFields)
    }

    /// The record that the ingest process makes of the benchmark's order.
    static func sampleRecord() throws -> BareRecord {
        let draft = try OrderDraft.read(
            Array(HTTPServerBenchmark.order.body.utf8),
            settings: AccountSettings(localeTag: "uk", country: "UA", currencyCode: "UAH"))
        let order = OrderID(account: "shop", .random(Array(repeating: 1, count: 12)))
        let trace = TraceContext { 1 }
        let event = Event(
            id: EventID.created(order).text, account: "shop", order: order,
            time: Timestamp(milliseconds: 1_790_000_000_000),
            traceparent: trace.traceparent, content: .created(draft)
        )
        return BareRecord(event.encoded())
    }

    /// The fields of the ingest process's answer.
    static let answerFields =
        HTTPBareServer.fewFields + [
            ("X-RateLimit-Limit", "300"), ("X-RateLimit-Remaining", "212"), ("X-RateLimit-Reset", "0"),
            ("X-Request-Id", "0123456789abcdef"),
        ]

    /// Makes the topics, and the one account and token in topic `control`. The limit is the highest that there can be.
    static func prepare(_ brokers: String) async throws {
        let properties = ClientProperties(bootstrapServers: brokers)
        let admin = try Admin(properties)
        _ = try await admin.create(
            [
                TopicSpecification(name: "orders", partitions: 12, configuration: [:]),
                TopicSpecification(name: "control", partitions: 6, configuration: ["cleanup.policy": "compact"]),
                TopicSpecification(
                    name: "ratelimit", partitions: 24, configuration: ["message.timestamp.type": "LogAppendTime"]),
            ], timeout: .seconds(10))
        await admin.close()
        let producer = try Producer(properties)
        let token = TokenRecord(
            id: token.id, account: "shop", secretDigest: token.secretDigest, scopes: [.write],
            label: "benchmark", limitID: String(repeating: "0", count: 32), limit: 1_000_000)
        for record in [ControlRecord.account(AccountRecord(id: "shop", name: "A shop")), .token(token)] {
            _ = try await producer.send(
                OutgoingRecord(topic: ControlSnapshot.topic, key: Array(record.key.utf8), value: record.encoded()))
        }
        await producer.close(timeout: .seconds(5))
    }
}

/// Always grants, and always reports the same state of the limit.
private struct OpenGate: PermitGate {
    private let fields = RateLimitFields(
        Standing(limit: 300, remaining: 212, nextPermitAt: nil), now: OwnTime(nanoseconds: 0))

    func permit(of terms: LimitTerms, count: Int) async -> LimitAnswer { LimitAnswer(.granted, fields) }

    func usage(of terms: LimitTerms) -> LimitUsage? { nil }
}
