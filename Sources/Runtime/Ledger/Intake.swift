public import Events

/// A partition of a topic of one Kafka cluster.
public struct LogPartition: Sendable, Hashable {
    /// Kafka's id of the cluster; the embedded broker's random one.
    public var cluster: String
    public var topic: String
    public var partition: Int32
    public init(cluster: String, topic: String, partition: Int32) {
        self.cluster = cluster
        self.topic = topic
        self.partition = partition
    }
}

/// How far a worker has taken a partition in, and what became of its records since `base`.
public struct Position: Sendable, Equatable {
    public var base: Int64
    public var next: Int64
    public var planned: Int64
    public var folded: Int64
    public var skipped: Int64
    public var lost: Int64
    /// The id of the event before `next`, and its time; nil where nothing was taken in yet.
    public var lastEvent: String?
    public var lastTime: Timestamp?
    /// Records before this offset may have been acted upon already, with a ledger whose place this one took; nil: none.
    public var repeatsUntil: Int64?
    public init(
        base: Int64, next: Int64, planned: Int64 = 0, folded: Int64 = 0, skipped: Int64 = 0, lost: Int64 = 0,
        lastEvent: String? = nil, lastTime: Timestamp? = nil, repeatsUntil: Int64? = nil
    ) {
        self.base = base
        self.next = next
        self.planned = planned
        self.folded = folded
        self.skipped = skipped
        self.lost = lost
        self.lastEvent = lastEvent
        self.lastTime = lastTime
        self.repeatsUntil = repeatsUntil
    }
}

/// A delivery that an event causes: a row that a worker's adapter will bring to `destination`.
public struct PlannedDelivery: Sendable, Equatable {
    /// The reason where an event's id was taken by another one with other content.
    public static let conflict = "conflict"
    /// The reason where it may have been delivered before, of which the restored ledger knows nothing.
    public static let reintake = "reintake"

    public var destination: Destination
    /// Set where the row is born skipped (declined): why, `isNotifyAccount=false`.
    public var declined: String?
    /// Set where the row is born parked: why, `conflict`.
    public var parked: String?
    /// Whether it may have been delivered before: the first attempt looks before it repeats.
    public var isInDoubt: Bool
    public init(
        destination: Destination, declined: String? = nil, parked: String? = nil, isInDoubt: Bool = false
    ) {
        self.isInDoubt = isInDoubt
        self.destination = destination
        self.declined = declined
        self.parked = parked
    }
}

/// What became of a record at its intake.
public enum Disposition: Sendable, Equatable {
    /// It caused deliveries or, in `analytics`, a change of the read model.
    case planned([PlannedDelivery])
    /// The worker knew the event already.
    case folded
    /// It caused nothing: unknown type, no destination, conflict, poison …
    case skipped(reason: String)

    /// Where the event's deliveries go.
    var destinations: [Destination] {
        if case .planned(let deliveries) = self { deliveries.map(\.destination) } else { [] }
    }
}

/// One record of a batch.
public struct IntakeEntry: Sendable {
    /// What the reason of a record that nobody can use begins with.
    public static let poison = "poison"

    public var offset: Int64
    /// The event, around the record's own value; nil where the record could not be read as one: then `id`, `key` and
    /// `reason` stand alone.
    public var event: Envelope?
    /// The event's id; for poison `<cluster>/<topic>/<partition>/<offset>`.
    public var id: String
    /// The order's id; for poison as `id`.
    public var key: String
    public var time: Timestamp
    public var disposition: Disposition
    public init(
        offset: Int64, event: Envelope?, id: String, key: String, time: Timestamp, disposition: Disposition
    ) {
        self.offset = offset
        self.event = event
        self.id = id
        self.key = key
        self.time = time
        self.disposition = disposition
    }
}

/// Consecutive records of one partition, taken in as a whole or not at all.
public struct IntakeBatch: Sendable {
    public var worker: String
    public var source: LogPartition
    /// The process that takes the rows it may attempt at once; random per process start.
    public var owner: String
    /// The position that must hold now, else ``LedgerError/Code/fenced``.
    public var from: Int64
    /// The position afterwards: `next - from` records are accounted for, gaps of the log (compaction, markers) as skipped.
    public var next: Int64
    public var entries: [IntakeEntry]
    /// How many rows of each destination may be leased to `owner` at insertion; absent: none.
    public var room: [Destination: Int]
    /// Changes of the read model (`analytics` only).
    public var changes: [ReadModelChange]
    public init(
        worker: String, source: LogPartition, owner: String, from: Int64, next: Int64, entries: [IntakeEntry],
        room: [Destination: Int] = [:], changes: [ReadModelChange] = []
    ) {
        self.worker = worker
        self.source = source
        self.owner = owner
        self.from = from
        self.next = next
        self.entries = entries
        self.room = room
        self.changes = changes
    }
}
