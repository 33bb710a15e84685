/// Watches whether a partition's broker clock runs as this process's own does, from this process's own records.
///
/// T comes from the wall clock of the partition's leader; when that jumps forward, permits are freed too early. A
/// record sent at s and read back at m was stamped in between: T was then at most T − s and at least T − m ahead of the
/// own clock. When the least it can be now exceeds the least of what it can have been at most, T has jumped. A slow
/// read-back makes the bounds wider, and never invents a jump.
public struct BrokerClockWatch: Sendable {
    /// What one record, read back, says of the earlier ones too: the most that T can have been ahead.
    struct Sample: Sendable {
        var sentAt: OwnTime
        var most: Lead
    }

    struct OpenProbe: Sendable {
        var sequence: UInt64
        var sentAt: OwnTime
    }

    let process: ProcessID
    let rules: Rules

    /// Ascending in both fields: a sample with a later one below it says nothing more.
    var samples: [Sample] = []
    /// The first and the last sending of samples that follow each other without a gap.
    var chain: ClosedRange<OwnTime>?
    /// T − sent of the latest own record: an upper bound that shows when T reaches something; nil before the first one
    /// is read back.
    public internal(set) var lead: Lead?
    /// For the metric that shows how far the brokers' clocks are apart.
    public internal(set) var offset = ClockOffset()
    /// On the own clock, until when a jump that was seen must not be trusted.
    var ownAlarmUntil: OwnTime?
    /// On the partition's, until when others say so.
    var othersAlarmUntil: LogTime?
    public internal(set) var jumps = 0

    var lastSentAt: OwnTime?
    /// When something of this process was last read back, or its producer replaced because nothing was.
    var lastReadBackAt: OwnTime?
    var probesSent: UInt64 = 0
    var openProbes: [OpenProbe] = []
    var isProbeWanted = true
    /// Whether a probe of this process has been read back in this partition.
    public internal(set) var hasReadBack = false

    public init(process: ProcessID, rules: Rules = .standard) {
        self.process = process
        self.rules = rules
    }
}
