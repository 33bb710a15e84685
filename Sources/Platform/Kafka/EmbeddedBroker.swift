internal import CLibrdkafka
internal import Synchronization

/// The client library's own mock cluster: a broker in this process that keeps records in memory only.
///
/// For trying and for fast tests. It keeps 5 MiB or 100,000 batches a partition, has no admin calls, knows CreateTime
/// only, and lets a consumer group wait 3 s before its first assignment, whatever the settings.
public final class EmbeddedBroker: Sendable {
    /// The address to give to clients.
    public let bootstrapServers: String
    /// A random id for this start, standing in for the cluster's.
    public let clusterID: String
    private let cluster: Mutex<MockCluster?>

    public init(brokers: Int = 1) throws(KafkaError) {
        let cluster = try MockCluster(brokers: brokers)
        bootstrapServers = cluster.bootstrapServers
        var random = SystemRandomNumberGenerator()
        clusterID = "embedded-" + String(random.next(), radix: 16)
        self.cluster = Mutex(cluster)
    }

    /// How a client reaches it, with what it needs: it holds an empty fetch for the whole time that a client lets it wait.
    public var properties: ClientProperties {
        ClientProperties([
            "bootstrap.servers": bootstrapServers, "fetch.wait.max.ms": "5", "session.timeout.ms": "6000",
            "heartbeat.interval.ms": "500",
        ])
    }

    /// Creates a topic.
    public func create(topic: String, partitions: Int32) throws(KafkaError) {
        try cluster.withLock { cluster throws(KafkaError) in
            guard let cluster else { throw KafkaError.closed }
            let failure = rd_kafka_mock_topic_create(cluster.mock, topic, partitions, 1)
            guard failure == RD_KAFKA_RESP_ERR_NO_ERROR else {
                throw KafkaError(failure, "the topic \(topic) cannot be created on the embedded broker")
            }
        }
    }

    /// Ends it; the records are gone.
    public func stop() {
        let cluster = cluster.withLock { cluster in
            defer { cluster = nil }
            return cluster
        }
        withExtendedLifetime(cluster) {}
    }

    /// For tests of what a broker can do to its clients: runs `body` on the library's mock cluster.
    func withMock<R: Sendable>(_ body: (OpaquePointer) throws(KafkaError) -> R) throws(KafkaError) -> R {
        try cluster.withLock { cluster throws(KafkaError) in
            guard let cluster else { throw KafkaError.closed }
            return try body(cluster.mock)
        }
    }
}

/// Owns a mock cluster and the client that it lives in.
private final class MockCluster: @unchecked Sendable {
    // Checked by hand: the library's calls on a mock cluster take its own lock.
    let client: OpaquePointer
    let mock: OpaquePointer

    init(brokers: Int) throws(KafkaError) {
        let configuration = rd_kafka_conf_new()
        // Its log is of no use to anyone; clients tell what they see.
        rd_kafka_conf_set_log_cb(configuration, nil)
        var reason = [CChar](repeating: 0, count: 512)
        guard let client = rd_kafka_new(RD_KAFKA_PRODUCER, configuration, &reason, reason.count) else {
            rd_kafka_conf_destroy(configuration)
            throw KafkaError(.configuration, "the embedded broker's client could not be made")
        }
        guard let mock = rd_kafka_mock_cluster_new(client, Int32(brokers)) else {
            rd_kafka_destroy(client)
            throw KafkaError(.configuration, "the embedded broker could not be started: is 127.0.0.1 usable?")
        }
        self.client = client
        self.mock = mock
    }

    var bootstrapServers: String { String(cString: rd_kafka_mock_cluster_bootstraps(mock)) }

    deinit {
        rd_kafka_mock_cluster_destroy(mock)
        rd_kafka_destroy(client)
    }
}
