/// How a topic is to be.
public struct TopicSpecification: Sendable, Equatable {
    public var name: String
    public var partitions: Int32
    /// nil: 3 where the cluster has three brokers, else 1.
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

/// How a topic is.
public struct TopicDescription: Sendable, Equatable {
    public var name: String
    public var partitions: Int32
    public var replication: Int
    public var configuration: [String: String]
}

/// Creates and describes topics; asks for offsets and the cluster's id.
public final class Admin: Sendable {
    public init(_ properties: ClientProperties) throws(KafkaError) { fatalError("to be written") }
    /// Kafka's id of the cluster.
    public func clusterID(timeout: Duration) async throws(KafkaError) -> String { fatalError("to be written") }
    /// The number of brokers that are up.
    public func brokerCount(timeout: Duration) async throws(KafkaError) -> Int { fatalError("to be written") }
    /// Creates what is missing; what exists is left as it is. Returns the names that were created.
    public func create(_ topics: [TopicSpecification], timeout: Duration) async throws(KafkaError) -> [String] { fatalError("to be written") }
    /// The topics of these names that exist.
    public func describe(_ names: [String], timeout: Duration) async throws(KafkaError) -> [TopicDescription] { fatalError("to be written") }
    /// The first and the next offset of a partition.
    public func offsets(of partition: TopicPartition, timeout: Duration) async throws(KafkaError) -> Range<Int64> { fatalError("to be written") }
    /// Reads the record at `offset`, nil where it is not (any more) there.
    public func record(at offset: Int64, of partition: TopicPartition, timeout: Duration) async throws(KafkaError) -> Record? { fatalError("to be written") }
    public func close() async { fatalError("to be written") }
}
