public import Intake
public import Kafka
public import Ledger
public import Lifecycle
import Synchronization
public import Telemetry

/// One worker, whole: a consumer whose records are taken in, and an engine that attempts what they caused.
///
/// `confirmations`, `crm` and the like differ in their planner and adapters only.
public final class Worker: Service {
    /// What makes a worker this one.
    public struct Parts: Sendable {
        public var planner: any Planner
        /// The adapters of its destinations; a worker that attempts nothing (`analytics`) has none.
        public var adapters: AdapterResolver
        public var ledger: Ledger
        public var kafka: ClientProperties
        /// The cluster's id where it is not to be asked for: the embedded broker's random one.
        public var cluster: String?
        /// Whether what nobody can read or deliver is copied to topic `dead-letters`; `analytics` writes to the ledger only.
        public var writesDeadLetters: Bool
        /// Random per start of the process: what it leases is its own by this name.
        public var owner: String
        public var metrics: Metrics
        public var journal: Log
        public var intake = IntakeSettings()
        public var time: any Timekeeper = SystemTime()
        public var random = Randomness.system

        public init(
            planner: any Planner, adapters: @escaping AdapterResolver = { _ in nil }, ledger: Ledger,
            kafka: ClientProperties, cluster: String? = nil, writesDeadLetters: Bool = true, owner: String,
            metrics: Metrics, journal: Log
        ) {
            self.planner = planner
            self.adapters = adapters
            self.ledger = ledger
            self.kafka = kafka
            self.cluster = cluster
            self.writesDeadLetters = writesDeadLetters
            self.owner = owner
            self.metrics = metrics
            self.journal = journal
        }
    }

    struct State {
        var starting: Task<Void, any Error>?
        var isReading = false
        var isStopping = false
        var isRejoining = false
        /// What it waits for, in words.
        var waiting = "not started"
        /// A topic that Kafka does not know.
        var missingTopic: String?
        var reach = KafkaReach()
        var admin: Admin?
        var producer: Producer?
        var engine: DeliveryEngine?
        var intake: IntakeOwner?
        var consumer: Consumer?
        /// Given when the worker stops: whoever waits for partitions need not any longer.
        let stopped = Signal()
    }

    public let name: String
    /// The consumer group, as every process of this worker joins it.
    public var group: String { "orderrelay-\(name)" }
    let parts: Parts
    let rebalances: Counter
    /// What the consumer's client says of brokers, a line for each kind of trouble.
    let trouble: Waiting
    /// The two halves' one line about a ledger that is away.
    private let ledgerLine: Waiting
    let state = Mutex(State())

    public init(_ parts: Parts) {
        self.parts = parts
        name = parts.planner.worker
        ledgerLine = Waiting(for: "the ledger", log: parts.journal)
        trouble = Waiting(saying: "trouble with Kafka", ending: "Kafka is well again", log: parts.journal)
        rebalances = parts.metrics.counter(
            "orderrelay_kafka_rebalances_total", "Assignments of partitions to this process.", labels: ["worker"])
    }

    // MARK: Starting

    public func start() async throws {
        let task = state.withLock { state in
            let task = Task { try await self.begin() }
            state.starting = task
            return task
        }
        try await task.value
    }

    private func begin() async throws {
        let admin = try Admin(parts.kafka)
        state.withLock { $0.admin = admin }
        let cluster: String
        if let known = parts.cluster {
            cluster = known
        } else {
            cluster = try await persistently("Kafka") { try await admin.clusterID(timeout: .seconds(5)) }
        }
        let beat = try await persistently("the ledger") {
            try await self.parts.ledger.heartbeat(process: self.parts.owner, worker: self.name)
        }
        var letters: DeadLetterDesk?
        if parts.writesDeadLetters {
            let producer = try Producer(parts.kafka)
            state.withLock { $0.producer = producer }
            letters = DeadLetterDesk(producer)
        }
        let engine = engine(letters)
        engine.state.withLock { $0.beat = beat }
        let intake = IntakeOwner(
            intakeParts(engine, letters, admin, cluster), settings: parts.intake,
            stoppedForNow: { [weak self] in self?.rejoin() })
        state.withLock { state in
            state.engine = engine
            state.intake = intake
            state.waiting = "waits for its partitions"
        }
        engine.start()
        try await join(intake)
    }

    private func engine(_ letters: DeadLetterDesk?) -> DeliveryEngine {
        var engine = DeliveryEngine.Parts(
            ledger: parts.ledger, worker: name, owner: parts.owner, adapters: parts.adapters, deadLetters: letters,
            metrics: DeliveryMetrics(parts.metrics), journal: parts.journal, time: parts.time, random: parts.random)
        engine.ledgerLine = ledgerLine
        return DeliveryEngine(engine)
    }

    private func intakeParts(
        _ engine: DeliveryEngine, _ letters: DeadLetterDesk?, _ admin: Admin, _ cluster: String
    ) -> IntakeParts {
        var intake = IntakeParts(
            ledger: parts.ledger, planner: parts.planner, desk: engine, deadLetters: letters, log: PartitionLog(admin),
            cluster: cluster, owner: parts.owner, beat: { engine.beat }, metrics: IntakeMetrics(parts.metrics),
            journal: parts.journal, time: parts.time, random: parts.random)
        intake.ledgerLine = ledgerLine
        return intake
    }

    /// Tries until it succeeds, and says what it waits for; ends when the worker is stopped.
    func persistently<Result: Sendable>(
        _ what: String, _ work: @Sendable () async throws -> Result
    ) async throws -> Result {
        var failures = 0
        let waiting = Waiting(for: what, log: parts.journal)
        while true {
            do {
                let result = try await work()
                waiting.ends()
                return result
            } catch let error where Self.mayPass(error) {
                failures += 1
                state.withLock { $0.waiting = "waits for \(what): \(error)" }
                waiting.goesOn("\(error)")
                let delay = RetryPolicy.dependency.delay(afterFailures: failures, random: parts.random)
                try await parts.time.sleep(until: parts.time.now + delay)
            }
        }
    }

    private static func mayPass(_ error: any Error) -> Bool {
        switch error {
        case let error as LedgerError: error.isRetriable
        case let error as KafkaError: error.isRetriable || error.code == .timedOut || error.code == .unreachable
        default: false
        }
    }

    // MARK: Seen from outside

    public var notReady: String? {
        let (isReading, waiting, intake, engine) = state.withLock { state in
            (state.isReading && !state.isStopping, state.waiting, state.intake, state.engine)
        }
        if let topic = state.withLock({ $0.missingTopic }) {
            return "\(topic): 'orderrelay topics create' makes the topics"
        }
        if let why = state.withLock({ $0.reach.away }) { return "Kafka does not answer: \(why)" }
        if !isReading { return waiting }
        if let intake, let stopped = intake.stopped.min(by: { $0.key.description < $1.key.description }) {
            return "\(intake.stopped.count) partitions are not read: \(stopped.value)"
        }
        return engine?.isLedgerAway == true ? "the ledger does not answer" : nil
    }

    /// The partitions that this process reads now.
    public var assignment: Set<TopicPartition> { state.withLock { $0.consumer }?.assignment ?? [] }

    // MARK: Stopping

    /// Reads nothing more, finishes the open transactions and the attempts under way, gives back the rest, leaves the
    /// group.
    public func stop(by deadline: ContinuousClock.Instant) async {
        let parts = state.withLock { state -> State in
            state.isStopping = true
            state.waiting = "stopping"
            return state
        }
        parts.starting?.cancel()
        parts.stopped.give()
        parts.engine?.takeNothingMore()
        parts.intake?.stop()
        let left = deadline - self.parts.time.now
        await parts.consumer?.close(timeout: max(.milliseconds(100), left - .seconds(3)))
        // What the last transactions leased has come to the engine by now, and is given back with the rest.
        await parts.engine?.stop(by: deadline - .milliseconds(500))
        async let producer: Void? = parts.producer?.close(timeout: .milliseconds(400))
        async let admin: Void? = parts.admin?.close()
        _ = await (producer, admin)
    }
}
