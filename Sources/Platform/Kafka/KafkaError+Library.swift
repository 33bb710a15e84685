internal import CLibrdkafka

extension KafkaError {
    /// The library's error `number` in our terms, with what was being done.
    init(_ number: rd_kafka_resp_err_t, _ doing: String) {
        let reason = String(cString: rd_kafka_err2str(number))
        let (code, isRetriable) = Self.meaning(of: number)
        self.init(code, "\(doing): \(reason)\(code.advice)", isRetriable: isRetriable)
    }

    /// An error object of the library, which is destroyed here.
    init(consuming error: OpaquePointer, _ doing: String) {
        let number = rd_kafka_error_code(error)
        let reason = String(cString: rd_kafka_error_string(error))
        let (code, isRetriable) = Self.meaning(of: number)
        self.init(
            rd_kafka_error_is_fatal(error) != 0 ? .fatal : code, "\(doing): \(reason)\(code.advice)",
            isRetriable: isRetriable || rd_kafka_error_is_retriable(error) != 0)
        rd_kafka_error_destroy(error)
    }

    /// What the library's error numbers mean to a caller, and whether the same call may succeed later.
    static func meaning(of number: rd_kafka_resp_err_t) -> (code: Code, isRetriable: Bool) {
        switch number {
        case RD_KAFKA_RESP_ERR__QUEUE_FULL: (.queueFull, true)
        case RD_KAFKA_RESP_ERR__MSG_TIMED_OUT, RD_KAFKA_RESP_ERR__TIMED_OUT, RD_KAFKA_RESP_ERR__TIMED_OUT_QUEUE,
            RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT:
            (.timedOut, true)
        case RD_KAFKA_RESP_ERR__TRANSPORT, RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN, RD_KAFKA_RESP_ERR__RESOLVE,
            RD_KAFKA_RESP_ERR_BROKER_NOT_AVAILABLE, RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE,
            RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION, RD_KAFKA_RESP_ERR__WAIT_COORD,
            RD_KAFKA_RESP_ERR_NOT_COORDINATOR, RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE,
            RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS,
            RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS, RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS_AFTER_APPEND:
            (.unreachable, true)
        case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART, RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC,
            RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION:
            (.unknownTopic, false)
        case RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE, RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET: (.offsetOutOfRange, false)
        case RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE, RD_KAFKA_RESP_ERR_RECORD_LIST_TOO_LARGE: (.tooLarge, false)
        case RD_KAFKA_RESP_ERR__FATAL, RD_KAFKA_RESP_ERR__FENCED: (.fatal, true)
        // It may be granted while the process waits.
        case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED, RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED,
            RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED:
            (.notAllowed, true)
        case RD_KAFKA_RESP_ERR__DESTROY, RD_KAFKA_RESP_ERR__PURGE_QUEUE, RD_KAFKA_RESP_ERR__PURGE_INFLIGHT:
            (.closed, false)
        default: (.other(number.rawValue), false)
        }
    }

    /// A producer or reader that has been closed.
    static let closed = KafkaError(.closed, "the Kafka client was closed")

    static func missing(topic: String) -> KafkaError {
        KafkaError(.unknownTopic, "the topic \(topic) does not exist: run `orderrelay topics create`")
    }
}

extension KafkaError.Code {
    /// What to do, as the end of a message; empty where the error says it.
    var advice: String {
        self == .notAllowed
            ? "; Kafka's access control lists lack a right of this user: `orderrelay acl check` names it, `orderrelay acl create` grants it"
            : ""
    }
}
