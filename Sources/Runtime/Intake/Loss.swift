public import Ledger
public import Orders

/// Records that a topic deleted before a worker had read them. Pure.
public struct Loss: Sendable, Equatable {
    /// The offsets that are gone.
    public let offsets: Range<Int64>
    /// The time of the last event that the worker took in before them; nil where it took in none.
    public let after: Timestamp?
    /// The time of the first event behind them; nil where the log has none.
    public let before: Timestamp?

    /// nil where the worker lacks no record: whatever it stopped at is something else.
    ///
    /// - Parameters:
    ///   - log: the log's first and next offset.
    ///   - first: the log's first record, if it has one.
    public init?(from position: Position, log: Range<Int64>, first: Reading?) {
        guard position.next < log.lowerBound else { return nil }
        offsets = position.next..<log.lowerBound
        after = position.lastTime
        before = first?.time
    }
}
