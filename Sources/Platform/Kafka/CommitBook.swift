/// Positions to be committed to Kafka: a pure value.
///
/// They are gathered, and sent as one list at a time. Between a revocation and the next assignment nothing is sent (the
/// group would refuse it, or worse, take it for the next owner's); positions of a revoked partition are dropped.
struct CommitBook {
    struct Position: Equatable {
        /// The offset of the next record to read.
        var nextOffset: Int64
        var metadata: String
    }

    private(set) var waiting: [TopicPartition: Position] = [:]
    private(set) var inFlight: [TopicPartition: Position]?
    private(set) var isHeld = true

    /// A position to be committed; replaces an older one that waits.
    mutating func note(_ partition: TopicPartition, _ position: Position) { waiting[partition] = position }

    /// The list to send now, if any: nil while one is in flight or commits are held.
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

    /// Partitions that were lost: their positions are no longer ours to commit.
    mutating func forget(_ partitions: Set<TopicPartition>) {
        waiting = waiting.filter { !partitions.contains($0.key) }
    }

    /// The partitions were revoked: nothing is sent until the next assignment.
    mutating func hold() {
        isHeld = true
        waiting = [:]
    }

    /// Partitions were assigned.
    mutating func release() { isHeld = false }
}
