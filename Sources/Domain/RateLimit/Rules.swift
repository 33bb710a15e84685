/// The protocol's constants.
///
/// All processes must hold the same ones: they are what ``Rules/version`` in every record stands for. Tests take other
/// values to show that each of them is needed; the program uses ``Rules/standard`` only, and on the embedded broker, which is
/// one process's, rarer probes.
public struct Rules: Sendable {
    /// The version that this program writes, and the only one it understands.
    public static let version: UInt8 = 1
    /// What production uses.
    public static let standard = Rules()

    /// The window over which admissions are counted.
    public var window: Milliseconds = windowMilliseconds
    /// ε: what clock-rate error, rounding and the spread of brokers' clocks may add up to within a window.
    public var tolerance: Milliseconds = 100
    /// v: how long after a claim was sent the permits that it needed may be used.
    public var useTime: Milliseconds = 500
    /// d: how long after a claim was sent its leased permits may be used.
    public var leaseTime: Milliseconds = 2_000
    /// Older than this, the newest checkpoint of a limit is followed by another.
    public var checkpointInterval: Milliseconds = 30_000
    /// How much of T a replica can look back: offsets with their T, and the records of limits not yet established.
    public var memory: Milliseconds = 30_000
    /// A claim that is not read back within this time is given up and its producer replaced.
    public var giveUpTime: Milliseconds = 5_000
    /// If nothing is read back within this time, a lost probe costs the producer, too.
    public var silenceTime: Milliseconds = 30_000
    /// A request waits for its permit no longer than this, whatever happens.
    public var waitTime: Milliseconds = 5_000
    /// A refused request waits for a permit that comes within this time…
    public var shortWait: Milliseconds = 250
    /// …and claims again so long after it should have come.
    public var shortWaitMargin: Milliseconds = 10
    /// In a partition where a process sends nothing else, it sends a probe at this interval.
    public var probeInterval: Milliseconds = 2_000
    /// Samples further apart than this leave a gap in which the broker's clock may have jumped unseen.
    public var sampleGap: Milliseconds = 10_000
    /// How far the broker's clock may seem to gain before it has jumped: ε − 20 ms.
    public var jumpMargin: Milliseconds = 80
    /// Arrivals are averaged over this time.
    public var rateSpan: Milliseconds = 3_000
    /// The unit in which settlements give ages.
    public var ageStep: Milliseconds = 10
    /// A process reports its refusals at most once in this interval.
    public var strikeInterval: Milliseconds = 10_000
    /// Strikes are summed over this time of T.
    public var strikeWindow: Milliseconds = 60_000
    /// Rules that a test switches off to show what they are for. Empty in production.
    public var omitted: Omissions = []

    public init() {}

    /// W' = window + ε.
    public var guardedWindow: Milliseconds { window + tolerance }
    /// W' + d: after so much of T nothing of a claim is left, and a limit or a process that made none is forgotten.
    public var horizon: Milliseconds {
        omitted.contains(.horizon) ? 30_000 : window + tolerance + leaseTime
    }
    /// What a lease is charged beyond the window.
    var leaseCharge: Milliseconds { omitted.contains(.leaseCharge) ? 0 : leaseTime }
}
