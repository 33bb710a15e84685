/// What counting all events again comes to, beside what stands in the ledger.
public struct Recount: Sendable, Equatable {
    /// Events that were counted.
    public var events: Int
    /// Buckets of the statistics, and buyers, that differ.
    public var buckets, buyers: Int64
    /// The first of them in words; nil where nothing differs.
    public var firstDifference: String?

    package init(events: Int, buckets: Int64, buyers: Int64, firstDifference: String?) {
        self.events = events
        self.buckets = buckets
        self.buyers = buyers
        self.firstDifference = firstDifference
    }

    public var isEqual: Bool { buckets == 0 && buyers == 0 }
}

/// All events of some orders.
public struct CountedEvents: Sendable {
    /// The events of each order, in order, conflicts left out.
    public var orders: [[StoredEvent]]
    /// How many events of each partition there are, conflicts too.
    public var counts: [LogPartition: Int64]
    /// The last order; nil where there are none any more.
    public var last: String?
}

/// How far a rebuild counts a partition.
public struct CountedPosition: Sendable, Equatable {
    /// Events before it are counted.
    public var next: Int64
    /// How many there must be.
    public var planned: Int64
}
