internal import Primitives
internal import Synchronization

/// Where reading of a partition begins.
public enum StartOffset: Sendable, Equatable {
    case beginning
    case end
    case offset(Int64)
}

/// What a consumer asks of the code that reads its partitions.
public protocol PartitionOwner: Sendable {
    /// The partition was assigned: where does reading begin? An error stops this partition alone, and is reported by
    /// ``partitionStopped(_:error:)``. An answer that takes longer than 5 s is reported, too; the other partitions are
    /// then read without it, and it is read once the answer comes.
    func start(of partition: TopicPartition) async throws -> StartOffset
    /// Reads the stream until ``PartitionStream/next(maximum:)`` gives nil (revoked, or closing), finishes what it has
    /// open, and returns. An error stops this partition alone. One call runs for each assigned partition.
    func consume(_ stream: PartitionStream) async throws
    /// The partition is assigned, but no longer read: report it.
    func partitionStopped(_ partition: TopicPartition, error: any Error) async
}

/// A member of a consumer group, which hands each partition that it is assigned to its owner as a stream of its own.
///
/// Back-pressure is a queue per partition that is simply not read: pausing and resuming makes librdkafka 2.0.2 hang
/// when it is closed.
public final class Consumer: Sendable {
    private let member: Mutex<ConsumerMember?>

    /// - Parameter prefetchBytesMaximum: how many bytes of each partition are fetched ahead of its owner, plus one
    ///   fetch (1 MB); nil: the library's default, 64 MB each. librdkafka 2.0.2 looks only once a second whether a
    ///   queue that was full has room again, so this is also about the most that is read from a partition in a second.
    /// - Throws: ``KafkaError`` with ``KafkaError/Code/configuration`` if a property is refused; does not wait for the
    ///   brokers.
    public init(
        _ properties: ClientProperties, group: String, topics: [String], prefetchBytesMaximum: Int? = nil,
        owner: any PartitionOwner
    ) throws(KafkaError) {
        member = Mutex(
            try ConsumerMember(
                properties, group: group, topics: topics, prefetchBytesMaximum: prefetchBytesMaximum, owner: owner))
    }

    deinit { member.withLock { $0 }?.abandon() }

    /// Returns once the first assignment has been made and its partitions are being read.
    public func ready() async { await member.withLock { $0?.ready }?.wait() }

    /// The partitions that are assigned now.
    public var assignment: Set<TopicPartition> { member.withLock { $0 }?.assignment ?? [] }

    /// How far each assigned partition has been read.
    public var progress: [PartitionProgress] { member.withLock { $0 }?.progress ?? [] }

    /// Ends every stream, waits for their owners, commits, and leaves the group, within `timeout`.
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

    private func beginClosing(_ timeout: Duration) -> (finished: Once<Void>, destroyed: Once<Void>)? {
        member.withLock { $0 }?.close(within: timeout)
    }
}

/// How far an assigned partition has been read.
public struct PartitionProgress: Sendable, Equatable {
    public var partition: TopicPartition
    /// The offset after the last record handed out; nil before the first.
    public var nextOffset: Int64?
    /// The partition's end as of the latest fetch; nil before the first.
    public var logEnd: Int64?
    /// How long ago the last record was handed out.
    public var idle: Duration
    /// Whether its owner waits for records now; if not, it is busy with those it has.
    public var isWaiting: Bool

    /// Records between position and end; nil if either is unknown.
    public var lag: Int64? {
        guard let nextOffset, let logEnd else { return nil }
        return max(0, logEnd - nextOffset)
    }
}
