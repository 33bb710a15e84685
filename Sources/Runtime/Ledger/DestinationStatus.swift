public import Orders

/// How one destination of a worker stands.
public struct DestinationStatus: Sendable, Equatable {
    /// What somebody who looks for trouble wants to know first.
    public enum State: String, Sendable {
        /// Nothing is open.
        case idle
        /// Rows are open, and the last answer was no failure.
        case waiting
        /// Rows are open, and the last attempt failed.
        case failing
        /// Its connection is switched off.
        case off
        /// Its connection was removed.
        case gone
    }

    public var worker: String
    public var destination: Destination
    /// `email`, `hubspot` …; nil where its connection was removed.
    public var kind: String?
    /// Whose connection it is; nil where it is no connection.
    public var account: String?
    public var state: State
    /// Rows by state: `pending`, `in_flight`, `parked` and `dead`; at most ``countMaximum`` are counted of each.
    public var rows: [DeliveryState: Int64]
    /// When the oldest pending row is due; nil where none is pending.
    public var oldestDue: Timestamp?
    /// nil where it has none among the rows that are looked at: all that wait, and the newest closed ones of all destinations.
    public var lastAnswer: LastAnswer?

    public init(
        worker: String, destination: Destination, kind: String?, account: String? = nil, state: State,
        rows: [DeliveryState: Int64], oldestDue: Timestamp?, lastAnswer: LastAnswer? = nil
    ) {
        self.worker = worker
        self.destination = destination
        self.kind = kind
        self.account = account
        self.state = state
        self.rows = rows
        self.oldestDue = oldestDue
        self.lastAnswer = lastAnswer
    }

    /// Rows that are counted of a state at most.
    public static let countMaximum = Int64(DestinationStatements.countMaximum)
}

/// What the latest attempt came to.
public struct LastAnswer: Sendable, Equatable {
    public var at: Timestamp
    /// The class of its outcome: `done`, `retry`, `configuration` …
    public var outcome: String
    /// What the receiver said; has no personal data.
    public var text: String

    public init(at: Timestamp, outcome: String, text: String) {
        self.at = at
        self.outcome = outcome
        self.text = text
    }

    /// Whether the receiver did not take it, and may take it later.
    var isFailure: Bool { ["retry", "configuration", "unknown"].contains(outcome) }
}
