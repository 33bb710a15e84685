/// What a client reports besides the answers to its calls.
public enum ClientNotice: Sendable {
    /// A line of the library's own log. `level` is syslog's: 3 error, 4 warning, 6 information, 7 debug.
    case log(level: Int, facility: String, message: String)
    /// An error that the library recovers from by itself (a broker is down), or cannot (``KafkaError/Code/fatal``).
    case trouble(KafkaError)
    /// How full the client's queues are and how far its partitions have been read; every `statistics.interval.ms`.
    case statistics(ClientStatistics)
    /// An assigned partition has records, but none has been read from it for this long.
    case stuck(TopicPartition, for: Duration)
    /// The group has assigned these partitions to this member, in place of earlier ones.
    case rebalanced(Set<TopicPartition>)
    /// Positions could not be committed to Kafka; they are retried unless a newer one replaces them.
    case commitFailed(KafkaError)
}
