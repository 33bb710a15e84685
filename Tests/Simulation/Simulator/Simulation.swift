public import RateLimit
public import World

/// A world of processes, a log and callers, in which chance decides all and a seed decides chance.
///
/// The processes run the claimants that production runs; only clocks, network and callers are played.
public final class Simulation {
    enum Event {
        case arrivals(load: Int)
        case append(partition: Int, bytes: [UInt8])
        case deliver(machine: Int, incarnation: Int, partition: Int)
        case failed(machine: Int, incarnation: Int, producer: Int, partition: Int, isProbe: Bool)
        case tick(machine: Int, incarnation: Int, partition: Int)
        case start(machine: Int)
        case crash
        case freeze
        case replaceProducer
        case changeLeader
        case jump
        case jumpOwnClock
        case minute(Int)
    }

    public let weather: Weather
    public private(set) var findings: [Finding] = []
    let trace: ((TraceLine) -> Void)?
    var chance: Chance
    var now: TrueTime = 0
    var queue = EventQueue<Event>()
    var logs: [PartitionLog]
    var clock: BrokerClock
    var machines: [Machine]
    var oracles: [AdmissionOracle]
    var referee: Referee
    var limitIDs: [LimitID] = []
    var tickets: UInt64 = 0
    var stats = Statistics()
    var actions: [Action] = []

    /// - Parameter trace: takes each line of the trace; without it none is made.
    public init(seed: UInt64, weather: Weather, trace: ((TraceLine) -> Void)? = nil) {
        self.weather = weather
        self.trace = trace
        chance = Chance(seed: seed)
        logs = Array(repeating: PartitionLog(), count: weather.partitions)
        clock = BrokerClock(errorMillionths: weather.brokerClockError)
        machines = (0..<weather.processes).map { Machine(number: $0) }
        oracles = weather.loads.map { _ in AdmissionOracle() }
        referee = Referee(partitions: weather.partitions, rules: weather.rules)
        limitIDs = weather.loads.indices.map { index in
            LimitID(high: UInt64(index % weather.partitions) << 32 | UInt64(index), low: chance.bits())
        }
    }

    /// Runs to the end, or to the first finding.
    public func run() -> Outcome {
        plan()
        while findings.isEmpty, let next = queue.next(), next.at <= weather.duration + 20 * second {
            now = next.at
            handle(next.event)
        }
        if findings.isEmpty {
            let unanswered = machines.filter(\.isUp).reduce(0) { count, machine in
                count + machine.waiting.values.count { now - max($0.at, machine.frozenUntil) > 6 * second }
            }
            if unanswered > 0 { find(.unanswered(count: unanswered)) }
        }
        stats.worstWindow = oracles.map(\.worst)
        stats.admitted = oracles.map(\.count)
        stats.utilisation = oracles.indices.map { oracles[$0].utilisation(of: weather.loads[$0].limit) }
        return Outcome(findings: findings, statistics: stats)
    }

    /// What the auditor finds in the logs, for each limit.
    public func audit() -> [Auditor.Report?] {
        var auditor = Auditor()
        for (partition, log) in logs.enumerated() {
            for entry in log.entries {
                auditor.read(entry.bytes, partition: Int32(partition), timestamp: entry.timestamp)
            }
        }
        return limitIDs.map { auditor.report(of: $0) }
    }

    public struct Outcome: Sendable {
        public var findings: [Finding]
        public var statistics: Statistics
    }

    public struct Statistics: Sendable {
        public var requests = 0
        public var refused = 0
        public var unavailable = 0
        public var records = 0
        public var admitted: [Int] = []
        public var worstWindow: [Int] = []
        /// The share of what each limit allows that was used, once it was in full use.
        public var utilisation: [Double] = []
    }

    func find(_ finding: Finding) {
        guard weather.judged.contains(finding.kind) else { return }
        findings.append(finding)
        note("world", "GUILTY", "\(finding)")
    }

    func note(_ who: @autoclosure () -> String, _ what: String, _ detail: @autoclosure () -> String) {
        guard let trace else { return }
        trace(TraceLine(at: now, who: who(), what: what, detail: detail()))
    }

    private func plan() {
        for machine in machines.indices {
            queue.plan(.start(machine: machine), at: TrueTime(machine) * millisecond)
        }
        for load in weather.loads.indices { queue.plan(.arrivals(load: load), at: second) }
        for minute in 1...max(1, Int(weather.duration / (60 * second))) {
            queue.plan(.minute(minute), at: TrueTime(minute) * 60 * second)
        }
        planNext(.crash, every: weather.crashEvery)
        planNext(.freeze, every: weather.freezeEvery)
        planNext(.replaceProducer, every: weather.producerReplacedEvery)
        planNext(.changeLeader, every: weather.leaderChangeEvery)
        planNext(.jumpOwnClock, every: weather.ownClockJumpEvery)
        if let jump = weather.brokerJump { queue.plan(.jump, at: jump.at) }
    }

    /// Plans the next event of a kind that comes every so often.
    func planNext(_ event: Event, every mean: TrueTime) {
        guard mean > 0 else { return }
        let wait = chance.int(mean / 10...2 * mean)
        if now + wait < weather.duration { queue.plan(event, at: now + wait) }
    }
}
