internal import CLibrdkafka
internal import Synchronization

/// A queue of fetched records, taken in batches, with one wake-up for whoever waits for it.
///
/// One reader at a time. It holds the client, which therefore outlives the queue.
final class RecordQueue: Sendable {
    private struct State {
        /// A record came, or the queue ended, since the reader last looked.
        var isSignalled = false
        var isEnded = false
        var reader: UnsafeContinuation<Void, Never>?
        /// An error that lay behind records which were handed out first.
        var error: KafkaError?
    }
    private let native: NativeClient
    // The library's queues are thread-safe.
    nonisolated(unsafe) let queue: OpaquePointer
    private let state = Mutex(State())

    /// Takes `queue` over.
    init(_ native: NativeClient, queue: OpaquePointer) {
        self.native = native
        self.queue = queue
        // Not retained: the call-back is taken back, under the queue's own lock, before this object goes.
        rd_kafka_queue_cb_event_enable(queue, recordsArrived, Unmanaged.passUnretained(self).toOpaque())
    }

    deinit {
        rd_kafka_queue_cb_event_enable(queue, nil, nil)
        rd_kafka_queue_destroy(queue)
    }

    /// Between 1 and `maximum` records, waiting until there is one; nil once ended.
    ///
    /// - Parameter tolerate: told of an error that the library mends by itself; definite ones are thrown.
    func next(maximum: Int, tolerate: (KafkaError) -> Void) async throws(KafkaError) -> [Record]? {
        while true {
            let (isEnded, error) = state.withLock { state in
                state.isSignalled = false
                defer { state.error = nil }
                return (state.isEnded, state.error)
            }
            if isEnded { return nil }
            if let error { throw error }
            let (records, failure) = take(maximum, tolerate: tolerate)
            if !records.isEmpty {
                if let failure { state.withLock { $0.error = failure } }
                return records
            }
            if let failure { throw failure }
            await signal()
        }
    }

    /// Waits until something came since the reader last looked.
    private func signal() async {
        await withUnsafeContinuation { continuation in
            let isSignalled = state.withLock { state in
                if !state.isSignalled && !state.isEnded { state.reader = continuation }
                return state.isSignalled || state.isEnded
            }
            if isSignalled { continuation.resume() }
        }
    }

    /// A record came. Called by the library, on its threads, with the queue's lock held.
    fileprivate func arrived() {
        state.withLock { state in
            state.isSignalled = true
            defer { state.reader = nil }
            return state.reader
        }?.resume()
    }

    /// No more records are handed out; a waiting reader gets nil.
    func end() {
        state.withLock { state in
            state.isEnded = true
            defer { state.reader = nil }
            return state.reader
        }?.resume()
    }

    /// Lets go of what lies in the queue.
    func discard() {
        while true {
            let taken = batch(256) { rd_kafka_message_destroy($0) }
            if taken < 256 { return }
        }
    }

    private func take(_ maximum: Int, tolerate: (KafkaError) -> Void) -> ([Record], KafkaError?) {
        var records: [Record] = []
        var failure: KafkaError?
        _ = batch(min(maximum, 4096)) { message in
            if message.pointee.err == RD_KAFKA_RESP_ERR_NO_ERROR {
                if records.isEmpty { records.reserveCapacity(min(maximum, 4096)) }
                records.append(Record(reading: message))
            } else if let error = Self.definiteError(of: message, otherwise: tolerate) {
                failure = failure ?? error
            }
            rd_kafka_message_destroy(message)
        }
        return (records, failure)
    }

    /// Takes at most `maximum` messages off the queue without waiting.
    private func batch(_ maximum: Int, _ body: (UnsafeMutablePointer<rd_kafka_message_t>) -> Void) -> Int {
        withUnsafeTemporaryAllocation(of: UnsafeMutablePointer<rd_kafka_message_t>?.self, capacity: maximum) {
            messages in
            let count = rd_kafka_consume_batch_queue(queue, 0, messages.baseAddress, maximum)
            guard count > 0 else { return 0 }
            for index in 0..<count { body(messages[index]!) }
            return count
        }
    }

    /// The error that a message stands for, if it ends the reading of its partition.
    private static func definiteError(
        of message: UnsafeMutablePointer<rd_kafka_message_t>, otherwise tolerate: (KafkaError) -> Void
    ) -> KafkaError? {
        let topic = message.pointee.rkt.map { String(cString: rd_kafka_topic_name($0)) } ?? "?"
        let error = KafkaError(message.pointee.err, "reading \(topic)/\(message.pointee.partition)")
        switch message.pointee.err {
        case RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET, RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE,
            RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED, RD_KAFKA_RESP_ERR__BAD_MSG,
            RD_KAFKA_RESP_ERR_INVALID_MSG, RD_KAFKA_RESP_ERR__BAD_COMPRESSION:
            return error
        default:
            tolerate(error)
            return nil
        }
    }
}

/// The library's call-back for a queue that is no longer empty.
private func recordsArrived(_ client: OpaquePointer?, _ context: UnsafeMutableRawPointer?) {
    Unmanaged<RecordQueue>.fromOpaque(context!).takeUnretainedValue().arrived()
}
