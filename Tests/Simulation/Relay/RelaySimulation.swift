import Ledger
import Lifecycle
import Synchronization
public import World

/// A world of workers, a log, a ledger and receivers, in which chance decides all and a seed decides chance.
///
/// The workers decide by the machines that production decides by: lanes, breakers, leases, judgement, folding, the checks of
/// positions. What is played: clocks, the network, Kafka, the ledger (``MemoryLedger``), and whoever acts on what they decide.
public final class RelaySimulation {
    enum Happening {
        /// What a machine does next, if it still lives; after its freeze, if it stands still.
        case step(Machine, incarnation: Int, () -> Void)
        /// What happens outside of machines.
        case world(() -> Void)
    }

    public let weather: RelayWeather
    public private(set) var findings: [RelayFinding] = []
    let trace: ((TraceLine) -> Void)?
    let dice: Dice
    var now: TrueTime = 0
    var queue = EventQueue<Happening>()
    var log: EventLog
    var ledger = MemoryLedger()
    var service = LedgerService()
    var receivers: [Receiver] = []
    var processes: [WorkerProcess] = []
    var operators = Machine(number: -1, name: "operator")
    var group = ConsumerGroup()
    var judge: RelayJudge
    var statistics = Statistics()
    /// Faults have ceased: what is open now comes to its end.
    var isDraining = false
    /// All has come to rest, and was judged.
    var isJudged = false

    /// - Parameter trace: takes each line of the trace; without it none is made.
    public init(seed: UInt64, weather: RelayWeather, trace: ((TraceLine) -> Void)? = nil) {
        self.weather = weather
        self.trace = trace
        dice = Dice(seed: seed)
        log = EventLog(partitions: weather.partitions)
        judge = RelayJudge(partitions: weather.partitions)
        ledger.omitted = weather.omitted
        receivers = weather.receivers.enumerated().map { Receiver(number: $0.offset, $0.element) }
        processes = (0..<weather.processes).map { WorkerProcess(number: $0, world: self) }
    }

    public struct Statistics: Sendable {
        public var records = 0
        public var rows = 0
        public var effects = 0
        public var repeated = 0
        /// Batches refused by the fence; rows taken back from processes, opened by replays, removed by prunes.
        public var fenced = 0
        public var rescued = 0
        public var reopened = 0
        public var removed = 0
    }

    public struct Outcome: Sendable {
        public var findings: [RelayFinding]
        public var statistics: Statistics
    }

    /// How long the world may take to come to rest, once nothing more happens to it.
    private static let drainMaximum = 1_500 * second

    /// Runs to rest, or to the first finding.
    public func run() -> Outcome {
        plan()
        while findings.isEmpty, !isJudged, let next = queue.next() {
            now = next.at
            if now > weather.duration + Self.drainMaximum {
                find(.notDrained(open: openRows().map { "\($0)" }, unread: unread()))
                break
            }
            switch next.event {
            case .world(let body): body()
            case .step(let machine, let incarnation, let body): step(machine, incarnation, body)
            }
        }
        // What is planned holds on to this.
        queue = EventQueue()
        service = LedgerService()
        for process in processes { process.forget() }
        statistics.rows = judge.rowCount
        statistics.effects = judge.effectCount
        statistics.repeated = judge.repeated
        return Outcome(findings: findings, statistics: statistics)
    }

    private func step(_ machine: Machine, _ incarnation: Int, _ body: @escaping () -> Void) {
        guard machine.isUp, machine.incarnation == incarnation else { return }
        guard machine.frozenUntil <= now else {
            return queue.plan(.step(machine, incarnation: incarnation, body), at: machine.frozenUntil)
        }
        body()
    }

    // MARK: What happens when

    func later(_ machine: Machine, at instant: TrueTime, _ body: @escaping () -> Void) {
        queue.plan(.step(machine, incarnation: machine.incarnation, body), at: max(now, instant))
    }

    func later(at instant: TrueTime, _ body: @escaping () -> Void) {
        queue.plan(.world(body), at: max(now, instant))
    }

    /// Again and again while faults last, about so often; 0: never.
    func repeatedly(every mean: TrueTime, _ body: @escaping () -> Void) {
        guard mean > 0 else { return }
        let at = now + dice.int(mean / 10...2 * mean)
        guard at < weather.duration else { return }
        later(at: at) { [self] in
            body()
            repeatedly(every: mean, body)
        }
    }

    /// The ledger's clock.
    var ledgerTime: TrueTime {
        if let jump = weather.ledgerJump, jump.at <= now { return now + jump.by }
        return now
    }

    // MARK: What is told

    func find(_ finding: RelayFinding) {
        guard weather.judged.contains(finding.kind) else { return }
        findings.append(finding)
        note("judge", "GUILTY", "\(finding)")
    }

    func note(_ who: @autoclosure () -> String, _ what: String, _ detail: @autoclosure () -> String) {
        guard let trace else { return }
        trace(TraceLine(at: now, who: who(), what: what, detail: detail()))
    }
}

/// The world's chance, where the program asks for some too.
final class Dice: Sendable {
    private let chance: Mutex<Chance>

    init(seed: UInt64) { chance = Mutex(Chance(seed: seed)) }

    func int(_ range: ClosedRange<Int64>) -> Int64 { chance.withLock { $0.int(range) } }
    func int(_ range: ClosedRange<Int>) -> Int { chance.withLock { $0.int(range) } }
    func happens(_ share: Double) -> Bool { share > 0 && chance.withLock { $0.happens(share) } }
    func pick<Element: Sendable>(_ elements: [Element]) -> Element { elements[int(0...elements.count - 1)] }

    var randomness: Randomness { Randomness { [self] in int($0) } }
}
