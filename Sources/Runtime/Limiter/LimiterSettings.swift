public import Kafka
public import RateLimit

/// The settings of a ``Limiter``.
public struct LimiterSettings: Sendable {
    /// Its topic's name.
    public static let topic = "ratelimit"

    public var properties: ClientProperties
    /// Whether records stamped by their producers are accepted: only from the embedded broker, which has no other
    /// stamps.
    public var acceptsProducerTime: Bool
    /// The latest restriction of a limit (32 hexadecimal digits) on topic `control`, from which the next one follows;
    /// nil if there was none.
    public var restriction: @Sendable (String) -> Restriction?
    /// How much of the log, in LogAppendTime, a process reads when it starts.
    public var replay: Milliseconds = 180_000
    public var rules = Rules.standard
    /// The source of process ids.
    public var random: @Sendable () -> UInt64 = { .random(in: .min ... .max) }

    public init(
        _ properties: ClientProperties, acceptsProducerTime: Bool = false,
        restriction: @escaping @Sendable (String) -> Restriction? = { _ in nil }
    ) {
        self.properties = properties
        self.acceptsProducerTime = acceptsProducerTime
        self.restriction = restriction
    }
}

/// Why topic `ratelimit` cannot be used as it is.
struct LimiterError: Error, CustomStringConvertible {
    let description: String

    static func producerTime(_ record: Record) -> LimiterError {
        LimiterError(
            description: """
                topic \(record.source.topic) stamps records with their producers' time (offset \(record.offset) of \
                partition \(record.source.partition)), and the rate limit needs LogAppendTime: where it does not exist \
                yet `orderrelay topics create` makes it right; this one is mended by kafka-configs.sh --alter --topic \
                \(record.source.topic) --add-config message.timestamp.type=LogAppendTime
                """)
    }
}
