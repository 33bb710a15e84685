public import Orders

/// An event that a worker has taken in.
public struct StoredEvent: Sendable {
    public var event: Event
    public var source: LogPartition
    public var offset: Int64
    /// Ascending in the order of intake within one key.
    public var sequence: Int64

    /// Made by the ledger, or by a test.
    public init(event: Event, source: LogPartition, offset: Int64, sequence: Int64) {
        self.event = event
        self.source = source
        self.offset = offset
        self.sequence = sequence
    }
}
