public import Ledger
public import Lifecycle
public import Orders

/// What an adapter is given: one row, its event and all that is known of the order.
public struct Attempt: Sendable {
    public var delivery: LeasedDelivery
    public var event: Event
    /// Every event of the order up to this one, in order: fold the order's state from these.
    public var history: [Event]
    /// The time left: the attempt must have ended then.
    public var timeout: Duration
    public init(delivery: LeasedDelivery, event: Event, history: [Event], timeout: Duration) {
        self.delivery = delivery
        self.event = event
        self.history = history
        self.timeout = timeout
    }
}

/// What one attempt came to.
public enum Outcome: Sendable, Equatable {
    /// The receiver has it; what it said, and details for the timeline.
    case done(answer: String, receipt: [String: String])
    /// Not now. `after`: what the receiver asked for (Retry-After), else the policy's.
    case retry(after: Duration?, why: String)
    /// This will never be taken.
    case permanent(why: String)
    /// Not the message's fault: credentials, certificate, address. Alarm, and try again later.
    case configuration(why: String)
    /// Not to be delivered after all.
    case declined(why: String)
    /// Sent, and no answer: it may have been taken. Look before repeating.
    case unknown(why: String)
}

/// Brings rows of one kind of destination to their receiver.
public protocol Adapter: Sendable {
    /// Longest duration of one attempt.
    var timeout: Duration { get }
    /// How many attempts at once, per destination.
    var concurrency: Int { get }
    /// How many attempts a second, per destination and over all processes together; nil: no limit but `concurrency`.
    var attemptsPerSecond: Int? { get }
    /// When an attempt that did not succeed is made again, and when a row is given up.
    var retry: RetryPolicy { get }
    /// One attempt. Never throws: everything that can happen is an outcome.
    func attempt(_ attempt: Attempt) async -> Outcome
}

extension Adapter {
    /// Attempts are not limited by a rate of their own.
    public var attemptsPerSecond: Int? { nil }
    public var retry: RetryPolicy { .delivery }
}
