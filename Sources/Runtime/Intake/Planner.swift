public import Ledger
public import Orders

/// What a worker does about an event that it has not seen before.
public struct Plan: Sendable {
    /// Whether it is delivered, and where to, or why not.
    public var disposition: Disposition
    /// Changes of the read model, in order; empty except for `analytics`.
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
    /// As its declaration says.
    var kinds: [String] { get }
    /// As its declaration says.
    var reachesBuyers: Bool { get }
    /// As its declaration says.
    var writesDeadLetters: Bool { get }
    /// Plans the new events of one batch, in offset order, without folded ones and poison; one plan for each event.
    /// Throws if what it must ask (ledger) is away; the batch is tried again.
    func plan(_ events: [PlannableEvent]) async throws -> [Plan]
}

extension Planner {
    public var kinds: [String] { [] }
    public var reachesBuyers: Bool { false }
    public var writesDeadLetters: Bool { true }
}

/// A new event, and its place in the log.
public struct PlannableEvent: Sendable {
    public var event: Event
    /// The record's value, from which the event was decoded.
    public var value: [UInt8]
    public var source: LogPartition
    public var offset: Int64
    /// Whether another event with the same id and another digest came before (`<id>~<digest>`, DESIGN §3).
    public var isConflict: Bool

    package init(event: Event, value: [UInt8], source: LogPartition, offset: Int64, isConflict: Bool) {
        self.event = event
        self.value = value
        self.source = source
        self.offset = offset
        self.isConflict = isConflict
    }
}
