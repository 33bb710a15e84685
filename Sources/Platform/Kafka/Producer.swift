/// Publishes records, and waits for the in-sync replicas' acknowledgement of each.
///
/// Idempotent, `acks=all`. A producer that turned fatal answers every call, waiting ones too, with
/// ``KafkaError/Code/fatal``; it must be replaced.
public final class Producer: Sendable {
    /// - Parameter lingerMilliseconds: how long the library gathers records into one batch.
    public init(_ properties: ClientProperties, lingerMilliseconds: Int = 1) throws(KafkaError) { fatalError("to be written") }

    /// Publishes `record`; returns once it is acknowledged.
    ///
    /// Throws ``KafkaError/Code/queueFull`` at once when the local queue is full, and ``KafkaError/Code/timedOut``
    /// after `timeout`, when the record may still arrive.
    public func send(_ record: OutgoingRecord, timeout: Duration = .seconds(5)) async throws(KafkaError) -> Acknowledgement { fatalError("to be written") }

    /// Asks for the metadata of `topics`, so that the first record to each does not wait for it.
    public func warmUp(topics: [String], timeout: Duration) async throws(KafkaError) { fatalError("to be written") }

    /// Waits at most `timeout` for what is unacknowledged, then ends. Waiters left get ``KafkaError/Code/closed``.
    public func close(timeout: Duration) async { fatalError("to be written") }
}
