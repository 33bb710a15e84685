/// Decides for one process in one partition of topic `ratelimit`: claims permits, uses what it is granted, and settles
/// it.
///
/// Pure: instants come in, actions go out. Events are in `Claimant+StateMachine.swift`; what is done about a single
/// limit is in the files beside it: claims, verdicts, refusals, parts, settlements.
public struct Claimant: Sendable {
    public let process: ProcessID
    let rules: Rules
    public internal(set) var replica: PartitionReplica
    public internal(set) var watch: BrokerClockWatch
    var limits = LimitTable<LimitState>()
    var timers = Timers()
    /// Set by a lost claim, until something of this process is read back.
    var isAway = false
    /// The rules' version of a record that this program does not understand; nil if none was read.
    public internal(set) var unknownRules: UInt8?
    /// Sequence numbers up to here may have been used for limits that were closed.
    var sequenceBase: UInt64 = 0
    /// What was done, for metrics.
    public internal(set) var counts = Counts()

    /// - Parameter isWhole: whether the partition is read from offset 0, or was empty when reading began.
    public init(process: ProcessID, isWhole: Bool, rules: Rules = .standard) {
        self.process = process
        self.rules = rules
        replica = PartitionReplica(isWhole: isWhole, rules: rules)
        watch = BrokerClockWatch(process: process, rules: rules)
    }

    /// What this process has granted, refused and sent since it began, in numbers for its metrics.
    public struct Counts: Equatable, Sendable {
        /// Permits taken from leases, without asking anyone.
        public var leased = 0
        /// Permits taken from a claim's verdict.
        public var claimed = 0
        /// Refused by a verdict.
        public var refused = 0
        /// Refused by this process's own replica, without a claim.
        public var refusedLocally = 0
        /// Answered that no decision is possible.
        public var unavailable = 0
        /// Records sent.
        public var claims = 0
        public var probes = 0
        public var strikes = 0
        /// Verdicts that came too late to be used.
        public var lateVerdicts = 0
        /// Claims that were given up.
        public var givenUp = 0
    }
}

/// One limit's state in this process.
struct LimitState: Sendable {
    var configured: VersionedLimit
    var sequence: UInt64
    /// Requests that wait and are not asked for by the claim in flight, in order.
    var queue: [Waiter] = []
    var inFlight: Flight?
    /// Parts of grants of which something can still be used.
    var parts: [OpenPart] = []
    /// Parts that are closed; the settlement of each is kept until it has been read back.
    var owed: [Owed] = []
    var arrivals = Arrivals()
    var refusals = Refusals()
    var timerAt = OwnTime.never

    init(configured: VersionedLimit, sequence: UInt64) {
        self.configured = configured
        self.sequence = sequence
    }

    /// Permits that requests wait for here.
    var waitingPermits: Int { queue.permits + (inFlight?.waiters.permits ?? 0) }

    var isIdle: Bool { queue.isEmpty && inFlight == nil && parts.isEmpty && owed.isEmpty && refusals.strikes == 0 }
}

/// A request that waits for its permits.
struct Waiter: Sendable {
    enum Stage: Sendable {
        /// It has not been refused yet.
        case first
        /// It was refused, and waits for a permit that should come soon.
        case shortWait
        /// It was granted its permits too late to use them.
        case lateVerdict
    }

    var ticket: UInt64
    /// More than one: a batch, which takes all of them or none.
    var permits: Int
    var stage = Stage.first
    /// Not claimed for before this instant.
    var notBefore: OwnTime
    /// Answered 503 at this instant.
    var deadline: OwnTime
}

extension [Waiter] {
    var permits: Int { reduce(0) { $0 + $1.permits } }
}

/// A claim that has not been read back.
struct Flight: Sendable {
    var sequence: UInt64
    var sentAt: OwnTime
    var waiters: [Waiter]
    /// How many of the settlements owed, from the first, it carries.
    var settlements: Int
}

/// A part of a grant that can still be used.
struct OpenPart: Sendable {
    var sequence: UInt64
    var part: Part
    var sentAt: OwnTime
    var validUntil: OwnTime
    var left: Int
    var uses: [OwnTime] = []
}

/// A part that is closed and not known to be settled.
struct Owed: Sendable {
    var sequence: UInt64
    var part: Part
    var sentAt: OwnTime
    var uses: [OwnTime]
    /// Whether permits come free by it: then it waits for no other claim.
    var isUrgent: Bool
}
