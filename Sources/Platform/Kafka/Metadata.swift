internal import CLibrdkafka
internal import Glibc
internal import Primitives

/// Queries about topics and partitions; each blocks its thread for at most `timeout`.
enum Metadata {
    /// How many partitions a topic has.
    static func partitions(of topic: String, _ native: NativeClient, timeout: Duration) throws(KafkaError) -> Int32 {
        let description = try topics([topic], native, timeout: timeout).topics.first
        guard let description, description.error?.code != .unknownTopic else {
            throw KafkaError.missing(topic: topic)
        }
        if let error = description.error { throw error }
        return description.partitions
    }

    /// Waits until the brokers that are asked know these topics: a controller reports a topic as created before all
    /// brokers know it, and there is no notification for that.
    static func waitUntilKnown(_ names: [String], _ native: NativeClient, timeout: Duration) throws(KafkaError) {
        let deadline = MachineClock.boot.milliseconds + timeout.milliseconds
        let wanted = Set(names)
        while true {
            let left = max(1, deadline - MachineClock.boot.milliseconds)
            let known = try topics([], native, timeout: .milliseconds(left)).topics
            if wanted.isSubset(of: known.lazy.filter { $0.error == nil && $0.hasLeaders }.map(\.name)) { return }
            guard MachineClock.boot.milliseconds < deadline else {
                throw KafkaError(.timedOut, "topics were created, but not all brokers know them yet", isRetriable: true)
            }
            usleep(20_000)
        }
    }

    /// A broker that does not answer within this time may be dead: then the new leader is asked.
    private static let answerMillisecondsMaximum: Int64 = 2_000

    /// The offset of a partition's first record, and the one that the next record will get. After a change of leader
    /// the query is repeated within the timeout: for a moment a broker may not know yet that it leads, and a client may
    /// not know the new leader.
    static func offsets(
        of partition: TopicPartition, _ native: NativeClient, timeout: Duration
    ) throws(KafkaError) -> Range<Int64> {
        let deadline = MachineClock.boot.milliseconds + timeout.milliseconds
        // The library keeps what it knows of leaders for 15 minutes, and asks again when a broker has gone only for
        // topics that it has a handle of.
        let topic = try native.topic(partition.topic)
        while true {
            do throws(KafkaError) {
                let low = try offset(of: partition, at: StartOffset.beginning.number, native, deadline: deadline)
                let high = try offset(of: partition, at: StartOffset.end.number, native, deadline: deadline)
                return low..<max(low, high)
            } catch  where [.unreachable, .timedOut].contains(error.code) && MachineClock.boot.milliseconds < deadline {
                usleep(20_000)
                refresh(
                    topic, native,
                    milliseconds: min(answerMillisecondsMaximum, deadline - MachineClock.boot.milliseconds))
            }
        }
    }

    /// Asks by time, which knows names for both ends: the library's own query for them (2.0.2) ignores its timeout, and
    /// goes on until a dead leader is back.
    private static func offset(
        of partition: TopicPartition, at end: Int64, _ native: NativeClient, deadline: Int64
    ) throws(KafkaError) -> Int64 {
        let list = PartitionList(capacity: 1)
        list.add(partition, offset: end)
        let wait = min(answerMillisecondsMaximum, max(1, deadline - MachineClock.boot.milliseconds))
        let failure = rd_kafka_offsets_for_times(native.handle, list.list, Int32(wait))
        let found = PartitionList.read(list.list).first
        let error = failure == RD_KAFKA_RESP_ERR_NO_ERROR ? found?.error ?? failure : failure
        guard error == RD_KAFKA_RESP_ERR_NO_ERROR, let found, found.offset >= 0 else {
            throw KafkaError(
                error == RD_KAFKA_RESP_ERR_NO_ERROR ? RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART : error,
                "cannot read the offsets of \(partition)")
        }
        return found.offset
    }

    /// Has the library ask who leads the topic's partitions now; without a broker that knows it, nothing changes.
    private static func refresh(_ topic: OpaquePointer, _ native: NativeClient, milliseconds: Int64) {
        var metadata: UnsafePointer<rd_kafka_metadata>?
        let failure = rd_kafka_metadata(native.handle, 0, topic, &metadata, Int32(max(1, milliseconds)))
        if failure == RD_KAFKA_RESP_ERR_NO_ERROR, let metadata { rd_kafka_metadata_destroy(metadata) }
    }

    struct Topic {
        var name: String
        var partitions: Int32
        var replication: Int
        /// Whether every partition has a leader.
        var hasLeaders: Bool
        var error: KafkaError?
    }

    /// The brokers that are up, and the topics with these names (all if no name is given).
    static func topics(
        _ names: [String], _ native: NativeClient, timeout: Duration
    ) throws(KafkaError) -> (brokers: Int, topics: [Topic]) {
        var metadata: UnsafePointer<rd_kafka_metadata>?
        let only = names.count == 1 ? try native.topic(names[0]) : nil
        let failure = rd_kafka_metadata(
            native.handle, only == nil ? 1 : 0, only, &metadata,
            Int32(clamping: timeout.milliseconds))
        guard failure == RD_KAFKA_RESP_ERR_NO_ERROR, let metadata else {
            throw KafkaError(failure, "cannot read the cluster's metadata")
        }
        defer { rd_kafka_metadata_destroy(metadata) }
        let topics = (0..<Int(metadata.pointee.topic_cnt)).map { index in
            let topic = metadata.pointee.topics[index]
            let name = String(cString: topic.topic)
            return Topic(
                name: name, partitions: topic.partition_cnt,
                replication: topic.partition_cnt > 0 ? Int(topic.partitions[0].replica_cnt) : 0,
                hasLeaders: (0..<Int(topic.partition_cnt)).allSatisfy { topic.partitions[$0].leader >= 0 },
                error: topic.err == RD_KAFKA_RESP_ERR_NO_ERROR ? nil : KafkaError(topic.err, "the topic \(name)"))
        }
        let wanted = Set(names)
        return (
            Int(metadata.pointee.broker_cnt), topics.filter { names.isEmpty || wanted.contains($0.name) }
        )
    }
}
