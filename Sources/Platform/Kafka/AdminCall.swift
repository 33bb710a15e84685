internal import CLibrdkafka

/// One call of the library's admin interface, with a queue of its own for the answer; blocks its thread.
struct AdminCall {
    private let native: NativeClient
    private let timeout: Duration
    private let operation: rd_kafka_admin_op_t

    init(_ native: NativeClient, timeout: Duration, _ operation: rd_kafka_admin_op_t) {
        self.native = native
        self.timeout = timeout
        self.operation = operation
    }

    func perform<Answer>(
        _ call: (_ client: OpaquePointer, _ options: OpaquePointer?, _ queue: OpaquePointer?) -> Void,
        reading: (OpaquePointer) throws(KafkaError) -> Answer
    ) throws(KafkaError) -> Answer {
        let queue = rd_kafka_queue_new(native.handle)
        defer { rd_kafka_queue_destroy(queue) }
        let options = rd_kafka_AdminOptions_new(native.handle, operation)
        defer { rd_kafka_AdminOptions_destroy(options) }
        let milliseconds = Int32(clamping: timeout.milliseconds)
        var reason = [CChar](repeating: 0, count: 256)
        rd_kafka_AdminOptions_set_request_timeout(options, milliseconds, &reason, reason.count)
        if operation == RD_KAFKA_ADMIN_OP_CREATETOPICS {
            // The brokers wait until the topics are there.
            rd_kafka_AdminOptions_set_operation_timeout(options, milliseconds, &reason, reason.count)
        }
        call(native.handle, options, queue)
        // The call's own time-out answers; this one is for a library that does not answer.
        guard let event = rd_kafka_queue_poll(queue, Int32(clamping: timeout.milliseconds + 2000)) else {
            throw KafkaError(.timedOut, "Kafka did not answer an admin call in time", isRetriable: true)
        }
        defer { rd_kafka_event_destroy(event) }
        let failure = rd_kafka_event_error(event)
        guard failure == RD_KAFKA_RESP_ERR_NO_ERROR else {
            let text = rd_kafka_event_error_string(event).map { String(cString: $0) } ?? ""
            let (code, isRetriable) = KafkaError.meaning(of: failure)
            throw KafkaError(code, "Kafka refused an admin call: \(text)\(code.advice)", isRetriable: isRetriable)
        }
        return try reading(event)
    }
}
