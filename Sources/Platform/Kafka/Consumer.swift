/// Where reading of a partition begins.
public enum StartOffset: Sendable, Equatable {
    case beginning
    case end
    case offset(Int64)
}

/// What a consumer asks its owner.
public protocol PartitionOwner: Sendable {
    /// The partition was assigned: where shall it be read from? An error stops this partition alone, and is reported by
    /// ``partitionStopped(_:error:)``.
    func start(of partition: TopicPartition) async throws -> StartOffset
    /// Reads the stream until ``PartitionStream/next(maximum:)`` gives nil (revoked, or closing), finishes what it has
    /// open, and returns. An error stops this partition alone. One call runs for each assigned partition.
    func consume(_ stream: PartitionStream) async throws
    /// The partition is not read any more although it is assigned: say so, alarm.
    func partitionStopped(_ partition: TopicPartition, error: any Error) async
}

/// The records of one assigned partition, in offset order.
public final class PartitionStream: Sendable {
    public let partition: TopicPartition
    /// Between 1 and `maximum` records, waiting until there is one; nil once the partition is revoked, lost or the
    /// consumer closes. Throws ``KafkaError/Code/offsetOutOfRange`` where the position is not in the log.
    public func next(maximum: Int) async throws(KafkaError) -> [Record]? { fatalError("to be written") }
    /// Whether the partition was lost (not revoked in good order): nothing may be committed any more.
    public var isLost: Bool { fatalError("to be written") }
    /// Copies a position to Kafka: the offset of the next record to read. Batched; held back while the group
    /// rebalances; dropped when the partition is lost.
    public func commit(_ nextOffset: Int64, metadata: String) { fatalError("to be written") }
    /// The log's end as last heard of, for lag; nil before the first fetch.
    public var logEnd: Int64? { fatalError("to be written") }

    init() { fatalError("to be written") }
}

/// A member of a consumer group, which hands each partition that it is assigned to its owner as a stream of its own.
///
/// Back-pressure is a queue per partition that is simply not read (never pause and resume: DESIGN §7.1).
public final class Consumer: Sendable {
    public init(
        _ properties: ClientProperties, group: String, topics: [String], owner: any PartitionOwner
    ) throws(KafkaError) { fatalError("to be written") }

    /// Resolves once the first assignment has been made and its partitions are being read.
    public func ready() async { fatalError("to be written") }

    /// The partitions that are assigned now.
    public var assignment: Set<TopicPartition> { fatalError("to be written") }

    /// Ends every stream, waits for their owners, commits, leaves the group; at most `timeout` in all.
    public func close(timeout: Duration) async { fatalError("to be written") }
}

/// Reads all partitions of a topic without a group, from its beginning, and for ever: for replicas of a topic
/// (`control`, `ratelimit`).
public final class TopicReader: Sendable {
    /// - Parameter start: asked once for each partition, before it is read.
    public init(
        _ properties: ClientProperties, topic: String, start: [Int32: StartOffset] = [:]
    ) async throws(KafkaError) { fatalError("to be written") }

    /// Between 1 and `maximum` records of any partitions, each partition's in order; nil once closed.
    public func next(maximum: Int) async throws(KafkaError) -> [Record]? { fatalError("to be written") }

    /// The end of each partition when the reader was opened: once all records below are read, it has caught up.
    public var endsAtOpening: [Int32: Int64] { fatalError("to be written") }

    public func close(timeout: Duration) async { fatalError("to be written") }
}
