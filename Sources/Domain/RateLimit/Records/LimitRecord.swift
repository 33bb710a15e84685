/// A record of topic `ratelimit`.
public enum LimitRecord: Equatable, Sendable {
    case claim(Claim)
    case probe(Probe)
    case strike(Strike)

    /// The process that sent it.
    public var process: ProcessID {
        switch self {
        case .claim(let claim): claim.process
        case .probe(let probe): probe.process
        case .strike(let strike): strike.process
        }
    }
}

/// The two parts of a grant: what requests were waiting for, and what was leased ahead.
public enum Part: UInt8, Comparable, Sendable {
    case waiting = 0
    case leased = 1

    public static func < (one: Self, other: Self) -> Bool { one.rawValue < other.rawValue }
}

/// A process asks the partition for permits of one limit, and settles what it was granted before.
public struct Claim: Equatable, Sendable {
    public var limitID: LimitID
    public var process: ProcessID
    /// Counts this process's claims of this limit, from 1.
    public var sequence: UInt64
    /// The version of the configuration that `limit` is from.
    public var configurationVersion: Int64
    /// How many admissions any 60 s may see.
    public var limit: Int
    /// How many permits requests are waiting for.
    public var need: Int
    /// Whether all of `need` or nothing is to be granted (a batch).
    public var isWhole: Bool
    /// How many permits are requested ahead, beyond `need`.
    public var extra: Int
    /// Of the sender's earlier claims; at most ``Bounds/settlements``.
    public var settlements: [Settlement]
    /// The sender's newest digest of this limit's state; nil if it has none yet.
    public var digest: StateDigest?
    /// The offset at which the sender established itself for this limit.
    public var establishedAt: Int64
    /// The limit's state, for processes that have just begun to read; nil if a recent one is on the log already, or the
    /// state is too large.
    public var checkpoint: Checkpoint?

    public init(
        limitID: LimitID, process: ProcessID, sequence: UInt64, configurationVersion: Int64, limit: Int, need: Int,
        isWhole: Bool = false, extra: Int = 0, settlements: [Settlement] = [], digest: StateDigest? = nil,
        establishedAt: Int64 = 0, checkpoint: Checkpoint? = nil
    ) {
        self.limitID = limitID
        self.process = process
        self.sequence = sequence
        self.configurationVersion = configurationVersion
        self.limit = limit
        self.need = need
        self.isWhole = isWhole
        self.extra = extra
        self.settlements = settlements
        self.digest = digest
        self.establishedAt = establishedAt
        self.checkpoint = checkpoint
    }
}

/// Closes one part of an earlier claim of the same process: nothing of it will be used any more.
public struct Settlement: Equatable, Sendable {
    /// That claim's sequence number.
    public var sequence: UInt64
    public var part: Part
    /// When its permits were used; those not listed were not used.
    public var uses: [Use]

    public init(sequence: UInt64, part: Part, uses: [Use] = []) {
        self.sequence = sequence
        self.part = part
        self.uses = uses
    }

    /// Permits that were used within the same 10 ms before the settlement's sending.
    public struct Use: Equatable, Sendable {
        /// How many whole steps of 10 ms lay between the use and the settlement's sending.
        public var ageSteps: Int64
        /// Permits used then; from 1.
        public var count: Int

        public init(ageSteps: Int64, count: Int) {
            self.ageSteps = ageSteps
            self.count = count
        }
    }
}

/// The first eight bytes of SHA-256 of a limit's state (``LimitReplica/form(at:rules:)``) after the record at `offset`.
public struct StateDigest: Equatable, Sendable {
    /// The last record that the state includes.
    public var offset: Int64
    /// The eight bytes, big-endian.
    public var bits: UInt64

    public init(offset: Int64, bits: UInt64) {
        self.offset = offset
        self.bits = bits
    }
}

/// A limit's whole state, as of an offset of its partition that the sender had applied.
public struct Checkpoint: Equatable, Sendable {
    /// The offset of the last record that the state includes.
    public var asOf: Int64
    /// ``LimitReplica/form(at:rules:)``, times relative to T at `asOf`. Read only by a replica that takes it.
    public var form: [UInt8]

    public init(asOf: Int64, form: [UInt8]) {
        self.asOf = asOf
        self.form = form
    }
}

/// Shows that its sender can write and read this partition, and by what clock records are stamped. It says nothing
/// else.
public struct Probe: Equatable, Sendable {
    public var process: ProcessID
    /// Counts this process's probes of this partition, from 1.
    public var sequence: UInt64
    /// How long the sender's alarm about the broker's clock still lasts; 0 if there is no alarm.
    public var alarmRemaining: Milliseconds

    public init(process: ProcessID, sequence: UInt64, alarmRemaining: Milliseconds = 0) {
        self.process = process
        self.sequence = sequence
        self.alarmRemaining = alarmRemaining
    }
}

/// Callers came back before the time they were given: one strike each.
public struct Strike: Equatable, Sendable {
    public var limitID: LimitID
    public var process: ProcessID
    /// The limit as the sender knows it: more strikes than this in 60 s bring a restriction.
    public var limit: Int
    /// Strikes since the sender's last record; from 1.
    public var count: Int

    public init(limitID: LimitID, process: ProcessID, limit: Int, count: Int) {
        self.limitID = limitID
        self.process = process
        self.limit = limit
        self.count = count
    }
}
