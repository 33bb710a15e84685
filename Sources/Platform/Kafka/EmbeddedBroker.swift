internal import CLibrdkafka
internal import Synchronization

/// The client library's own mock cluster: a broker in this process that keeps records in memory only.
///
/// For evaluation and for fast tests. It keeps 5 MiB or 100,000 batches a partition, has no admin calls, knows
/// CreateTime only, and lets a consumer group wait 3 s before its first assignment, whatever the settings.
public final class EmbeddedBroker: Sendable {
    /// The address to give to clients.
    public let bootstrapServers: String
    /// A random id for this start, in place of a cluster's id.
    public let clusterID: String
    private let cluster: Mutex<MockCluster?>
    /// nil: never delayed.
    let idleDelay: IdleDelay?

    /// - Parameter restsWhenIdle: whether its answers are delayed while no client of its ``properties`` sends a record: readers
    ///   that ask it all the time then cost little.
    public init(brokers: Int = 1, restsWhenIdle: Bool = false) throws(KafkaError) {
        let cluster = try MockCluster(brokers: brokers)
        idleDelay = restsWhenIdle ? IdleDelay(of: cluster) : nil
        bootstrapServers = cluster.bootstrapServers
        var random = SystemRandomNumberGenerator()
        clusterID = "embedded-" + String(random.next(), radix: 16)
        self.cluster = Mutex(cluster)
    }

    /// The properties with which a client connects to it.
    ///
    /// An empty fetch waits for the whole time that it may, also where a record comes meanwhile, and costs both sides some
    /// 80 µs each.
    public var properties: ClientProperties {
        var properties = ClientProperties([
            "bootstrap.servers": bootstrapServers,
            "fetch.wait.max.ms": idleDelay == nil ? "35" : String(IdleDelay.fetchWaitMilliseconds),
            "session.timeout.ms": "6000", "heartbeat.interval.ms": "500", "statistics.interval.ms": "60000",
        ])
        if let idleDelay { properties.beforeSending = { idleDelay.lift() } }
        return properties
    }

    /// Creates a topic; throws ``KafkaError`` if it exists already.
    public func create(topic: String, partitions: Int32) throws(KafkaError) {
        try cluster.withLock { cluster throws(KafkaError) in
            guard let cluster else { throw KafkaError.closed }
            let failure = rd_kafka_mock_topic_create(cluster.mock, topic, partitions, 1)
            guard failure == RD_KAFKA_RESP_ERR_NO_ERROR else {
                throw KafkaError(failure, "the topic \(topic) cannot be created on the embedded broker")
            }
        }
    }

    /// Stops it; the records are lost.
    public func stop() {
        idleDelay?.stop()
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
final class MockCluster: @unchecked Sendable {
    // Checked by hand: the library's calls on a mock cluster take its own lock.
    let client: OpaquePointer
    let mock: OpaquePointer

    init(brokers: Int) throws(KafkaError) {
        let configuration = rd_kafka_conf_new()
        // Nobody needs its log; clients report what they see.
        rd_kafka_conf_set_log_cb(configuration, nil)
        var reason = [CChar](repeating: 0, count: 512)
        guard let client = unhurried({ rd_kafka_new(RD_KAFKA_PRODUCER, configuration, &reason, reason.count) }) else {
            rd_kafka_conf_destroy(configuration)
            throw KafkaError(.configuration, "the embedded broker's client could not be created")
        }
        guard let mock = unhurried({ rd_kafka_mock_cluster_new(client, Int32(brokers)) }) else {
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
