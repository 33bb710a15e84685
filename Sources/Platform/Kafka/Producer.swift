internal import CLibrdkafka
internal import Synchronization

/// Publishes records, and waits for the in-sync replicas' acknowledgement of each.
///
/// Idempotent, `acks=all`. The library's client may turn fatal: then everyone who waits is answered
/// ``KafkaError/Code/fatal``, and a fresh client takes over for the calls after it, so the producer itself goes on.
public final class Producer: Sendable {
    private struct State {
        /// nil: closed.
        var client: ProducerClient?
        var replacements = 0
    }
    private let properties: ClientProperties
    private let lingerMilliseconds: Int
    private let state: Mutex<State>

    /// - Parameter lingerMilliseconds: how long the library gathers records into one batch.
    public init(_ properties: ClientProperties, lingerMilliseconds: Int = 1) throws(KafkaError) {
        self.properties = properties
        self.lingerMilliseconds = lingerMilliseconds
        state = Mutex(State(client: try ProducerClient(properties, lingerMilliseconds: lingerMilliseconds)))
    }

    deinit { state.withLock { $0.client }?.end() }

    /// How often a client was replaced by a fresh one.
    public var replacements: Int { state.withLock { $0.replacements } }

    /// Records handed over and not yet acknowledged, refused or given up.
    public var outstanding: Int { state.withLock { $0.client }?.waiterCount ?? 0 }

    /// Publishes `record`; returns once it is acknowledged.
    ///
    /// Throws ``KafkaError/Code/queueFull`` at once when the local queue is full, and ``KafkaError/Code/timedOut``
    /// after `timeout`, when the record may still arrive. Cancelling the task does not take a record back.
    ///
    /// The library has a copy of the record before this waits, so ours is freed while it is still in the processor's
    /// cache, and thousands of waiting calls hold none.
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

    /// Publishes records, each as ``send(_:timeout:)`` would, in this order within a partition; returns once all of them
    /// are answered, with the answers in the records' order.
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

    /// Asks for the metadata of `topics`, so that the first record to each does not wait for it.
    public func warmUp(topics: [String], timeout: Duration) async throws(KafkaError) {
        let client = try current()
        let milliseconds = Int32(clamping: timeout.milliseconds)
        try await blocking("kafka-warm-up") { () throws(KafkaError) in
            for name in topics {
                let topic = try client.native.topic(name)
                var metadata: UnsafePointer<rd_kafka_metadata>?
                let failure = rd_kafka_metadata(client.native.handle, 0, topic, &metadata, milliseconds)
                guard failure == RD_KAFKA_RESP_ERR_NO_ERROR, let metadata else {
                    throw KafkaError(failure, "the topic \(name) was not described")
                }
                defer { rd_kafka_metadata_destroy(metadata) }
                guard metadata.pointee.topic_cnt == 1 else { continue }
                let found = metadata.pointee.topics[0].err
                guard found == RD_KAFKA_RESP_ERR_NO_ERROR else { throw KafkaError(found, "the topic \(name)") }
            }
        }
    }

    /// Puts a fresh client in the place of this one: whoever waits is answered ``KafkaError/Code/closed``, and what was
    /// sent may still arrive.
    public func replace() throws(KafkaError) {
        let old = try state.withLock { state throws(KafkaError) in
            try replace(in: &state)
        }
        old.end()
    }

    /// Waits at most `timeout` for what is unacknowledged, then ends. Waiters left get ``KafkaError/Code/closed``.
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
