internal import CLibrdkafka
internal import Primitives
internal import Synchronization

/// Owns one client of the library and the queue that its events arrive on; destroys it when the last reference goes.
///
/// Whoever may still be inside a call of the library holds a reference, so the client cannot go away under it. It is
/// destroyed on a thread of its own: that may block for as long as a broker does not answer.
final class NativeClient: Sendable {
    // The library is thread-safe behind both.
    nonisolated(unsafe) let handle: OpaquePointer
    nonisolated(unsafe) let queue: OpaquePointer
    /// Opens once the library has let go of everything.
    let destroyed = Once<Void>()
    private let stopping = Atomic(false)
    private let topics = Mutex<[String: OpaquePointer]>([:])

    init(_ type: rd_kafka_type_t, _ configuration: consuming ClientConfiguration) throws(KafkaError) {
        handle = try configuration.makeClient(type)
        if type == RD_KAFKA_CONSUMER {
            // All events of a consumer, the main queue's too, then arrive on one queue.
            rd_kafka_poll_set_consumer(handle)
            queue = rd_kafka_queue_get_consumer(handle)
        } else {
            queue = rd_kafka_queue_get_main(handle)
        }
        rd_kafka_set_log_queue(handle, queue)
    }

    deinit {
        let remains = Remains(handle: handle, queue: queue, topics: topics.withLock { Array($0.values) })
        let destroyed = destroyed
        startThread("kafka-destroy") {
            for topic in remains.topics { rd_kafka_topic_destroy(topic) }
            rd_kafka_queue_destroy(remains.queue)
            rd_kafka_destroy_flags(remains.handle, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE)
            destroyed.open()
        }
    }

    /// The library's handle of a topic, made once: looking it up by name costs a global lock each time.
    func topic(_ name: String) throws(KafkaError) -> OpaquePointer {
        let topic: OpaquePointer? = topics.withLock { topics in
            if let topic = topics[name] { return topic }
            // Names are few: those of the configuration, never of a request.
            let topic = rd_kafka_topic_new(handle, name, nil)
            topics[name] = topic
            return topic
        }
        guard let topic else { throw KafkaError(rd_kafka_last_error(), "the topic \(name) cannot be used") }
        return topic
    }

    /// Runs the client's thread: waits for events, gives each to `handler`, and calls its `tick` between them, until
    /// ``stop()``. The thread holds the handler, and so the client.
    func run(_ handler: any ClientEventHandler) {
        startThread("kafka-events") { [self] in
            while !stopping.load(ordering: .acquiring) {
                var event = rd_kafka_queue_poll(queue, handler.pollMillisecondsMaximum)
                var drained = 0
                while let current = event {
                    handler.handle(current)
                    rd_kafka_event_destroy(current)
                    drained += 1
                    // Deadlines are looked at between events, however many there are.
                    event = drained < 64 ? rd_kafka_queue_poll(queue, 0) : nil
                }
                handler.tick()
            }
        }
    }

    /// Wakes the client's thread if it waits for events.
    func wake() { rd_kafka_queue_yield(queue) }

    /// Ends the client's thread.
    func stop() {
        stopping.store(true, ordering: .releasing)
        wake()
    }
}

/// What remains of a client to be destroyed; it is handed from one thread to another.
private struct Remains: @unchecked Sendable {
    let handle: OpaquePointer
    let queue: OpaquePointer
    let topics: [OpaquePointer]
}

/// What a client's thread calls; only from that thread.
protocol ClientEventHandler: AnyObject, Sendable {
    /// How long the thread may wait for an event before `tick` must be called.
    var pollMillisecondsMaximum: Int32 { get }
    /// An event of the library, which is destroyed after the call.
    func handle(_ event: OpaquePointer)
    /// Time has passed.
    func tick()
}

extension ClientProperties {
    /// Passes on what every kind of client reports: logs, errors, statistics. Returns a fatal error.
    func tell(of event: OpaquePointer, handle: OpaquePointer) -> KafkaError? {
        switch rd_kafka_event_type(event) {
        case RD_KAFKA_EVENT_LOG:
            var facility: UnsafePointer<CChar>?
            var text: UnsafePointer<CChar>?
            var level: Int32 = 0
            guard let notice, rd_kafka_event_log(event, &facility, &text, &level) == 0 else { return nil }
            notice(
                .log(
                    level: Int(level), facility: facility.map { String(cString: $0) } ?? "",
                    message: text.map { String(cString: $0) } ?? ""))
        case RD_KAFKA_EVENT_STATS:
            guard let notice, let text = rd_kafka_event_stats(event) else { return nil }
            if let statistics = ClientStatistics(json: String(cString: text)) { notice(.statistics(statistics)) }
        case RD_KAFKA_EVENT_ERROR:
            let error = Self.error(of: event, handle: handle)
            notice?(.trouble(error))
            return error.code == .fatal ? error : nil
        default: break
        }
        return nil
    }

    private static func error(of event: OpaquePointer, handle: OpaquePointer) -> KafkaError {
        let number = rd_kafka_event_error(event)
        let text = rd_kafka_event_error_string(event).map { String(cString: $0) } ?? ""
        if rd_kafka_event_error_is_fatal(event) != 0 || number == RD_KAFKA_RESP_ERR__FATAL {
            var reason = [CChar](repeating: 0, count: 256)
            let cause = rd_kafka_fatal_error(handle, &reason, reason.count)
            return KafkaError(
                .fatal, KafkaError(cause, "the Kafka client can do no more work").message, isRetriable: true)
        }
        let (code, isRetriable) = KafkaError.meaning(of: number)
        return KafkaError(code, "Kafka: \(text)\(code.advice)", isRetriable: isRetriable)
    }
}
