/// Whether Kafka answers, from a client's reports: how many brokers it is connected to, every few seconds, and which it
/// cannot reach.
///
/// One broker is enough: the others' partitions get new leaders. A single error means nothing: the client recovers from
/// it.
struct KafkaReach: Sendable, Equatable {
    enum Change: Sendable, Equatable { case away, back }

    private var isAway = false
    private var trouble: String?

    /// Why no broker answers; nil if one does, or if that is not known yet.
    var away: String? { isAway ? trouble ?? "no broker is connected" : nil }

    /// The client reports that some broker cannot be reached.
    mutating func heard(trouble words: String) { trouble = words }

    /// - Returns: what this changes.
    mutating func heard(brokersUp: Int) -> Change? {
        let wasAway = isAway
        isAway = brokersUp == 0
        // Earlier errors are not the reason for the next outage.
        if !isAway { trouble = nil }
        return isAway == wasAway ? nil : isAway ? .away : .back
    }
}
