public import Orders

/// A row that a process has taken (leased) to attempt it.
public struct LeasedDelivery: Sendable, Equatable {
    /// How long a row that was taken, or whose lease was renewed, is its owner's by the ledger's clock.
    public static let leaseLength = Duration.seconds(30)

    public var id: Int64
    public var worker: String
    public var destination: Destination
    public var eventID: String
    public var key: String
    /// Attempts made before this one, since the last replay.
    public var attempt: Int
    /// Attempts made before the row was replayed; 0 if it was not, or if none was made before.
    public var attemptsBefore: Int
    /// With `owner`, what an outcome is fenced by.
    public var leaseNumber: Int64
    /// Whether the last attempt's outcome is unknown: look before repeating.
    public var isOutcomeUnknown: Bool
    public init(
        id: Int64, worker: String, destination: Destination, eventID: String, key: String, attempt: Int,
        attemptsBefore: Int = 0, leaseNumber: Int64, isOutcomeUnknown: Bool
    ) {
        self.id = id
        self.worker = worker
        self.destination = destination
        self.eventID = eventID
        self.key = key
        self.attempt = attempt
        self.attemptsBefore = attemptsBefore
        self.leaseNumber = leaseNumber
        self.isOutcomeUnknown = isOutcomeUnknown
    }
}

/// What one attempt came to, as it is written.
public struct Completion: Sendable {
    /// The row's next state.
    public enum Verdict: Sendable, Equatable {
        case done
        /// pending again, due after so many milliseconds.
        case retry(afterMilliseconds: Int64)
        /// pending again, due after so many milliseconds; the attempt is noted, but uses up none: it was not the row's fault.
        case held(afterMilliseconds: Int64)
        case dead(reason: String)
        case parked(reason: String)
        case skipped(reason: String)
        /// Not attempted after all (stopping, switched off): pending again, due now, the attempt is not counted.
        case givenBack
    }
    public var delivery: LeasedDelivery
    public var verdict: Verdict
    /// Whether the outcome is unknown (goes with `retry`).
    public var isOutcomeUnknown: Bool
    /// When the attempt began, how long it took; nil for ``Verdict/givenBack``.
    public var startedAt: Timestamp?
    public var tookMilliseconds: Int64
    /// Class for metrics and the timeline: `done`, `retry`, `permanent`, `configuration`, `declined`, `unknown`.
    public var outcome: String
    /// What the receiver said, clipped, free of personal data and secrets: `250 2.0.0 queued`.
    public var answer: String
    /// JSON members for the timeline's `detail`: receipt, CRM ids …
    public var receipt: [String: String]
    /// The ids that the receiver gave to our records; each `ours` at most once.
    public var links: [Link]
    public init(
        delivery: LeasedDelivery, verdict: Verdict, isOutcomeUnknown: Bool = false, startedAt: Timestamp?,
        tookMilliseconds: Int64, outcome: String, answer: String, receipt: [String: String] = [:], links: [Link] = []
    ) {
        self.delivery = delivery
        self.verdict = verdict
        self.isOutcomeUnknown = isOutcomeUnknown
        self.startedAt = startedAt
        self.tookMilliseconds = tookMilliseconds
        self.outcome = outcome
        self.answer = answer
        self.receipt = receipt
        self.links = links
    }
}

/// The id that a receiver gave to a record of ours.
public struct Link: Sendable, Equatable {
    public var connection: String
    /// What names our record within the connection: `order/<id>/contact`.
    public var ours: String
    public var theirs: String
    public init(connection: String, ours: String, theirs: String) {
        self.connection = connection
        self.ours = ours
        self.theirs = theirs
    }
}

/// A dead row that is not yet on topic `dead-letters`.
public struct DeadLetter: Sendable {
    public var id: Int64
    public var worker: String
    public var destination: Destination
    public var stored: StoredEvent
    public var attempt: Int
    public var reason: String
    public var diedAt: Timestamp
}

/// How many rows of a destination are in each state.
public struct DestinationBook: Sendable, Equatable {
    public var worker: String
    public var destination: Destination
    /// The counter raised at intake, less what was removed.
    public var planned: Int64
    public var removed: Int64
    public var rows: [DeliveryState: Int64]

    package init(
        worker: String, destination: Destination, planned: Int64, removed: Int64, rows: [DeliveryState: Int64]
    ) {
        self.worker = worker
        self.destination = destination
        self.planned = planned
        self.removed = removed
        self.rows = rows
    }

    /// What the counter and the rows differ by; 0 in closed books.
    public var unaccounted: Int64 { planned - removed - rows.values.reduce(0, +) }
}
