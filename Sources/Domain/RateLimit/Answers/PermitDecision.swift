/// What a request asks of a limit.
public struct Wish: Sendable {
    public var limitID: LimitID
    /// What topic `control` says of the limit now.
    public var configured: VersionedLimit
    /// 1, or the number of a batch's orders.
    public var permits: Int
    /// The caller's own number for this request; an answer that has to wait carries it.
    public var ticket: UInt64

    public init(limitID: LimitID, configured: VersionedLimit, permits: Int = 1, ticket: UInt64) {
        self.limitID = limitID
        self.configured = configured
        self.permits = permits
        self.ticket = ticket
    }
}

/// What topic `control` says of a limit, as a request is judged by it.
public struct LimitTerms: Sendable, Equatable {
    public var id: LimitID
    public var configured: VersionedLimit
    /// The latest restriction for abuse by its callers, which may have expired; nil if it was never restricted.
    public var restriction: Restriction?

    public init(id: LimitID, configured: VersionedLimit, restriction: Restriction? = nil) {
        self.id = id
        self.configured = configured
        self.restriction = restriction
    }
}

/// The decision about a request for permits.
public enum PermitDecision: Equatable, Sendable {
    /// Admitted, at the instant at which this was said.
    case granted
    /// The limit is used up (429); a permit is free at `retryAt` at the earliest.
    case refused(retryAt: OwnTime)
    /// Too many callers came back before the time they were given (429); turned away until this time, in milliseconds
    /// since 1970, UTC. Decided before the limit is asked: never by a claimant.
    case restricted(until: Milliseconds)
    /// No decision is possible now (503).
    case unavailable(Unavailability)
    /// More permits at once than the limit has (400).
    case tooMany(limit: Int)
}

/// Why no decision is possible.
public enum Unavailability: Equatable, Sendable, CustomStringConvertible {
    /// The partition has not been read to its end yet.
    case starting
    /// Nothing is read back from Kafka.
    case away
    /// The state of the limit is not known yet.
    case notEstablished
    /// The verdict came too late twice, or not at all.
    case late
    /// The broker's clock has jumped; for so long nothing of the partition is used.
    case clockAlarm(remaining: Milliseconds)
    /// Another process uses rules of another version.
    case unknownRules(UInt8)

    /// When to try again, in seconds.
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
        case .away: "Kafka does not answer, or answers too slowly"
        case .notEstablished: "this process does not know the state of the limit yet"
        case .late: "the verdict came too late"
        case .clockAlarm(let remaining): "a broker's clock has jumped; waiting \(remaining) ms until that is harmless"
        case .unknownRules(let version):
            "a process uses rules \(version) of the rate limit, and this one knows \(Rules.version) only: upgrade it"
        }
    }
}

/// A limit's current state, for the header fields and `GET /usage`.
public struct Standing: Equatable, Sendable {
    /// The limit in force.
    public var limit: Int
    /// Permits free in the replica, and in this process's leases.
    public var remaining: Int
    /// When the next permit is free; nil if one is free now.
    public var nextPermitAt: OwnTime?

    public init(limit: Int, remaining: Int, nextPermitAt: OwnTime?) {
        self.limit = limit
        self.remaining = remaining
        self.nextPermitAt = nextPermitAt
    }
}

/// What the claimant asks its caller to do.
public enum Action: Equatable, Sendable {
    /// Append these bytes to this claimant's partition; report a delivery error by
    /// ``Claimant/deliveryFailed(isProbe:now:into:)``. The key is nil for a probe.
    case append([UInt8], key: LimitID?)
    /// Answer the request with this ticket.
    case answer(ticket: UInt64, PermitDecision)
    /// Replace the producer of this process, and call ``Claimant/producerReplaced(now:into:)`` on every claimant.
    case replaceProducer
    /// This process's strike record brought a restriction upon the limit: put it on `control`.
    case restrict(LimitID)
}
