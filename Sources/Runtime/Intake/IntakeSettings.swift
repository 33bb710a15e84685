public import Kafka
public import Ledger
public import Lifecycle
public import Telemetry

/// What bounds an intake.
public struct IntakeSettings: Sendable {
    /// Records of one transaction.
    public var recordsMax = 500
    /// Bytes of values and headers of one transaction; one record alone may be more.
    public var bytesMax = 4 << 20
    /// Waits between tries while the ledger or the broker is away.
    public var retry = RetryPolicy.dependency
    /// How long the place to read a partition from may be looked for: within the 30 s that the consumer waits, since the
    /// partitions beside it wait too.
    public var startTimeout = Duration.seconds(12)
    public init() {}
}

/// What an intake works with.
public struct IntakeParts: Sendable {
    public var ledger: Ledger
    public var planner: any Planner
    public var desk: any DeliveryDesk
    /// nil: what cannot be read is booked and counted, not copied (`analytics`).
    public var deadLetters: DeadLetterDesk?
    public var log: PartitionLog
    /// The Kafka cluster's id.
    public var cluster: String
    /// This process; random per start.
    public var owner: String
    /// The ledger's beat as last heard of: the metadata of positions copied to Kafka; nil before the first heartbeat.
    public var beat: @Sendable () -> Int64?
    public var metrics: IntakeMetrics
    public var journal: Log
    /// Says that the ledger is waited for; a worker's two halves share one.
    public var ledgerLine: Waiting
    public var time: any Timekeeper
    public var random: Randomness

    public init(
        ledger: Ledger, planner: any Planner, desk: any DeliveryDesk, deadLetters: DeadLetterDesk?,
        log: PartitionLog, cluster: String, owner: String, beat: @escaping @Sendable () -> Int64? = { nil },
        metrics: IntakeMetrics, journal: Log, time: any Timekeeper = SystemTime(), random: Randomness = .system
    ) {
        self.ledger = ledger
        self.planner = planner
        self.desk = desk
        self.deadLetters = deadLetters
        self.log = log
        self.cluster = cluster
        self.owner = owner
        self.beat = beat
        self.metrics = metrics
        self.journal = journal
        ledgerLine = Waiting(for: "the ledger", log: journal)
        self.time = time
        self.random = random
    }
}

/// The two questions that an intake asks of a partition's log before it reads it.
public struct PartitionLog: Sendable {
    /// The first and the next offset.
    public var offsets: @Sendable (TopicPartition) async throws(KafkaError) -> Range<Int64>
    /// The record at an offset; nil where there is none.
    public var record: @Sendable (Int64, TopicPartition) async throws(KafkaError) -> Record?

    public init(
        offsets: @escaping @Sendable (TopicPartition) async throws(KafkaError) -> Range<Int64>,
        record: @escaping @Sendable (Int64, TopicPartition) async throws(KafkaError) -> Record?
    ) {
        self.offsets = offsets
        self.record = record
    }

    public init(_ admin: Admin, timeout: Duration = .seconds(10)) {
        offsets = { partition throws(KafkaError) in try await admin.offsets(of: partition, timeout: timeout) }
        record = { offset, partition throws(KafkaError) in
            try await admin.record(at: offset, of: partition, timeout: timeout)
        }
    }
}
