public import RateLimit
public import World

/// What a simulated world is like: what a seed decides, and a test may decide otherwise.
public struct Weather: Sendable {
    /// A limit and who asks for it.
    public struct Load: Sendable {
        public var limit = 300
        /// Requests a second, on average, over all processes.
        public var rate = 25.0
        /// Requests come in bursts, as many at once as this; 1: one by one.
        public var burst = 1
        /// Each phase, in seconds: on for so long, off for so long.
        public var phases: (on: Int, off: Int)?
        /// Share of requests that are batches of 2…20.
        public var batchShare = 0.0
        /// Each request goes to one of so many processes, as a load balancer that hashes would do it; nil: to any.
        public var sticky: Int?
        /// When the limit's configuration changes, and to what.
        public var changes: [(at: TrueTime, limit: Int)] = []

        public init() {}
    }

    public var duration: TrueTime = 200 * second
    public var processes = 4
    public var partitions = 1
    public var loads: [Load] = [Load()]
    public var rules = Rules.standard
    /// How much of the log a starting process reads.
    public var replay: Milliseconds = 180_000

    /// From sending to the log, and from the log to each reader.
    public var appendLatency: ClosedRange<TrueTime> = 2 * millisecond...6 * millisecond
    public var readLatency: ClosedRange<TrueTime> = 1 * millisecond...4 * millisecond
    public var tailShare = 0.01
    public var tail: ClosedRange<TrueTime> = 10 * millisecond...200 * millisecond

    /// Shares of records sent.
    public var lostShare = 0.0
    /// On the log 0.5–8 s later.
    public var lateShare = 0.0
    /// On the log twice, the second time up to 100 s later.
    public var duplicateShare = 0.0
    /// On the log, but reported as failed.
    public var falselyFailedShare = 0.0

    /// Mean time between such events, over all processes; 0: never.
    public var crashEvery: TrueTime = 0
    public var freezeEvery: TrueTime = 0
    public var freeze: ClosedRange<TrueTime> = 100 * millisecond...8 * second
    public var producerReplacedEvery: TrueTime = 0
    public var leaderChangeEvery: TrueTime = 0
    /// Processes whose own clock jumps forward (a suspended machine's that does not tell).
    public var ownClockJumpEvery: TrueTime = 0

    /// Clock-rate errors, in millionths.
    public var ownClockError: ClosedRange<Int64> = 0...0
    public var brokerClockError: Int64 = 0
    /// How far apart brokers' clocks are.
    public var brokerSpread: ClosedRange<TrueTime> = 0...0
    /// A jump of the broker's clock, when all processes are old enough to know.
    public var brokerJump: (at: TrueTime, by: TrueTime)?

    /// What is looked for.
    public var judged = Set(Finding.Kind.allCases)

    public init() {}
}

extension Weather {
    /// The weather of a seed: everything that may happen does in some of them, alone and together.
    public init(seed: UInt64) {
        var chance = Chance(seed: seed ^ 0x5EED)
        self.init()
        duration = chance.int(130...260) * second
        processes = chance.pick([1, 2, 2, 3, 4, 4, 6, 8, 12, 16])
        partitions = chance.happens(0.2) ? 2 : 1
        loads = (0..<chance.pick([1, 1, 1, 2, 3])).map { _ in Self.load(&chance, duration: duration) }
        replay = chance.pick([20_000, 60_000, 80_000, 120_000, 180_000])
        tailShare = chance.pick([0, 0.01, 0.05, 0.2])
        tail = 10 * millisecond...chance.pick([100, 200, 300, 700]) * millisecond
        if chance.happens(0.5) { faults(&chance) }
        if chance.happens(0.6) { clocks(&chance) }
        if chance.happens(0.2) { jump(&chance) }
    }

    private static func load(_ chance: inout Chance, duration: TrueTime) -> Load {
        var load = Load()
        load.limit = chance.pick([3, 20, 60, 150, 300, 300])
        // Most loads are around what the limit lets through, where verdicts are hardest.
        let even = Double(load.limit) / 60
        load.rate = max(0.5, min(400, even * chance.pick([0.3, 0.9, 1, 1.1, 1.5, 3, 10])))
        if chance.happens(0.05) { load.rate = 400 }
        load.burst = chance.pick([1, 1, 1, 5, 40, load.limit + 10])
        if chance.happens(0.4) {
            load.phases = (on: chance.pick([1, 5, 30, 62]), off: chance.pick([1, 20, 59, 61, 70]))
        }
        if chance.happens(0.25) { load.batchShare = chance.pick([0.05, 0.5]) }
        if chance.happens(0.3) { load.sticky = chance.pick([1, 2]) }
        for _ in 0..<(chance.happens(0.25) ? chance.int(1...3) : 0) {
            load.changes.append((at: chance.int(0...duration), limit: chance.pick([1, 30, 100, 300, 400])))
        }
        load.changes.sort { $0.at < $1.at }
        return load
    }

    private mutating func faults(_ chance: inout Chance) {
        lostShare = chance.pick([0, 0, 0.005, 0.02])
        lateShare = chance.pick([0, 0, 0.005, 0.02])
        duplicateShare = chance.pick([0, 0.02, 0.1])
        falselyFailedShare = chance.pick([0, 0, 0.005])
        crashEvery = chance.pick([0, 0, 10, 40]) * second
        freezeEvery = chance.pick([0, 0, 5, 30]) * second
        producerReplacedEvery = chance.pick([0, 0, 5, 30]) * second
    }

    private mutating func clocks(_ chance: inout Chance) {
        ownClockError = -200...200
        brokerClockError = chance.int(-200...200)
        if chance.happens(0.5) {
            leaderChangeEvery = chance.pick([5, 30]) * second
            brokerSpread = 0...50 * millisecond
        }
    }

    /// A jump finds every process old enough to know: nobody starts before it is over.
    private mutating func jump(_ chance: inout Chance) {
        crashEvery = 0
        freeze = 100 * millisecond...5 * second
        lateShare = 0
        lostShare = 0
        falselyFailedShare = 0
        leaderChangeEvery = 0
        let sizes = [20, 90, 150, 400, 1_000, 5_000, 30_000, 60_000, -50, -3_000, -40_000]
        brokerJump = (at: chance.int(75...120) * second, by: TrueTime(chance.pick(sizes)) * millisecond)
    }
}

extension Weather {
    /// The loads that the design's figures are for: limit 300, appends of 2–6 ms, reads of 1–4 ms, 1 % tails to 200 ms.
    public static func model(rate: Double, processes: Int = 4, minutes: Int = 5) -> Weather {
        var weather = Weather()
        weather.processes = processes
        weather.loads[0].rate = rate
        weather.duration = TrueTime(60 * (1 + minutes) + 1) * second
        return weather
    }
}
