/// What a client tells beside the answers to its calls.
public enum ClientNotice: Sendable {
    /// A line of the library's own log. `level` is syslog's: 3 error, 4 warning, 6 information, 7 debug.
    case log(level: Int, facility: String, message: String)
    /// Something is wrong that the library goes on to mend by itself (a broker is down), or cannot (``KafkaError/Code/fatal``).
    case trouble(KafkaError)
    /// How full the client's queues are and how far its partitions have been read; every `statistics.interval.ms`.
    case statistics(ClientStatistics)
    /// Records lie on an assigned partition, but for that long none has been read from it.
    case stuck(TopicPartition, for: Duration)
    /// The group has given this member these partitions; what it had before is taken away.
    case rebalanced(Set<TopicPartition>)
    /// Positions could not be copied to Kafka; they are tried again unless a newer one replaces them.
    case commitFailed(KafkaError)
}
