public import Kafka
public import Lifecycle

/// The limits of an intake.
public struct IntakeSettings: Sendable {
    /// Records of one transaction.
    public var recordsMaximum = 500
    /// Bytes of values and headers of one transaction; one record alone may be more.
    public var bytesMaximum = 4 << 20
    /// Waits between attempts while the ledger or the broker is unavailable.
    public var retry = RetryPolicy.dependency
    /// How long finding a partition's start may take: less than the 30 s that the consumer waits, since other
    /// partitions wait, too.
    public var startTimeout = Duration.seconds(12)
    public init() {}
}

/// The two queries that an intake makes about a partition's log before it reads it.
public struct PartitionLog: Sendable {
    /// The offset of the first record, and the one that the next record will get.
    public var offsets: @Sendable (TopicPartition) async throws(KafkaError) -> Range<Int64>
    /// The record at an offset; nil if the log does not have it, or has deleted it.
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
