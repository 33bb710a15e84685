import World

/// What a simulated world of intake and delivery is like: what a seed decides, and a control decides otherwise.
public struct RelayWeather: Sendable {
    /// Whom rows are brought to.
    struct Receiver: Sendable {
        var concurrency = 2
        /// Of an attempt, in seconds.
        var timeout: Int64 = 10
        var perSecond: Int?
        /// Usual time of an answer.
        var latency: ClosedRange<TrueTime> = 20 * millisecond...400 * millisecond
        /// Whether it can be asked what it has.
        var canLook = false
        /// Shares of attempts: no answer in time; refused for now; asked to wait.
        var silentShare = 0.0
        var refusedShare = 0.0
        var throttledShare = 0.0
        /// Mean time between outages, and how long they are.
        var outageEvery: TrueTime = 0
        var outage: ClosedRange<TrueTime> = 5 * second...60 * second
        /// Mean time between its being switched off in the configuration.
        var offEvery: TrueTime = 0
        /// Share of events that it will never take, of which some are mended in the end.
        var neverShare = 0.0
    }

    var duration: TrueTime = 180 * second
    var processes = 3
    var partitions = 3
    var keys = 20
    var records = 200
    /// Records that come at once.
    var burst = 10
    var receivers: [Receiver] = [Receiver()]
    /// Records of one transaction.
    var batch = 50

    /// Shares of records: the same again, up to a minute later; the same id with another content; unreadable; of no
    /// destination; declined by a destination.
    var repeatShare = 0.05
    var conflictShare = 0.02
    var poisonShare = 0.01
    var aimlessShare = 0.02
    var declinedShare = 0.05

    /// On the way to the ledger, and back; between a transaction's look and its commit; and how often these take long.
    var ledgerLatency: ClosedRange<TrueTime> = millisecond / 2...3 * millisecond
    var commitTime: ClosedRange<TrueTime> = millisecond / 2...5 * millisecond
    var tailShare = 0.01
    var tail: ClosedRange<TrueTime> = 10 * millisecond...500 * millisecond
    /// Shares of questions: lost on the way; committed, and the answer lost; undone in the middle; undone, and their locks held
    /// until the server notices; there many seconds late.
    var lostShare = 0.0
    var unansweredShare = 0.0
    var undoneShare = 0.0
    var vanishedShare = 0.0
    var lateShare = 0.0
    var late: ClosedRange<TrueTime> = 500 * millisecond...40 * second
    /// The ledger's clock goes forward, as after a failover.
    var ledgerJump: (at: TrueTime, by: TrueTime)?

    /// Mean time between such events, over all processes; 0: never.
    var crashEvery: TrueTime = 0
    var stopEvery: TrueTime = 0
    var freezeEvery: TrueTime = 0
    var freeze: ClosedRange<TrueTime> = 100 * millisecond...60 * second
    var cutEvery: TrueTime = 0
    var cut: ClosedRange<TrueTime> = second...45 * second
    var ledgerAwayEvery: TrueTime = 0
    var ledgerAway: ClosedRange<TrueTime> = 500 * millisecond...40 * second
    var rebalanceEvery: TrueTime = 0
    /// Share of attempts before whose sending, and after whose check, the process stands still for longer than its lease.
    var frozenAtSendShare = 0.0
    var replayEvery: TrueTime = 0
    /// Between two steps of a replay.
    var replayPause: ClosedRange<TrueTime> = 200 * millisecond...2 * second
    var pruneEvery: TrueTime = 0
    var retention: TrueTime = 100 * second
    /// Clock-rate errors of processes, in millionths.
    var clockError: ClosedRange<Int64> = -200...200

    /// What is taken away.
    public var omitted: RelayOmissions = []
    /// What is looked for.
    public var judged = Set(RelayFinding.Kind.allCases)

    init() {}
}

extension RelayWeather {
    /// The weather of a seed: everything that may happen does in some of them, alone and together.
    public init(seed: UInt64) {
        var chance = Chance(seed: seed ^ 0x0DE11)
        self.init()
        duration = chance.int(100...240) * second
        processes = chance.pick([1, 2, 3, 3, 4])
        partitions = chance.pick([1, 2, 3, 4])
        keys = chance.pick([3, 10, 30, 60])
        records = chance.int(60...200)
        burst = chance.pick([1, 5, 20, 60])
        batch = chance.pick([3, 20, 100])
        receivers = (0..<chance.pick([1, 1, 2, 3])).map { _ in Self.receiver(&chance) }
        tailShare = chance.pick([0, 0.01, 0.1])
        // A ledger that is slow, and not away: seconds pass between a row's lease and its attempt.
        if chance.happens(0.15) { tail = second...20 * second }
        if chance.happens(0.6) { questions(&chance) }
        if chance.happens(0.7) { processes(&chance) }
        if chance.happens(0.4) { replayEvery = chance.pick([10, 40]) * second }
        if chance.happens(0.4) {
            pruneEvery = chance.pick([15, 40]) * second
            retention = chance.pick([70, 100]) * second
        }
        if chance.happens(0.2) { ledgerJump = (at: duration / 2, by: chance.int(second / 10...4 * second)) }
    }

    private static func receiver(_ chance: inout Chance) -> Receiver {
        var receiver = Receiver()
        receiver.concurrency = chance.pick([1, 2, 8])
        receiver.timeout = chance.pick([3, 10, 15])
        receiver.canLook = chance.happens(0.5)
        if chance.happens(0.2) { receiver.perSecond = chance.pick([3, 20]) }
        if chance.happens(0.3) { receiver.latency = 100 * millisecond...chance.pick([1, 3]) * second }
        if chance.happens(0.5) {
            receiver.silentShare = chance.pick([0, 0.02, 0.1])
            receiver.refusedShare = chance.pick([0, 0.05, 0.3])
            receiver.throttledShare = chance.pick([0, 0, 0.05])
            receiver.neverShare = chance.pick([0, 0.05, 0.2])
        }
        if chance.happens(0.3) { receiver.outageEvery = chance.pick([20, 60]) * second }
        if chance.happens(0.1) { receiver.offEvery = 40 * second }
        return receiver
    }

    private mutating func questions(_ chance: inout Chance) {
        lostShare = chance.pick([0, 0.002, 0.02])
        unansweredShare = chance.pick([0, 0.005, 0.05])
        undoneShare = chance.pick([0, 0.005, 0.02])
        vanishedShare = chance.pick([0, 0, 0.002])
        lateShare = chance.pick([0, 0, 0.005, 0.02])
        cutEvery = chance.pick([0, 0, 20, 60]) * second
        ledgerAwayEvery = chance.pick([0, 0, 30, 80]) * second
    }

    private mutating func processes(_ chance: inout Chance) {
        crashEvery = chance.pick([0, 0, 10, 40]) * second
        stopEvery = chance.pick([0, 0, 40]) * second
        freezeEvery = chance.pick([0, 0, 10, 40]) * second
        rebalanceEvery = chance.pick([0, 0, 5, 30]) * second
        frozenAtSendShare = chance.pick([0, 0, 0, 0.01])
    }
}
