internal import CLibrdkafka
internal import Synchronization

/// A topic to create.
public struct TopicSpecification: Sendable, Equatable {
    public var name: String
    public var partitions: Int32
    /// Copies of each partition; nil: 3 if the cluster has three brokers, else 1.
    public var replication: Int?
    /// Topic configuration by Kafka's names (`cleanup.policy`, `retention.ms`, …).
    public var configuration: [String: String]

    public init(name: String, partitions: Int32, replication: Int? = nil, configuration: [String: String]) {
        self.name = name
        self.partitions = partitions
        self.replication = replication
        self.configuration = configuration
    }
}

/// An existing topic.
public struct TopicDescription: Sendable, Equatable {
    public var name: String
    public var partitions: Int32
    /// Copies of each partition.
    public var replication: Int
    /// All of its configuration by Kafka's names, defaults included.
    public var configuration: [String: String]
}

/// Creates and describes topics; asks for offsets and the cluster's id.
public final class Admin: Sendable {
    let native: NativeClient
    let properties: ClientProperties
    private let reader: Mutex<RecordLookup?>

    /// Throws ``KafkaError`` with ``KafkaError/Code/configuration`` if a property is refused; does not connect yet.
    public init(_ properties: ClientProperties) throws(KafkaError) {
        self.properties = properties
        native = try NativeClient(RD_KAFKA_PRODUCER, ClientConfiguration(.admin, properties))
        reader = Mutex(nil)
        native.run(ReaderEvents(properties, native))
    }

    deinit { native.stop() }

    /// Kafka's id of the cluster.
    ///
    /// - Throws: ``KafkaError``, with ``KafkaError/Code/unreachable`` if no broker answers within `timeout`.
    public func clusterID(timeout: Duration) async throws(KafkaError) -> String {
        let native = native
        return try await blocking("kafka-admin") { () throws(KafkaError) in
            guard let text = rd_kafka_clusterid(native.handle, Int32(clamping: timeout.milliseconds)) else {
                throw KafkaError(
                    .unreachable, "no Kafka broker answered with the cluster's id in time", isRetriable: true)
            }
            defer { rd_kafka_mem_free(native.handle, text) }
            return String(cString: text)
        }
    }

    /// The number of brokers that are up.
    ///
    /// - Throws: ``KafkaError`` if no broker answers within `timeout`.
    public func brokerCount(timeout: Duration) async throws(KafkaError) -> Int {
        let native = native
        return try await blocking("kafka-admin") { () throws(KafkaError) in
            try Metadata.topics([], native, timeout: timeout).brokers
        }
    }

    /// The offset of a partition's first record, and the one that the next record will get.
    ///
    /// - Throws: ``KafkaError`` if the partition does not exist, or its leader does not answer within `timeout`.
    public func offsets(of partition: TopicPartition, timeout: Duration) async throws(KafkaError) -> Range<Int64> {
        let native = native
        return try await blocking("kafka-admin") { () throws(KafkaError) in
            try Metadata.offsets(of: partition, native, timeout: timeout)
        }
    }

    /// Reads the record at `offset`; nil if the log does not have it, or has deleted it.
    ///
    /// - Throws: ``KafkaError`` if it cannot be read within `timeout`.
    public func record(at offset: Int64, of partition: TopicPartition, timeout: Duration) async throws(KafkaError)
        -> Record?
    {
        let lookup = try reader.withLock { reader throws(KafkaError) in
            if let reader { return reader }
            let made = try RecordLookup(properties)
            reader = made
            return made
        }
        return try await blocking("kafka-lookup") { () throws(KafkaError) in
            try lookup.record(at: offset, of: partition, timeout: timeout)
        }
    }

    /// Closes the client. Calls under way end by their own timeout.
    public func close() async {
        reader.withLock { reader in
            reader?.close()
            reader = nil
        }
        native.stop()
    }
}
