internal import CLibrdkafka
internal import Primitives
internal import Synchronization

typealias SendResult = Result<Acknowledgement, KafkaError>

/// One life of a producer: the library's client, its thread, and those who wait for acknowledgements.
///
/// Delivery reports come as events in batches; those who wait are taken out of the table under one lock and resumed
/// after it. The message's opaque carries the waiter's ticket, so a report that comes after the waiter's deadline finds
/// nobody.
final class ProducerClient: ClientEventHandler {
    private struct State {
        var waiters: WaiterTable<Waiter>
        /// Whoever waits for the table to be empty.
        var emptied: [Once<Void>] = []
        /// Why nothing is accepted any more.
        var refusal: KafkaError?
        /// When the thread will look at the deadlines next.
        var nextTick: Int64 = .max

        /// Resumes those who wait for the table to be empty, if it is.
        mutating func noteTaken() {
            guard waiters.count == 0 else { return }
            for gate in emptied { gate.open() }
            emptied = []
        }
    }

    let native: NativeClient
    private let properties: ClientProperties
    private let state: Mutex<State>
    private let fatal = Atomic(false)
    /// Reports for waiters that had given up.
    private let lateReports = Atomic(0)

    /// Whether the client can do no more work.
    var isFatal: Bool { fatal.load(ordering: .acquiring) }
    var lateReportCount: Int { lateReports.load(ordering: .relaxed) }
    var waiterCount: Int { state.withLock { $0.waiters.count } }

    init(_ properties: ClientProperties, lingerMilliseconds: Int) throws(KafkaError) {
        native = try NativeClient(
            RD_KAFKA_PRODUCER, ClientConfiguration(.producer(lingerMilliseconds: lingerMilliseconds), properties))
        self.properties = properties
        state = Mutex(State(waiters: WaiterTable(now: MachineClock.boot.milliseconds)))
        native.run(self)
    }

    /// Passes one record to the library; `waiter` is answered exactly once, at the latest shortly after `timeout`.
    func submit(_ record: OutgoingRecord, timeoutMilliseconds: Int64, _ waiter: Waiter) {
        let now = MachineClock.boot.milliseconds
        let deadline = now + timeoutMilliseconds
        let (ticket, refusal, isEarlier) = state.withLock { state -> (UInt64, KafkaError?, Bool) in
            if let refusal = state.refusal { return (0, refusal, false) }
            return (state.waiters.add(waiter, deadline: deadline), nil, deadline < state.nextTick)
        }
        if let refusal { return answer(waiter, .failure(refusal)) }
        if isEarlier { native.wake() }
        properties.beforeSending?()
        do {
            try produce(record, ticket)
        } catch {
            // Nobody else answers a record that the library did not take, unless the client just turned fatal or
            // closed.
            if let waiter = take(ticket) { answer(waiter, .failure(error)) }
        }
    }

    private func answer(_ waiter: Waiter, _ result: SendResult) {
        if case .failure(let error) = result { properties.unsent?(error) }
        waiter.resume(result)
    }

    private func take(_ ticket: UInt64) -> Waiter? {
        state.withLock { state in
            let waiter = state.waiters.take(ticket)
            state.noteTaken()
            return waiter
        }
    }

    private func produce(_ record: OutgoingRecord, _ ticket: UInt64) throws(KafkaError) {
        let topic = try native.topic(record.topic)
        let partition = record.partition ?? ORDERRELAY_PARTITION_UNASSIGNED
        let opaque = UnsafeMutableRawPointer(bitPattern: UInt(ticket))
        let headers = record.headers.isEmpty ? nil : try HeaderList.make(record.headers)
        let failure = record.key.withUnsafeBytes { key in
            Self.withBytes(of: record.value) { value in
                orderrelay_produce(
                    native.handle, topic, partition, key.baseAddress, key.count, value.baseAddress, value.count,
                    headers, opaque)
            }
        }
        guard failure != RD_KAFKA_RESP_ERR_NO_ERROR else { return }
        // Only a record that was taken takes its headers with it.
        if let headers { rd_kafka_headers_destroy(headers) }
        throw KafkaError(failure, "the record for topic \(record.topic) was not accepted")
    }

    /// The bytes of a value. An empty value is not a tombstone, so it has an address.
    private static func withBytes<R>(of value: [UInt8]?, _ body: (UnsafeRawBufferPointer) -> R) -> R {
        guard let value else { return body(UnsafeRawBufferPointer(start: nil, count: 0)) }
        return value.withUnsafeBytes { bytes in
            if !bytes.isEmpty { return body(bytes) }
            return withUnsafeBytes(of: UInt8(0)) { body(UnsafeRawBufferPointer(rebasing: $0[0..<0])) }
        }
    }

    // MARK: The client's thread

    var pollMillisecondsMaximum: Int32 {
        state.withLock { state in
            let now = MachineClock.boot.milliseconds
            let wait = state.waiters.millisecondsToNextDeadline(now: now, maximum: 1000)
            state.nextTick = now + wait
            return Int32(wait) + 1
        }
    }

    func handle(_ event: OpaquePointer) {
        if rd_kafka_event_type(event) == RD_KAFKA_EVENT_DR { return report(event) }
        if let error = properties.tell(of: event, handle: native.handle) { turnFatal(error) }
    }

    /// Answers those whose records a delivery report is about.
    private func report(_ event: OpaquePointer) {
        let count = rd_kafka_event_message_count(event)
        withUnsafeTemporaryAllocation(of: UnsafePointer<rd_kafka_message_t>?.self, capacity: count) { messages in
            let filled = rd_kafka_event_message_array(event, messages.baseAddress, count)
            var answered: [(Waiter, SendResult)] = []
            answered.reserveCapacity(filled)
            state.withLock { state in
                for index in 0..<filled {
                    let message = messages[index]!
                    let ticket = UInt64(UInt(bitPattern: message.pointee._private))
                    guard let waiter = state.waiters.take(ticket) else {
                        lateReports.add(1, ordering: .relaxed)
                        continue
                    }
                    answered.append((waiter, Self.result(of: message)))
                }
                state.noteTaken()
            }
            for (waiter, result) in answered { answer(waiter, result) }
        }
    }

    private static func result(of message: UnsafePointer<rd_kafka_message_t>) -> SendResult {
        guard message.pointee.err == RD_KAFKA_RESP_ERR_NO_ERROR else {
            let topic = message.pointee.rkt.map { String(cString: rd_kafka_topic_name($0)) } ?? "?"
            return .failure(KafkaError(message.pointee.err, "the record for topic \(topic) was not acknowledged"))
        }
        return .success(Acknowledgement(partition: message.pointee.partition, offset: message.pointee.offset))
    }

    func tick() {
        let now = MachineClock.boot.milliseconds
        let expired = state.withLock { state in
            let expired = state.waiters.expire(now: now)
            state.noteTaken()
            return expired
        }
        guard !expired.isEmpty else { return }
        let error = KafkaError(
            .timedOut, "Kafka did not acknowledge the record in time: it may or may not be on the topic",
            isRetriable: true)
        for waiter in expired { answer(waiter, .failure(error)) }
    }

    // MARK: The end

    /// Answers everyone with `error`, and every later call too.
    private func refuse(_ error: KafkaError) {
        let waiters = state.withLock { state in
            state.refusal = state.refusal ?? error
            let waiters = state.waiters.takeAll()
            state.noteTaken()
            return waiters
        }
        for waiter in waiters { answer(waiter, .failure(error)) }
    }

    private func turnFatal(_ error: KafkaError) {
        fatal.store(true, ordering: .releasing)
        refuse(error)
    }

    /// Takes no more. Opened then: first when everyone is answered, then (after ``end()``) when the library has let go.
    func beginClosing() -> (emptied: Once<Void>, destroyed: Once<Void>) {
        let emptied = Once<Void>()
        state.withLock { state in
            state.refusal = state.refusal ?? .closed
            state.emptied.append(emptied)
            state.noteTaken()
        }
        return (emptied, native.destroyed)
    }

    /// Ends at once.
    func end() {
        refuse(.closed)
        rd_kafka_purge(native.handle, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT)
        native.stop()
    }
}

/// Who waits for the acknowledgement of one record.
enum Waiter {
    case one(UnsafeContinuation<SendResult, Never>)
    case partOf(SendBatch, index: Int)
    case failureOnly(@Sendable (KafkaError) -> Void)

    func resume(_ result: SendResult) {
        switch self {
        case .one(let continuation): continuation.resume(returning: result)
        case .partOf(let batch, let index): batch.answer(index, result)
        case .failureOnly(let failed): if case .failure(let error) = result { failed(error) }
        }
    }
}
