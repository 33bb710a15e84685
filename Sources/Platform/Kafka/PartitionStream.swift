internal import CLibrdkafka
internal import Primitives
internal import Synchronization

/// The records of one assigned partition, in offset order.
public final class PartitionStream: Sendable {
    public let partition: TopicPartition
    private let native: NativeClient
    private let records: RecordQueue
    private let member: any PartitionStreamOwner
    private let lost = Atomic(false)
    private let start: StartOffset
    private let progress = Mutex(Progress())

    struct Progress {
        /// The offset after the last record handed out; nil before the first.
        var nextOffset: Int64?
        /// When that last moved, or reading began (milliseconds of the steady clock).
        var movedAt = MachineClock.boot.milliseconds
        /// Whether the reader is waiting for records now.
        var isWaiting = false

        /// Notes a batch. What was handed out before (the library was given the partition again) is left out.
        mutating func take(_ batch: [Record]?) -> [Record]? {
            isWaiting = false
            movedAt = MachineClock.boot.milliseconds
            guard let batch, let first = batch.first, let last = batch.last else { return batch }
            let nextOffset = nextOffset ?? first.offset
            self.nextOffset = max(nextOffset, last.offset + 1)
            return first.offset >= nextOffset ? batch : batch.filter { $0.offset >= nextOffset }
        }
    }

    /// Takes the library's queue of the partition out of the client's common one; before the partition is assigned.
    init(_ partition: TopicPartition, start: StartOffset, _ native: NativeClient, _ member: any PartitionStreamOwner) {
        self.partition = partition
        self.start = start
        self.native = native
        self.member = member
        let queue = rd_kafka_queue_get_partition(native.handle, partition.topic, partition.partition)!
        rd_kafka_queue_forward(queue, nil)
        records = RecordQueue(native, queue: queue, topic: partition.topic)
        // What an earlier assignment of the partition may have left.
        records.discard()
        if case .offset(let offset) = start { progress.withLock { $0.nextOffset = offset } }
    }

    /// Between 1 and `maximum` records, waiting until there is one; nil once the partition is revoked, lost or the
    /// consumer closes.
    ///
    /// - Throws: ``KafkaError``, with ``KafkaError/Code/offsetOutOfRange`` if the position is not in the log.
    public func next(maximum: Int) async throws(KafkaError) -> [Record]? {
        while true {
            progress.withLock { $0.isWaiting = true }
            let batch = try await records.next(maximum: maximum) {
                if case .trouble(let error) = $0 { member.tolerated(error) }
            }
            let fresh = progress.withLock { $0.take(batch) }
            if fresh?.isEmpty != true { return fresh }
        }
    }

    /// Where reading continues when the partition is assigned to the library again.
    var resumption: StartOffset { progress.withLock { $0.nextOffset }.map { .offset($0) } ?? start }

    /// Whether the partition was lost without an orderly revocation: nothing may be committed any more.
    public var isLost: Bool { lost.load(ordering: .acquiring) }

    /// Commits a position to Kafka: the offset of the next record to read. Batched; held back while the group
    /// rebalances; dropped if the partition is lost.
    public func commit(_ nextOffset: Int64, metadata: String) {
        guard !isLost else { return }
        member.commit(self, nextOffset, metadata)
    }

    /// The partition's end as of the latest fetch, for lag; nil before the first.
    public var logEnd: Int64? {
        var low: Int64 = 0
        var high: Int64 = 0
        let failure = rd_kafka_get_watermark_offsets(
            native.handle, partition.topic, partition.partition, &low, &high)
        return failure == RD_KAFKA_RESP_ERR_NO_ERROR && high >= 0 ? high : nil
    }

    /// How far reading has come.
    var reading: Progress { progress.withLock { $0 } }

    /// The reader gets nil from now on.
    func end(lost isLost: Bool) {
        if isLost { lost.store(true, ordering: .releasing) }
        records.end()
    }

    /// Frees what was fetched and not taken.
    func discard() { records.discard() }
}

/// What a stream asks of the consumer that it belongs to.
protocol PartitionStreamOwner: AnyObject, Sendable {
    func commit(_ stream: PartitionStream, _ nextOffset: Int64, _ metadata: String)
    /// An error that the library recovers from by itself.
    func tolerated(_ error: KafkaError)
}
