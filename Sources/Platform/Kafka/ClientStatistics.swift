internal import FoundationEssentials

/// How full a client's queues are, and how far its partitions have been read (`statistics.interval.ms`).
///
/// Fields: https://github.com/confluentinc/librdkafka/blob/v2.0.2/STATISTICS.md
public struct ClientStatistics: Sendable, Equatable {
    /// A partition that is being read.
    public struct Partition: Sendable, Equatable {
        public var partition: TopicPartition
        /// The next offset after the last record handed to the application; nil before the first.
        public var position: Int64?
        /// The offset last committed; nil if unknown.
        public var committed: Int64?
        /// The partition's end as of the latest fetch; nil before the first.
        public var logEnd: Int64?
        /// Records between position and the log's end; nil if either is unknown.
        public var lag: Int64?
        /// Records fetched and not yet taken.
        public var queuedRecords: Int64
        /// Bytes fetched and not yet taken.
        public var queuedBytes: Int64
    }
    /// `producer` or `consumer`.
    public var role: String
    /// Records that wait to be sent or acknowledged.
    public var outstandingRecords: Int64
    /// Their size in bytes.
    public var outstandingBytes: Int64
    /// Brokers with an open connection.
    public var brokersUp: Int
    /// The partitions that are being read; a producer has none.
    public var partitions: [Partition]

    /// From the library's JSON; nil if it cannot be decoded.
    init?(json: String) {
        guard let raw = try? JSONDecoder().decode(RawStatistics.self, from: Data(json.utf8)) else { return nil }
        role = raw.type
        outstandingRecords = raw.msg_cnt
        outstandingBytes = raw.msg_size
        brokersUp = raw.brokers.values.count { $0.state == "UP" && $0.nodeid >= 0 }
        partitions = raw.topics.values.flatMap { topic in
            topic.partitions.values.filter { $0.partition >= 0 && $0.fetch_state == "active" }.map { one in
                Partition(
                    partition: TopicPartition(topic: topic.topic, partition: one.partition),
                    position: one.app_offset >= 0 ? one.app_offset : nil,
                    committed: one.committed_offset >= 0 ? one.committed_offset : nil,
                    logEnd: one.hi_offset >= 0 ? one.hi_offset : nil,
                    lag: one.app_offset >= 0 && one.hi_offset >= one.app_offset ? one.hi_offset - one.app_offset : nil,
                    queuedRecords: one.fetchq_cnt, queuedBytes: one.fetchq_size)
            }
        }.sorted { ($0.partition.topic, $0.partition.partition) < ($1.partition.topic, $1.partition.partition) }
    }
}

/// What is read from the library's statistics, under its own names.
private struct RawStatistics: Decodable {
    struct Broker: Decodable {
        var nodeid: Int
        var state: String
    }
    struct Partition: Decodable {
        var partition: Int32
        var fetch_state: String
        var fetchq_cnt: Int64
        var fetchq_size: Int64
        var app_offset: Int64
        var committed_offset: Int64
        var hi_offset: Int64
    }
    struct Topic: Decodable {
        var topic: String
        var partitions: [String: Partition]
    }
    var type: String
    var msg_cnt: Int64
    var msg_size: Int64
    var brokers: [String: Broker]
    var topics: [String: Topic]
}
