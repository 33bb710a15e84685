public import Control
import FoundationEssentials
import HTTP
public import Ledger
public import Lifecycle
import Orders
import Synchronization
public import Telemetry
public import Tracing

/// The process that takes orders in: the API on HTTP, in front of Kafka.
public final class IngestProcess: Service {
    /// What it is built from.
    public struct Parts: Sendable {
        /// `HTTP_LISTEN`.
        public var listen: String
        /// `HTTP_THREADS`.
        public var threads: Int
        public var control: ControlReplica
        public var producer: any EventProducer
        /// For reading only.
        public var ledger: Ledger
        public var gate: any PermitGate
        /// `HTTP_TRUSTED_PROXIES`.
        public var trustedProxies: TrustedProxies
        public var metrics: Metrics
        public var log: Log
        /// nil: nothing is traced.
        public var tracer: Tracer?
        public init(
            listen: String, threads: Int = 1, control: ControlReplica, producer: any EventProducer, ledger: Ledger,
            gate: any PermitGate,
            trustedProxies: TrustedProxies = TrustedProxies(), metrics: Metrics, log: Log, tracer: Tracer? = nil
        ) {
            self.listen = listen
            self.threads = threads
            self.control = control
            self.producer = producer
            self.ledger = ledger
            self.gate = gate
            self.trustedProxies = trustedProxies
            self.metrics = metrics
            self.log = log
            self.tracer = tracer
        }
    }

    /// One for each processor, at most 8: a thread keeps one processor busy at some 20,000 orders a second, and the
    /// client library's threads need theirs, too; more would mostly be idle.
    public static var usualThreads: Int { min(8, ProcessInfo.processInfo.activeProcessorCount) }

    public let name = "ingest"
    private let parts: Parts
    private let server = Mutex<Server?>(nil)
    private let watch: OrderWatch
    private let application: IngestApplication

    public init(_ parts: Parts) {
        self.parts = parts
        watch = OrderWatch(parts.ledger)
        let metrics = IngestMetrics(parts.metrics, log: parts.log)
        let publisher = Publisher(producer: parts.producer, acknowledgementSeconds: metrics.acknowledgementSeconds)
        let now: @Sendable () -> Timestamp = { Timestamp(milliseconds: WallClock.milliseconds()) }
        let random = RandomReserve()
        application = IngestApplication(
            services: Services(
                acceptance: Acceptance(publisher: publisher, metrics: metrics), ledger: parts.ledger, watch: watch,
                unread: UnreadOrders(parts.ledger, parts.producer), gate: parts.gate, now: now, random: random.bytes),
            control: parts.control, proxies: parts.trustedProxies, registry: parts.metrics, metrics: metrics,
            random: random.word, tracer: parts.tracer)
        parts.metrics.beforeRendering { [weak self] in
            metrics.connections.set(Double(self?.server.withLock { $0?.connectionCount } ?? 0))
        }
    }

    /// The port that it listens on; nil while it does not run.
    public var port: Int? { server.withLock { $0?.port } }

    public var notReady: String? {
        if let why = parts.control.notReady { return why }
        return server.withLock { $0 == nil } ? "not listening yet" : nil
    }

    /// Listens only after topic `control` has been read: before that every token would be unknown. The rate limit is
    /// ready by then, too: it starts in an earlier stage.
    ///
    /// - Throws: `ServerError` if the address cannot be listened on.
    public func start() async throws {
        var settings = ServerSettings(listen: parts.listen)
        settings.threads = parts.threads
        let started = try Server(settings, application: application)
        server.withLock { $0 = started }
        parts.log.info("the API is served", ["port": String(started.port)])
    }

    public func stop(by deadline: ContinuousClock.Instant) async {
        guard let server = server.withLock({ $0 }) else { return }
        watch.close()
        await server.stop(timeout: max(.zero, deadline - .now))
    }
}

extension ControlReplica: ControlLookup {}
