/// What a request asks of a limit.
public struct Wish: Sendable {
    public var limitID: LimitID
    /// What topic `control` says of the limit now.
    public var configured: ConfiguredLimit
    /// 1, or the number of a batch's orders.
    public var permits: Int
    /// The caller's own number for this request, under which it is answered if it has to wait.
    public var ticket: UInt64

    public init(limitID: LimitID, configured: ConfiguredLimit, permits: Int = 1, ticket: UInt64) {
        self.limitID = limitID
        self.configured = configured
        self.permits = permits
        self.ticket = ticket
    }
}

/// What a request is answered.
public enum Answer: Equatable, Sendable {
    /// Admitted, at the instant at which this was said.
    case granted
    /// The limit is used up (429); a permit is free at `retryAt` at the earliest.
    case refused(retryAt: OwnTime)
    /// Nothing can be said now (503).
    case unavailable(Unavailability)
    /// More permits at once than the limit has (400).
    case tooMany(limit: Int)
}

/// Why no verdict can be had.
public enum Unavailability: Equatable, Sendable, CustomStringConvertible {
    /// The partition was not read to its end yet.
    case starting
    /// Kafka gives nothing back.
    case away
    /// The state of the limit is not known yet.
    case notEstablished
    /// The verdict came too late twice, or not at all.
    case late
    /// The broker's clock has jumped; for so long nothing of the partition is used.
    case clockAlarm(remaining: Milliseconds)
    /// Another process uses rules of another version.
    case unknownRules(UInt8)

    /// When to come again, in seconds.
    public var retryAfterSeconds: Int {
        switch self {
        case .starting, .away, .late: 2
        case .notEstablished: 5
        case .clockAlarm(let remaining): Int(max(1, (remaining + 999) / 1_000))
        case .unknownRules: 60
        }
    }

    public var description: String {
        switch self {
        case .starting: "the rate limit's partition is still being read"
        case .away: "Kafka gives no verdicts: it is away, or slow"
        case .notEstablished: "this process does not know the state of the limit yet"
        case .late: "the verdict came too late"
        case .clockAlarm(let remaining): "a broker's clock has jumped; waiting \(remaining) ms until that is harmless"
        case .unknownRules(let version):
            "a process uses rules \(version) of the rate limit, and this one knows \(Rules.version) only: upgrade it"
        }
    }
}

/// How a limit stands, for the header fields and `GET /usage`.
public struct Standing: Equatable, Sendable {
    /// The limit in force.
    public var limit: Int
    /// Permits free in the replica, and in this process's leases.
    public var remaining: Int
    /// When the next permit is free; nil where one is free now.
    public var nextPermitAt: OwnTime?

    public init(limit: Int, remaining: Int, nextPermitAt: OwnTime?) {
        self.limit = limit
        self.remaining = remaining
        self.nextPermitAt = nextPermitAt
    }
}

/// What the claimant wants done.
public enum Action: Equatable, Sendable {
    /// Append these bytes to this claimant's partition; whatever delivery error comes of it is told as
    /// ``Claimant/deliveryFailed(isProbe:now:into:)``.
    case append([UInt8], key: LimitID?)
    /// Answer the request with this ticket.
    case answer(ticket: UInt64, Answer)
    /// Replace the producer of this process, and tell every claimant (``Claimant/producerReplaced(now:into:)``).
    case replaceProducer
    /// This process's strike record brought a restriction upon the limit: put it on `control`.
    case restrict(LimitID)
}
