/// Positions on their way to Kafka: a pure value.
///
/// They are gathered, and sent as one list at a time. Between a revocation and the next assignment nothing is sent
/// (the group would refuse it, or worse, take it for the next owner's); what belongs to a partition that was taken away
/// is forgotten.
struct CommitBook {
    struct Position: Equatable {
        /// The offset of the next record to read.
        var nextOffset: Int64
        var metadata: String
    }

    private(set) var waiting: [TopicPartition: Position] = [:]
    private(set) var inFlight: [TopicPartition: Position]?
    private(set) var isHeld = true

    /// A position to be copied; replaces an older one that waits.
    mutating func note(_ partition: TopicPartition, _ position: Position) { waiting[partition] = position }

    /// The list to send now, if any: none while one is in flight or commits are held.
    mutating func takeBatch() -> [TopicPartition: Position]? {
        guard !isHeld, inFlight == nil, !waiting.isEmpty else { return nil }
        inFlight = waiting
        waiting = [:]
        return inFlight
    }

    /// The list in flight was answered. What failed waits again, unless something newer does or it was taken away.
    mutating func finished(failed: Set<TopicPartition>) {
        for (partition, position) in inFlight ?? [:] where failed.contains(partition) && waiting[partition] == nil {
            if !isHeld { waiting[partition] = position }
        }
        inFlight = nil
    }

    /// Whether everything noted has been answered.
    var isSettled: Bool { waiting.isEmpty && inFlight == nil }

    /// Partitions that were lost: their positions are no longer ours to copy.
    mutating func forget(_ partitions: Set<TopicPartition>) {
        waiting = waiting.filter { !partitions.contains($0.key) }
    }

    /// The partitions were taken away: nothing is sent until the next assignment.
    mutating func hold() {
        isHeld = true
        waiting = [:]
    }

    /// Partitions were assigned.
    mutating func release() { isHeld = false }
}
