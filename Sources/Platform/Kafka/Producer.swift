internal import CLibrdkafka
internal import Primitives
internal import Synchronization

/// Publishes records, and waits for the in-sync replicas to acknowledge each.
///
/// Idempotent, `acks=all`. The library's client may turn fatal: then all waiting calls end with
/// ``KafkaError/Code/fatal``, and a new client serves later calls, so the producer itself goes on.
public final class Producer: Sendable {
    private struct State {
        /// nil: closed.
        var client: ProducerClient?
        var replacements = 0
        /// The number of partitions of each topic given to ``Producer/warmUp(topics:timeout:)``.
        var partitionCounts: [String: Int32] = [:]
    }
    private let properties: ClientProperties
    private let lingerMilliseconds: Int
    /// Whether keys go where ``KeyPartitioner`` says.
    private let isPartitionedByKey: Bool
    private let state: Mutex<State>

    /// - Parameter lingerMilliseconds: how long the library gathers records into one batch.
    /// - Throws: ``KafkaError`` with ``KafkaError/Code/configuration`` if a property is refused.
    public init(_ properties: ClientProperties, lingerMilliseconds: Int = 1) throws(KafkaError) {
        self.properties = properties
        self.lingerMilliseconds = lingerMilliseconds
        let rules = try ClientRules.values(.producer(lingerMilliseconds: lingerMilliseconds), over: properties.values)
        isPartitionedByKey = rules["partitioner"].map(KeyPartitioner.properties.contains) == true
        state = Mutex(State(client: try ProducerClient(properties, lingerMilliseconds: lingerMilliseconds)))
    }

    deinit { state.withLock { $0.client }?.end() }

    /// How often a client was replaced by a new one.
    public var replacements: Int { state.withLock { $0.replacements } }

    /// Records sent and not yet acknowledged, refused or given up.
    public var outstanding: Int { state.withLock { $0.client }?.waiterCount ?? 0 }

    /// Publishes `record`; returns once it is acknowledged.
    ///
    /// Cancelling the task does not take a record back.
    ///
    /// The library has a copy of the record before this waits, so ours is freed while it is still in the processor's
    /// cache, and thousands of waiting calls hold no records.
    ///
    /// - Throws: ``KafkaError``: ``KafkaError/Code/queueFull`` at once if the local queue is full,
    ///   ``KafkaError/Code/timedOut`` after `timeout`, when the record may still arrive, or what the brokers answered.
    public func send(_ record: consuming OutgoingRecord, timeout: Duration = .seconds(5)) async throws(KafkaError)
        -> Acknowledgement
    {
        let client = try current()
        var unsent: OutgoingRecord? = record
        let result: SendResult = await withUnsafeContinuation { continuation in
            guard let record = unsent.take() else { return }
            client.submit(record, timeoutMilliseconds: timeout.milliseconds, .one(continuation))
        }
        return try result.get()
    }

    /// Publishes records, each as ``send(_:timeout:)`` would, in this order within a partition; returns once all of
    /// them are answered, with the answers in the records' order.
    ///
    /// - Throws: ``KafkaError`` if no client can be created; nothing was sent then.
    public func sendAll(
        _ records: [OutgoingRecord], timeout: Duration = .seconds(5)
    ) async throws(KafkaError) -> [Result<Acknowledgement, KafkaError>] {
        guard !records.isEmpty else { return [] }
        let client = try current()
        return await withUnsafeContinuation { continuation in
            let batch = SendBatch(count: records.count, continuation)
            for (index, record) in records.enumerated() {
                client.submit(record, timeoutMilliseconds: timeout.milliseconds, .partOf(batch, index: index))
            }
        }
    }

    /// The partition of `topic` that a record with this key goes to; nil if that is unknown: before
    /// ``warmUp(topics:timeout:)`` has been called for the topic, or if the property `partitioner` is not one of
    /// Kafka's own.
    public func partition(ofKey key: [UInt8], in topic: String) -> Int32? {
        guard isPartitionedByKey, let count = state.withLock({ $0.partitionCounts[topic] }) else { return nil }
        return KeyPartitioner.partition(ofKey: key, among: count)
    }

    /// Fetches the metadata of `topics`, so that the first record to each does not wait for it.
    ///
    /// - Throws: ``KafkaError``, with ``KafkaError/Code/unknownTopic`` if one does not exist.
    public func warmUp(topics: [String], timeout: Duration) async throws(KafkaError) {
        let client = try current()
        let milliseconds = Int32(clamping: timeout.milliseconds)
        let counts = try await blocking("kafka-warm-up") { () throws(KafkaError) in
            var counts: [String: Int32] = [:]
            for name in topics {
                let topic = try client.native.topic(name)
                var metadata: UnsafePointer<rd_kafka_metadata>?
                let failure = rd_kafka_metadata(client.native.handle, 0, topic, &metadata, milliseconds)
                guard failure == RD_KAFKA_RESP_ERR_NO_ERROR, let metadata else {
                    throw KafkaError(failure, "cannot read the metadata of topic \(name)")
                }
                defer { rd_kafka_metadata_destroy(metadata) }
                guard metadata.pointee.topic_cnt == 1 else { continue }
                let found = metadata.pointee.topics[0].err
                guard found == RD_KAFKA_RESP_ERR_NO_ERROR else {
                    let error = KafkaError(found, "the topic \(name)")
                    throw error.code == .unknownTopic ? .missing(topic: name) : error
                }
                counts[name] = metadata.pointee.topics[0].partition_cnt
            }
            return counts
        }
        state.withLock { $0.partitionCounts.merge(counts.filter { $0.value > 0 }) { $1 } }
    }

    /// Replaces the client by a new one: waiting calls end with ``KafkaError/Code/closed``, and what was sent may still
    /// arrive.
    ///
    /// - Throws: ``KafkaError`` if no client can be created, or the producer is closed.
    public func replace() throws(KafkaError) {
        let old = try state.withLock { state throws(KafkaError) in
            try replace(in: &state)
        }
        old.end()
    }

    /// Waits at most `timeout` for what is unacknowledged, then closes. Calls that still wait end with
    /// ``KafkaError/Code/closed``.
    public func close(timeout: Duration) async {
        let deadline = ContinuousClock.now + timeout
        guard let (emptied, destroyed) = state.withLock({ $0.client?.beginClosing() }) else { return }
        await emptied.wait(atMost: timeout)
        // The library's client goes with the last reference to ours; only then can its end be waited for.
        state.withLock { state in
            state.client?.end()
            state.client = nil
        }
        await destroyed.wait(atMost: max(.zero, deadline - .now))
    }

    /// The client to use now; a fatal one is replaced first.
    func current() throws(KafkaError) -> ProducerClient {
        let (client, old): (ProducerClient, ProducerClient?) = try state.withLock { state throws(KafkaError) in
            guard let client = state.client else { throw KafkaError.closed }
            guard client.isFatal else { return (client, nil) }
            let old = try replace(in: &state)
            return (state.client!, old)
        }
        old?.end()
        return client
    }

    /// Returns the replaced client, which is to be ended outside the lock.
    private func replace(in state: inout State) throws(KafkaError) -> ProducerClient {
        guard let old = state.client else { throw KafkaError.closed }
        state.client = try ProducerClient(properties, lingerMilliseconds: lingerMilliseconds)
        state.replacements += 1
        return old
    }

    /// For tests: the client of this moment.
    var client: ProducerClient? { state.withLock { $0.client } }
}
