extension KafkaError.Code {
    /// What ``name`` may be.
    public static let names = [
        "configuration", "queue_full", "timed_out", "unreachable", "unknown_topic", "offset_out_of_range", "too_large",
        "fatal", "closed", "revoked", "not_allowed", "other",
    ]

    /// As metrics have it.
    public var name: String {
        switch self {
        case .configuration: "configuration"
        case .queueFull: "queue_full"
        case .timedOut: "timed_out"
        case .unreachable: "unreachable"
        case .unknownTopic: "unknown_topic"
        case .offsetOutOfRange: "offset_out_of_range"
        case .tooLarge: "too_large"
        case .fatal: "fatal"
        case .closed: "closed"
        case .revoked: "revoked"
        case .notAllowed: "not_allowed"
        case .other: "other"
        }
    }
}
