public import Kafka
public import Ledger

/// What an audit has found, as figures.
public struct AuditReport: Sendable, Equatable {
    /// By worker, topic and partition.
    public var partitions: [AuditedPartition] = []
    /// By worker and destination.
    public var destinations: [DestinationBook] = []

    /// What nothing accounts for, over all; 0 in closed books.
    public var unaccounted: Int64 {
        partitions.reduce(0) { $0 + $1.unaccounted } + destinations.reduce(0) { $0 + abs($1.unaccounted) }
    }

    /// Records that were looked up, over all workers.
    public var checked: Int64 { partitions.reduce(0) { $0 + ($1.records?.checked ?? 0) } }
}

/// What a worker has noted about a partition, beside what the topic holds.
public struct AuditedPartition: Sendable, Equatable {
    public var worker: String
    public var place: TopicPartition
    public var position: Position
    /// The log's first offset, and its end.
    public var log: Range<Int64>
    /// nil where only sums were compared.
    public var records: AuditedRecords?

    package init(
        worker: String, place: TopicPartition, position: Position, log: Range<Int64>, records: AuditedRecords? = nil
    ) {
        self.worker = worker
        self.place = place
        self.position = position
        self.log = log
        self.records = records
    }

    /// Records between the position and the log's end; below 0 where the log is shorter than what was read of it.
    public var unread: Int64 { log.upperBound - position.next }

    /// Offsets whose records the worker has taken in, and the log still has.
    public var taken: Range<Int64> {
        let first = max(position.base, log.lowerBound)
        return first..<max(first, min(position.next, log.upperBound))
    }

    /// What nothing accounts for: since the base, records are planned, folded, skipped or lost; no position is behind the
    /// log's end; and every record before the position is in the ledger.
    public var unaccounted: Int64 {
        let accounted = position.planned + position.folded + position.skipped + position.lost
        return abs(position.next - position.base - accounted) + max(0, -unread) + (records?.missing ?? 0)
    }
}

/// The records of ``AuditedPartition/taken``, each looked up in the ledger.
public struct AuditedRecords: Sendable, Equatable {
    /// How many were read and looked up.
    public var checked: Int64 = 0
    /// Of those, the ones that the ledger does not know, but that are so old that it may have removed them.
    public var removed: Int64 = 0
    /// Of those, the ones that the ledger should know.
    public var missing: Int64 = 0
    /// The offset of the first of them.
    public var firstMissing: Int64?

    public init() {}
}

/// How far an audit has come.
public struct AuditProgress: Sendable, Equatable {
    /// Records of the topics that it has passed.
    public var done: Int64
    /// All that it reads.
    public var total: Int64
}
