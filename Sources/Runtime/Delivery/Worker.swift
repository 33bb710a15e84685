public import Intake
public import Kafka
public import Ledger
public import Lifecycle
import Primitives
import Synchronization
import Telemetry

/// A complete worker: a consumer whose records are taken in, and an engine that delivers what follows from them.
///
/// `confirmations`, `crm` and the others differ only in planner and adapters.
public final class Worker: Service {
    struct State {
        var starting: Task<Void, any Error>?
        var isReading = false
        var isStopping = false
        var isRejoining = false
        /// What it is waiting for, for `/readyz`.
        var waiting = "not started"
        /// Why it does nothing any more until it is started again.
        var halted: String?
        /// A topic that Kafka does not know.
        var missingTopic: String?
        /// What Kafka does not allow this process's user.
        var denied: String?
        var reach = KafkaReach()
        var admin: Admin?
        var producer: Producer?
        var engine: DeliveryEngine?
        var intake: IntakeOwner?
        var upkeep: Upkeep?
        var consumer: Consumer?
        /// Given when the worker stops: nobody needs to wait for partitions any longer.
        let stopped = Once<Void>()
    }

    public let name: String
    /// The consumer group that every process of this worker joins.
    public var group: String { WorkerDeclaration(name, topics: planner.topics).group }
    let context: WorkerContext
    let planner: any Planner
    private let adapters: AdapterResolver
    let kafka: ClientProperties
    let cluster: String?
    private let settings: IntakeSettings
    let rebalances: Counter
    private let intakeMetrics: IntakeMetrics
    /// What the consumer's client reports about brokers, a line for each kind of error.
    let trouble: Outage
    let kafkaOutage: Outage
    let state = Mutex(State())

    /// - Parameters:
    ///   - context: made for this worker; its name is the planner's.
    ///   - adapters: find the adapter of a destination; a worker that attempts nothing (`analytics`) has none.
    ///   - cluster: the embedded broker's random id; nil: the cluster is asked for its own.
    public init(
        _ context: WorkerContext, planner: any Planner, adapters: @escaping AdapterResolver = { _ in nil },
        kafka: ClientProperties, cluster: String? = nil, settings: IntakeSettings = IntakeSettings()
    ) {
        precondition(context.worker == planner.worker, "the context is \(context.worker)'s, not \(planner.worker)'s")
        self.context = context
        self.planner = planner
        self.adapters = adapters
        self.kafka = kafka
        self.cluster = cluster
        self.settings = settings
        name = context.worker
        kafkaOutage = Outage(of: "Kafka", log: context.log)
        trouble = Outage(saying: "problems with Kafka", ending: "Kafka has recovered", log: context.log)
        rebalances = context.metrics.counter(
            "orderrelay_kafka_rebalances_total", "Assignments of partitions to this process.",
            labels: [Label("worker", [name])])
        // Before Kafka and the ledger answer: what happens meanwhile is counted from 0.
        intakeMetrics = IntakeMetrics(context.metrics, worker: name, topics: planner.topics)
        DeliveryEngine.register(in: context)
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
        let admin = try Admin(kafka)
        state.withLock { $0.admin = admin }
        let cluster: String
        if let known = self.cluster {
            cluster = known
        } else {
            cluster = try await persistently(kafkaOutage) { try await admin.clusterID(timeout: .seconds(5)) }
        }
        try await waitForNewestLedger(admin)
        context.beat.whenRestored { [weak self] in self?.halt($0) }
        let letters = planner.writesDeadLetters ? DeadLetterPublisher(try producer()) : nil
        let engine = DeliveryEngine(context, adapters: adapters, deadLetters: letters)
        try await persistently(context.ledgerOutage) { try await engine.noteHeartbeat() }
        let intake = IntakeOwner(
            context,
            steps: IntakeSteps(
                planner: planner, capacity: engine.capacity, deadLetters: letters,
                metrics: intakeMetrics, settings: settings),
            log: PartitionLog(admin), cluster: cluster, stoppedForNow: { [weak self] in self?.rejoin() },
            // All partitions at once: librdkafka 2.0.2 aborts where one is taken out of an assignment and put back.
            restart: { [weak self] _ in self?.rejoin() })
        let upkeep = Upkeep([StopsWatch(context, intake)], time: context.time)
        state.withLock { state in
            state.engine = engine
            state.intake = intake
            state.upkeep = upkeep
            state.waiting = "waiting for its partitions"
        }
        engine.start()
        upkeep.start()
        try await join(intake)
    }

    private func producer() throws -> Producer {
        // Each letter is awaited by itself: there is no batch to gather.
        let producer = try Producer(kafka, lingerMilliseconds: 0)
        state.withLock { $0.producer = producer }
        return producer
    }

    /// Tries until it succeeds; ends when the worker is stopped.
    func persistently<Result>(_ outage: Outage, _ work: () async throws -> Result) async throws -> Result {
        try await outage.persistently(
            time: context.time, random: context.random, reason: outageReason(of:), mayPass: mayPass
        ) { _ in try await work() }
    }

    // MARK: Seen from outside

    public var notReady: String? {
        let (isReading, waiting, intake, engine) = state.withLock { state in
            (state.isReading && !state.isStopping, state.waiting, state.intake, state.engine)
        }
        if let why = state.withLock({ $0.halted }) { return why }
        if let topic = state.withLock({ $0.missingTopic }) {
            return "\(topic): 'orderrelay topics create' creates the topics"
        }
        if let why = state.withLock({ $0.denied }) { return why }
        if let why = state.withLock({ $0.reach.away }) { return "Kafka does not answer: \(why)" }
        if !isReading { return kafkaOutage.words ?? context.ledgerOutage.words ?? waiting }
        let stopped = intake?.stopped ?? [:]
        if let first = stopped.min(by: { $0.key.partition < $1.key.partition }) {
            let others = stopped.count - 1
            return "a partition is not read: \(first.value)" + (others == 0 ? "" : " (and \(others) more)")
        }
        return engine?.isLedgerAway == true ? "the ledger does not answer" : nil
    }

    /// The partitions that this process reads now.
    public var assignment: Set<TopicPartition> { state.withLock { $0.consumer }?.assignment ?? [] }

    // MARK: Stopping

    /// Stops reading, finishes the open transactions and the attempts under way, gives back the rest, and leaves the
    /// group.
    public func stop(by deadline: ContinuousClock.Instant) async {
        let parts = state.withLock { state -> State in
            state.isStopping = true
            state.waiting = "stopping"
            return state
        }
        parts.starting?.cancel()
        parts.stopped.open()
        parts.engine?.takeNothingMore()
        parts.intake?.stop()
        parts.upkeep?.stop()
        let left = deadline - context.time.now
        await parts.consumer?.close(timeout: max(.milliseconds(100), left - .seconds(3)))
        // What the last transactions leased has reached the engine by now, and is given back with the rest.
        await parts.engine?.stop(by: deadline - .milliseconds(500))
        async let producer: Void? = parts.producer?.close(timeout: .milliseconds(400))
        async let admin: Void? = parts.admin?.close()
        _ = await (producer, admin)
    }
}
