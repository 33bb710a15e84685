public import Orders

/// A partition that a worker does not read although it is assigned, until somebody has mended what it stopped at.
public struct StoppedPartition: Sendable, Equatable {
    public var worker: String
    public var source: LogPartition
    /// The offset of the next record that the worker wants; -1 where the ledger knows no position.
    public var position: Int64
    /// What is wrong and what to do about it; free of personal data.
    public var why: String
    /// When it first stopped there.
    public var since: Timestamp
    public init(worker: String, source: LogPartition, position: Int64, why: String, since: Timestamp) {
        self.worker = worker
        self.source = source
        self.position = position
        self.why = why
        self.since = since
    }
}
