public import Orders

/// One line of an order's timeline.
public struct TimelineEntry: Sendable, Equatable {
    /// What happened to the event, or to one of its deliveries.
    public enum Kind: String, Sendable {
        case accepted, folded, skipped, planned, counted, attempt, done, dead, parked, conflict, replayed
    }
    public var at: Timestamp
    public var kind: Kind
    public var worker: String?
    public var destination: Destination?
    public var attempt: Int?
    public var outcome: String?
    /// Topic, partition and offset, `bucket`, `reason`, and what the receiver gave: Message-ID, CRM ids …
    public var detail: [String: String]
    public var tookMilliseconds: Int64?

    /// Made by the ledger, or by a test.
    public init(
        at: Timestamp, kind: Kind, worker: String? = nil, destination: Destination? = nil, attempt: Int? = nil,
        outcome: String? = nil, detail: [String: String] = [:], tookMilliseconds: Int64? = nil
    ) {
        self.at = at
        self.kind = kind
        self.worker = worker
        self.destination = destination
        self.attempt = attempt
        self.outcome = outcome
        self.detail = detail
        self.tookMilliseconds = tookMilliseconds
    }
}
