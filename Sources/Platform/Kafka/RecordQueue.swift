internal import CLibrdkafka
internal import Synchronization

/// A queue of fetched records, taken in batches, with one wake-up for whoever waits for it.
///
/// One reader at a time. It holds the client, which therefore outlives the queue.
final class RecordQueue: Sendable {
    /// What a queue holds besides records.
    enum Aside {
        /// An error that the library recovers from by itself.
        case trouble(KafkaError)
        /// The partition's end was reached, at this offset.
        case end(Int32, Int64)
    }

    private let native: NativeClient
    // The library's queues are thread-safe.
    nonisolated(unsafe) let queue: OpaquePointer
    private let signal = QueueSignal()
    private let error = Mutex<KafkaError?>(nil)
    private let topic: String
    private static let batchMaximum = 4096

    /// Takes `queue` over.
    ///
    /// - Parameter topic: whose partitions the records in it are of.
    init(_ native: NativeClient, queue: OpaquePointer, topic: String) {
        self.native = native
        self.topic = topic
        self.queue = queue
        rd_kafka_queue_cb_event_enable(queue, recordsArrived, Unmanaged.passRetained(signal).toOpaque())
    }

    deinit {
        // Under the queue's own lock: after this no call-back runs any more.
        rd_kafka_queue_cb_event_enable(queue, nil, nil)
        Unmanaged.passUnretained(signal).release()
        rd_kafka_queue_destroy(queue)
    }

    /// Between 1 and `maximum` records, waiting until there is one; empty if there was only something else; nil once
    /// ended.
    ///
    /// Errors that end the reading of a partition are thrown.
    ///
    /// - Parameter aside: receives what else is in the queue.
    func next(maximum: Int, aside: (Aside) -> Void) async throws(KafkaError) -> [Record]? {
        while signal.look() {
            if let error = error.withLock({ $0.take() }) { throw error }
            var heard = false
            let (records, failure) = take(maximum) {
                heard = true
                aside($0)
            }
            if !records.isEmpty {
                // What followed the records is reported after them.
                if let failure { error.withLock { $0 = failure } }
                return records
            }
            if let failure { throw failure }
            if heard { return [] }
            await signal.wait()
        }
        return nil
    }

    /// No more records are handed out; a waiting reader gets nil.
    func end() { signal.end() }

    /// Frees what is in the queue.
    func discard() {
        while true {
            let taken = batch(256) { messages in
                for message in messages { rd_kafka_message_destroy(message) }
            }
            if taken < 256 { return }
        }
    }

    private func take(_ maximum: Int, _ aside: (Aside) -> Void) -> ([Record], KafkaError?) {
        var records: [Record] = []
        var failure: KafkaError?
        _ = batch(min(maximum, Self.batchMaximum)) { messages in
            // Room for what came, not for what might have: most batches are small, and a block for a thousand records
            // makes the allocator sweep and give back its memory each time that it is freed.
            records.reserveCapacity(messages.count)
            for case let message? in messages {
                if message.pointee.err == RD_KAFKA_RESP_ERR_NO_ERROR {
                    let source = TopicPartition(topic: topic, partition: message.pointee.partition)
                    records.append(Record(reading: message, of: source))
                } else if message.pointee.err == RD_KAFKA_RESP_ERR__PARTITION_EOF {
                    aside(.end(message.pointee.partition, message.pointee.offset))
                } else if let error = Self.definiteError(of: message, otherwise: aside) {
                    failure = failure ?? error
                }
                rd_kafka_message_destroy(message)
            }
        }
        return (records, failure)
    }

    /// Takes at most `maximum` messages off the queue without waiting.
    private func batch(
        _ maximum: Int,
        _ body: (UnsafeMutableBufferPointer<UnsafeMutablePointer<rd_kafka_message_t>?>.SubSequence) -> Void
    ) -> Int {
        withUnsafeTemporaryAllocation(of: UnsafeMutablePointer<rd_kafka_message_t>?.self, capacity: maximum) {
            messages in
            let count = rd_kafka_consume_batch_queue(queue, 0, messages.baseAddress, maximum)
            guard count > 0 else { return 0 }
            body(messages[..<count])
            return count
        }
    }

    /// The error that a message stands for, if it ends the reading of its partition.
    private static func definiteError(
        of message: UnsafeMutablePointer<rd_kafka_message_t>, otherwise aside: (Aside) -> Void
    ) -> KafkaError? {
        let topic = message.pointee.rkt.map { String(cString: rd_kafka_topic_name($0)) } ?? "?"
        let error = KafkaError(message.pointee.err, "reading \(topic)/\(message.pointee.partition)")
        switch message.pointee.err {
        case RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET, RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE,
            RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED, RD_KAFKA_RESP_ERR__BAD_MSG,
            RD_KAFKA_RESP_ERR_INVALID_MSG, RD_KAFKA_RESP_ERR__BAD_COMPRESSION:
            return error
        default:
            aside(.trouble(error))
            return nil
        }
    }
}

/// The library's call-back for a queue that is no longer empty; on its threads, with the queue's lock held.
private func recordsArrived(_ client: OpaquePointer?, _ context: UnsafeMutableRawPointer?) {
    Unmanaged<QueueSignal>.fromOpaque(context!).takeUnretainedValue().arrived()
}

/// The one wake-up of a queue: something came since its reader last looked, or it ended.
private final class QueueSignal: Sendable {
    private struct State {
        var isSignalled = false
        var isEnded = false
        var reader: UnsafeContinuation<Void, Never>?
    }
    private let state = Mutex(State())

    /// The reader looks now; false once ended.
    func look() -> Bool {
        state.withLock { state in
            state.isSignalled = false
            return !state.isEnded
        }
    }

    /// Waits until something came since the reader last looked.
    func wait() async {
        await withUnsafeContinuation { continuation in
            let isSignalled = state.withLock { state in
                if !state.isSignalled && !state.isEnded { state.reader = continuation }
                return state.isSignalled || state.isEnded
            }
            if isSignalled { continuation.resume() }
        }
    }

    func arrived() { wake { $0.isSignalled = true } }
    func end() { wake { $0.isEnded = true } }

    private func wake(_ change: (inout State) -> Void) {
        state.withLock { state in
            change(&state)
            return state.reader.take()
        }?.resume()
    }
}
