public import Ledger
public import Orders

/// What a worker makes of an event that it has not seen before.
public struct Plan: Sendable {
    public var disposition: Disposition
    public var changes: [ReadModelChange]
    public init(_ disposition: Disposition, changes: [ReadModelChange] = []) {
        self.disposition = disposition
        self.changes = changes
    }
}

/// A worker's own part of the intake: event → destinations, or changes of the read model.
public protocol Planner: Sendable {
    /// `confirmations`, `analytics`, `crm` …
    var worker: String { get }
    /// The topics that it reads.
    var topics: [String] { get }
    /// Plans the new events of one batch (folded ones and poison are not among them), in offset order; as many plans as events.
    /// Throws where what it must ask (ledger) is away; the batch is tried again.
    func plan(_ events: [PlannableEvent]) async throws -> [Plan]
}

/// A new event and where it lies.
public struct PlannableEvent: Sendable {
    public var event: Event
    public var source: LogPartition
    public var offset: Int64
    /// Whether another event with the same id and another digest came before (`<id>~<digest>`, DESIGN §3).
    public var isConflict: Bool
}
