import HTTP
public import Lifecycle
import Primitives
import Synchronization
public import Telemetry
public import Tracing

/// Sends finished spans to a collector by OTLP over HTTP, as JSON, in batches: a task of its own, on which nothing waits. A
/// collector that is away, slow or refusing costs spans, which are counted, and nothing else.
public final class SpanExporter: Service {
    /// Where spans are sent, and how.
    public struct Target: Sendable {
        /// The whole address, `http://127.0.0.1:4318/v1/traces`.
        public var url: String
        /// Sent with every request: credentials.
        public var fields: [(name: String, value: String)]
        /// From the request to its answer.
        public var timeout = Duration.seconds(10)
        /// How often what there is is sent, if there is no whole batch before.
        public var every = Duration.seconds(1)
        /// Attempts of one batch, and the pauses between them.
        public var retry = RetryPolicy(
            base: .seconds(1), floor: .milliseconds(500), cap: .seconds(30), attemptsMaximum: 4)

        public init(url: String, fields: [(name: String, value: String)] = []) {
            self.url = url
            self.fields = fields
        }
    }

    /// How long the last spans are awaited when the process stops, at most.
    private static let stopMaximum = Duration.seconds(1)
    private static let answerBytesMaximum = 64 * 1024

    public let name = "traces"
    private let target: Target
    private let service: TracedService
    private let buffer: SpanBuffer
    private let metrics: TracingMetrics
    private let random: Randomness
    private let outage: Outage
    private let client = Client(connectionsMaximum: 1)
    private let running = Mutex<Task<Void, Never>?>(nil)
    private let stopping = Once<Void>()
    private let ended = Once<Void>()

    public init(
        _ buffer: SpanBuffer, to target: Target, as service: TracedService, metrics: TracingMetrics, log: Log,
        random: Randomness = .system
    ) {
        self.buffer = buffer
        self.target = target
        self.service = service
        self.metrics = metrics
        self.random = random
        outage = Outage(saying: "spans are not exported", ending: "spans are exported again", log: log)
    }

    /// It never keeps a process from being ready: orders do not need it.
    public var notReady: String? { nil }

    public func start() async throws {
        let task = Task {
            await self.exportRepeatedly()
            self.ended.open()
        }
        running.withLock { $0 = task }
    }

    /// Sends what is left, each batch once, for a second at most.
    public func stop(by deadline: ContinuousClock.Instant) async {
        stopping.open()
        buffer.close()
        guard let task = running.withLock({ $0 }) else { return client.close() }
        await ended.wait(atMost: max(.zero, min(Self.stopMaximum, deadline - .now)))
        task.cancel()
        await task.value
        client.close()
    }

    private func exportRepeatedly() async {
        while !stopping.isOpen {
            await buffer.wait(atMost: target.every)
            await export(buffer.take())
        }
        while case let batch = buffer.take(), !batch.isEmpty { await export(batch) }
    }

    /// Sends a batch until it is taken or given up.
    private func export(_ batch: [Span]) async {
        guard !batch.isEmpty else { return }
        let body = OTLPRequest.body(batch, of: service)
        var attempts = 0
        while true {
            attempts += 1
            switch await verdict(on: body) {
            case .taken(let rejected, let why): return taken(batch.count, rejected: rejected, why)
            case .refused(let why): return lost(batch.count, .refused, why)
            case .unreachable(let why): return lost(batch.count, .unreachable, why)
            case .later(let after, let why):
                guard await mayTryAgain(after: attempts, asked: after) else {
                    return lost(batch.count, .unreachable, why)
                }
                outage.goesOn(why)
            }
        }
    }

    private func verdict(on body: [UInt8]) async -> ExportVerdict {
        guard !Task.isCancelled else { return .unreachable(why: "the process has stopped") }
        var fields: HeaderFields = ["Content-Type": "application/json"]
        for field in target.fields { fields.add(field.name, field.value) }
        let request = ClientRequest(
            .post, target.url, fields: fields, body: body, timeout: target.timeout,
            answerBytesMaximum: Self.answerBytesMaximum)
        do throws(ClientError) {
            return ExportVerdict(try await client.send(request))
        } catch { return ExportVerdict(error) }
    }

    /// Waits until the next attempt; false if there is to be none: they are used up, or the process stops.
    private func mayTryAgain(after attempts: Int, asked: Duration?) async -> Bool {
        guard case .again(let pause) = target.retry.decision(afterAttempts: attempts, retryAfter: asked, random: random)
        else { return false }
        return await !stopping.wait(atMost: pause)
    }

    private func taken(_ count: Int, rejected: Int, _ why: String?) {
        let rejected = min(rejected, count)
        metrics.exported(count - rejected)
        guard rejected > 0 else { return outage.ends() }
        lost(rejected, .refused, why ?? "the collector has rejected some")
    }

    private func lost(_ count: Int, _ loss: TracingMetrics.Loss, _ why: String) {
        metrics.dropped(count, loss)
        outage.goesOn(why, reason: loss.rawValue, ["spans": "\(count)"])
    }
}
