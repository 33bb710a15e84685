/// Whether Kafka answers, by what a client tells: how many brokers it has an open connection to, every few seconds, and what
/// it says of those that it cannot reach.
///
/// One broker is enough: the others' partitions get new leaders. A single trouble says nothing: the client mends it.
struct KafkaReach: Sendable, Equatable {
    enum Change: Sendable, Equatable { case away, back }

    private var isAway = false
    private var trouble: String?

    /// Why no broker answers; nil: one does, or nobody knows yet.
    var away: String? { isAway ? trouble ?? "no broker is connected" : nil }

    /// The client says of some broker that it cannot be reached.
    mutating func heard(trouble words: String) { trouble = words }

    /// - Returns: what this changes.
    mutating func heard(brokersUp: Int) -> Change? {
        let wasAway = isAway
        isAway = brokersUp == 0
        // Of those before, none is the reason for the next time.
        if !isAway { trouble = nil }
        return isAway == wasAway ? nil : isAway ? .away : .back
    }
}
