/// One limit's state, as the log up to some record determines it: same records, same state, on every process.
///
/// `LimitReplica+StateMachine.swift` has the rules, `LimitReplica+Form.swift` the form in which states travel and are
/// compared.
public struct LimitReplica: Sendable {
    /// Permits that a claim was granted and has not settled yet.
    struct Held: Sendable {
        /// Until when they are charged at most.
        var freeAt: LogTime
        var process: ProcessID
        var sequence: UInt64
        var count: Int32
        var part: Part
    }

    /// Permits that were used and settled: they belong to nobody any more, and are charged until they are free.
    struct Spent: Sendable {
        var freeAt: LogTime
        var count: Int32
    }

    /// A process that claims.
    struct Member: Sendable {
        var process: ProcessID
        /// The highest sequence number read of it.
        var sequence: UInt64
        var lastClaimAt: LogTime
        /// Soft knowledge for `GET /usage`, outside form and digest.
        var grants = RecentGrants()
    }

    /// The version of the configuration in force; −1 before any claim.
    var version: Int64 = -1
    /// The limit in force.
    var limit: Int32 = 0
    /// T of the last claim record, whether it changed anything or not.
    var lastClaimAt = LogTime.zero
    /// Permits charged: the sum over `held` and `spent`.
    var charged = 0
    var held: [Held] = []
    /// By time, from `firstSpent` on; what lies before is dropped and not yet removed.
    var spent: [Spent] = []
    var firstSpent: Int32 = 0
    var members: [Member] = []

    public init() {}
}

/// What a claim was granted.
public struct Verdict: Equatable, Sendable {
    /// Permits granted of those needed.
    public var need: Int
    /// Permits granted of those requested ahead.
    public var extra: Int
    /// Whether the record repeated a known one and changed nothing.
    public var isRepeated = false

    static let repeated = Verdict(need: 0, extra: 0, isRepeated: true)
}

/// About how many permits a process was granted in the last 60 s: this minute's, and the last one's share.
struct RecentGrants: Sendable {
    private var minute: Int32 = .min
    private var current: UInt32 = 0
    private var previous: UInt32 = 0

    mutating func add(_ count: Int, at time: LogTime) {
        turn(to: time)
        current = current &+ UInt32(truncatingIfNeeded: count)
    }

    func estimate(at time: LogTime) -> Int {
        var turned = self
        turned.turn(to: time)
        let rest = 60_000 - time.milliseconds % 60_000
        return Int(turned.current) + Int(Int64(turned.previous) * rest / 60_000)
    }

    private mutating func turn(to time: LogTime) {
        let now = Int32(truncatingIfNeeded: time.milliseconds / 60_000)
        guard now != minute else { return }
        previous = now == minute &+ 1 ? current : 0
        current = 0
        minute = now
    }
}
