/// What went wrong between this process and Kafka.
public struct KafkaError: Error, Sendable, CustomStringConvertible {
    /// What kind of error it is, in terms a caller can act on.
    public enum Code: Sendable, Equatable {
        /// A property of the configuration was refused by the client library.
        case configuration
        /// The local queue is full: slow down; nothing was sent.
        case queueFull
        /// No acknowledgement came in time: the record may or may not be on the topic.
        case timedOut
        /// The brokers cannot be reached.
        case unreachable
        /// The topic or the partition does not exist.
        case unknownTopic
        /// The requested position is not, or no longer, in the log.
        case offsetOutOfRange
        /// The record exceeds the brokers' maximum message size.
        case tooLarge
        /// The client can do no more work and must be replaced.
        case fatal
        /// The client was closed.
        case closed
        /// The partition was revoked before the call.
        case revoked
        /// Kafka does not grant this user what it asked for.
        case notAllowed
        /// Everything else, with the library's own number.
        case other(Int32)
    }
    /// The kind of error.
    public let code: Code
    /// What happened, with the value that was wrong and what to do about it; free of personal data.
    public let message: String
    /// Whether the same call may succeed later.
    public let isRetriable: Bool

    public init(_ code: Code, _ message: String, isRetriable: Bool = false) {
        self.code = code
        self.message = message
        self.isRetriable = isRetriable
    }

    public var description: String { message }
}
