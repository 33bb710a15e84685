public import Events
public import Orders

/// An event that a worker has taken in.
public struct StoredEvent: Sendable {
    /// With the record's value, as it lay on the topic.
    public var event: Envelope
    public var source: LogPartition
    public var offset: Int64
    /// Ascending in the order of intake within one key.
    public var sequence: Int64

    /// Made by the ledger, or by a test.
    public init(event: Envelope, source: LogPartition, offset: Int64, sequence: Int64) {
        self.event = event
        self.source = source
        self.offset = offset
        self.sequence = sequence
    }

    /// What happened to an order. Throws where it cannot be decoded any more: this program is older than the one that
    /// took it in.
    public func orderEvent() throws(LedgerError) -> Event {
        do throws(EventError) {
            return try Event(event)
        } catch {
            throw LedgerError(.other, "ledger: event \(event.id) cannot be read any more: \(error)")
        }
    }
}
