public import Ledger
public import Lifecycle
public import Orders
public import Tracing

/// What an adapter gets: one row, its event, and the order's history.
public struct Attempt: Sendable {
    /// How long after its time-out an attempt that has not ended is given up; well within the lease's margin.
    package static let grace = Duration.seconds(2)

    public var delivery: LeasedDelivery
    public var event: Event
    /// Every event of the order up to this one, in order: fold the order's state from these.
    public var history: [Event]
    /// The time left, within which the attempt must end.
    public var timeout: Duration
    /// Its span, under which calls to the receiver come; nil if it is not traced.
    public var span: ActiveSpan?
    public init(
        delivery: LeasedDelivery, event: Event, history: [Event], timeout: Duration, span: ActiveSpan? = nil
    ) {
        self.delivery = delivery
        self.event = event
        self.history = history
        self.timeout = timeout
        self.span = span
    }
}

/// The outcome of one attempt. `why` goes to the timeline and the logs, so it has no personal data.
public enum Outcome: Sendable, Equatable {
    /// The receiver has it; what it said, and details for the timeline. `links` are noted in the transaction that closes
    /// the row, so the next event of the order finds them.
    case done(answer: String, receipt: [String: String], links: [Link] = [])
    /// Not now. `after` is the pause that the receiver asked for (Retry-After); nil: the policy's.
    case retry(after: Duration?, why: String)
    /// This will never be accepted.
    case permanent(why: String)
    /// Not the message's fault: credentials, certificate, address. The breaker opens, and the row is retried later.
    case configuration(why: String)
    /// Not to be delivered after all.
    case declined(why: String)
    /// Sent without an answer: it may have been accepted. Look before repeating.
    case unknown(why: String)
}

/// Brings rows of one kind of destination to their receiver.
public protocol Adapter: Sendable {
    /// What its receiver is, `email` or a CRM's kind: one of the worker's ``WorkerDeclaration/kinds``, for metrics;
    /// ``Destination/unknownKind`` while that cannot be told.
    var kind: String { get }
    /// Longest duration of one attempt.
    var timeout: Duration { get }
    /// How many attempts at once, per destination and process.
    var concurrency: Int { get }
    /// How many attempts a second, per destination and over all processes together; nil: no limit but `concurrency`.
    var attemptsPerSecond: Int? { get }
    /// When a failed attempt is repeated, and when a row is given up.
    var retry: RetryPolicy { get }
    /// One attempt. Never throws: everything that can happen is an outcome.
    func attempt(_ attempt: Attempt) async -> Outcome
}

extension Adapter {
    /// nil: no rate limit of its own.
    public var attemptsPerSecond: Int? { nil }
    public var retry: RetryPolicy { .delivery }
}
