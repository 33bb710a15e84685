internal import Synchronization

/// Where reading of a partition begins.
public enum StartOffset: Sendable, Equatable {
    case beginning
    case end
    case offset(Int64)
}

/// What a consumer asks its owner.
public protocol PartitionOwner: Sendable {
    /// The partition was assigned: where shall it be read from? An error stops this partition alone, and is reported by
    /// ``partitionStopped(_:error:)``. An answer that takes longer than 5 s is reported too; the other partitions are
    /// then read without it, and it is read once the answer comes.
    func start(of partition: TopicPartition) async throws -> StartOffset
    /// Reads the stream until ``PartitionStream/next(maximum:)`` gives nil (revoked, or closing), finishes what it has
    /// open, and returns. An error stops this partition alone. One call runs for each assigned partition.
    func consume(_ stream: PartitionStream) async throws
    /// The partition is not read any more although it is assigned: say so, alarm.
    func partitionStopped(_ partition: TopicPartition, error: any Error) async
}

/// A member of a consumer group, which hands each partition that it is assigned to its owner as a stream of its own.
///
/// Back-pressure is a queue per partition that is simply not read: pausing and resuming makes librdkafka 2.0.2 hang when
/// it is closed.
public final class Consumer: Sendable {
    private let member: Mutex<ConsumerMember?>

    /// - Parameter prefetchBytesMaximum: how much of each partition is fetched ahead of its owner, and one fetch (1 MB)
    ///   beyond; nil: 64 MB of each, as the library does. librdkafka 2.0.2 looks only once a second whether a queue that
    ///   was full has room again, so it is also about the most that is read of a partition in a second.
    public init(
        _ properties: ClientProperties, group: String, topics: [String], prefetchBytesMaximum: Int? = nil,
        owner: any PartitionOwner
    ) throws(KafkaError) {
        member = Mutex(
            try ConsumerMember(
                properties, group: group, topics: topics, prefetchBytesMaximum: prefetchBytesMaximum, owner: owner))
    }

    deinit { member.withLock { $0 }?.abandon() }

    /// Resolves once the first assignment has been made and its partitions are being read.
    public func ready() async { await member.withLock { $0?.ready }?.wait() }

    /// The partitions that are assigned now.
    public var assignment: Set<TopicPartition> { member.withLock { $0 }?.assignment ?? [] }

    /// How far each assigned partition has been read.
    public var progress: [PartitionProgress] { member.withLock { $0 }?.progress ?? [] }

    /// Ends every stream, waits for their owners, commits, leaves the group; at most `timeout` in all.
    public func close(timeout: Duration) async {
        let deadline = ContinuousClock.now + timeout
        guard let (finished, destroyed) = beginClosing(timeout) else { return }
        await finished.wait(atMost: timeout)
        // The library's client goes with the last reference to the member; only then can its end be waited for.
        member.withLock { member in
            member?.stop()
            member = nil
        }
        await destroyed.wait(atMost: max(.zero, deadline - .now))
    }

    private func beginClosing(_ timeout: Duration) -> (finished: Gate, destroyed: Gate)? {
        member.withLock { $0 }?.close(within: timeout)
    }
}

/// How far an assigned partition has been read.
public struct PartitionProgress: Sendable, Equatable {
    public var partition: TopicPartition
    /// The offset after the last record handed out; nil before the first.
    public var nextOffset: Int64?
    /// The log's end as last heard of; nil before the first fetch.
    public var logEnd: Int64?
    /// Since when no record has been handed out.
    public var idle: Duration
    /// Whether its owner waits for records now (else it is busy with those it has).
    public var isWaiting: Bool

    /// Records between the two; nil where either is unknown.
    public var lag: Int64? {
        guard let nextOffset, let logEnd else { return nil }
        return max(0, logEnd - nextOffset)
    }
}
