/// One partition of topic `ratelimit` as one process has read it so far.
public struct PartitionReplica: Sendable {
    /// A limit whose state is known.
    struct Established: Sendable {
        var state = LimitReplica()
        /// The offset at which it came to be known.
        var at: Int64
        /// T at the offset that the newest checkpoint read is as of.
        var checkpointAt: LogTime?
        var digests = Digests()
        /// The offset of the last record that was applied.
        var lastOffset: Int64 = -1
    }

    /// A limit whose state is not known yet: a checkpoint, or silence, must establish it.
    struct Pending: Sendable {
        struct Kept: Sendable {
            var offset: Int64
            var time: LogTime
            var claim: Claim
        }

        /// A checkpoint as of an earlier offset is of no use: later records would be missing.
        var since: Int64
        var lastClaimAt: LogTime
        /// The claims of the last 30 s of T, to be applied to the checkpoint.
        var kept: [Kept] = []
    }

    let rules: Rules
    /// Whether nothing came before the first record: read from offset 0, or found empty.
    let isWhole: Bool
    /// T at the last record.
    public internal(set) var time = LogTime.zero
    /// The offset after the last record read; 0 before any.
    public internal(set) var nextOffset: Int64 = 0
    public internal(set) var counts = Counts()
    var firstOffset: Int64?
    var lastTimestamp: Milliseconds?
    var offsetTimes = OffsetTimes()
    var established = LimitTable<Established>()
    var pending = LimitTable<Pending>()
    var strikes: [LimitID: StrikeSum] = [:]

    /// - Parameter isWhole: whether reading begins at offset 0, or in a partition that is empty.
    public init(isWhole: Bool, rules: Rules = .standard) {
        self.isWhole = isWhole || rules.omitted.contains(.establishment)
        self.rules = rules
    }

    /// What was met while reading, for metrics.
    public struct Counts: Equatable, Sendable {
        public var records = 0
        /// Not ours, or malformed: skipped.
        public var skipped = 0
        /// A process's digest was another than ours at the same offset.
        public var disagreements = 0
        /// Limits that a checkpoint established.
        public var checkpointsTaken = 0
    }
}

/// The last digests of a limit's state, by the offset of the checkpoint's record that each was taken after.
struct Digests: Sendable {
    static let kept = 64

    /// Apart from the rest: most limits have one only, and there may be a million of them.
    private(set) var newest: StateDigest?
    private var older: [StateDigest] = []

    mutating func add(_ digest: StateDigest) {
        if let newest {
            if older.count >= Self.kept - 1 { older.removeFirst() }
            older.append(newest)
        }
        newest = digest
    }

    /// The digest after the record at `offset`, if it was taken and is still kept.
    func bits(at offset: Int64) -> UInt64? {
        if newest?.offset == offset { return newest?.bits }
        return older.last { $0.offset == offset }?.bits
    }
}

/// The strikes of a limit in the last 60 s of T.
struct StrikeSum: Sendable {
    private var entries: [(time: LogTime, count: Int)] = []

    /// Whether `count` more bring the sum above `limit`, and it was not above before.
    mutating func add(_ count: Int, at time: LogTime, limit: Int, window: Milliseconds) -> Bool {
        entries.removeAll { time - $0.time >= window }
        let before = entries.reduce(0) { $0 + $1.count }
        entries.append((time, count))
        return before <= limit && before + count > limit
    }

    func isOver(at time: LogTime, window: Milliseconds) -> Bool { entries.allSatisfy { time - $0.time >= window } }
}
