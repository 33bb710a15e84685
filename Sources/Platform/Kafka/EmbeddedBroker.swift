/// The client library's own mock cluster: a broker in this process that keeps records in memory only.
///
/// For trying and for fast tests. It keeps 5 MiB or 100,000 batches a partition, has no admin calls, knows CreateTime
/// only (DESIGN §7).
public final class EmbeddedBroker: Sendable {
    /// The address to give to clients.
    public let bootstrapServers: String
    /// A random id for this start, standing in for the cluster's.
    public let clusterID: String
    public init(brokers: Int = 1) throws(KafkaError) { fatalError("to be written") }
    /// Creates a topic.
    public func create(topic: String, partitions: Int32) throws(KafkaError) { fatalError("to be written") }
    /// Ends it; the records are gone.
    public func stop() { fatalError("to be written") }
}
