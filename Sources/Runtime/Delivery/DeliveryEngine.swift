public import Intake
public import Ledger
public import Lifecycle
import Synchronization
public import Telemetry

/// Gives the adapter of a destination, or nil where there is none (any more) or it is switched off. Cheap, and asked
/// again before every take: connections change while the process runs.
public typealias AdapterResolver = @Sendable (_ destination: String) -> (any Adapter)?

/// The delivery half of a worker: due rows → lanes → attempts → outcomes.
///
/// What is decided is decided by the lanes, one for each destination, held in one lock; this class does what they say
/// and tells them what came of it. Its tasks: one for each attempt, few that take, one that writes outcomes, one that
/// sleeps until the next thing is due.
public final class DeliveryEngine: DeliveryDesk {
    /// What an engine works with.
    public struct Parts: Sendable {
        public var ledger: Ledger
        public var worker: String
        /// This process; random per start. Leases are its own by this name.
        public var owner: String
        public var adapters: AdapterResolver
        /// nil: dead rows stay in the ledger only.
        public var deadLetters: DeadLetterDesk?
        public var metrics: DeliveryMetrics
        public var journal: Log
        /// Says that the ledger is waited for; a worker's two halves share one.
        public var ledgerLine: Waiting
        public var time: any Timekeeper
        public var random: Randomness

        public init(
            ledger: Ledger, worker: String, owner: String, adapters: @escaping AdapterResolver,
            deadLetters: DeadLetterDesk?, metrics: DeliveryMetrics, journal: Log, time: any Timekeeper = SystemTime(),
            random: Randomness = .system
        ) {
            self.ledger = ledger
            self.worker = worker
            self.owner = owner
            self.adapters = adapters
            self.deadLetters = deadLetters
            self.metrics = metrics
            self.journal = journal
            ledgerLine = Waiting(for: "the ledger", log: journal)
            self.time = time
            self.random = random
        }
    }

    /// How often the ledger is looked through for rows that nobody told this process of.
    static let lookEvery = Duration.seconds(5)
    /// How often the rows are counted.
    static let booksEvery = Duration.seconds(60)
    static let rowStates = ["pending", "in_flight", "done", "dead", "parked", "skipped"]
    /// Takes under way at once, over all destinations.
    static let takesMax = 4
    /// Lanes at once; rows of further destinations wait until one is idle.
    static let lanesMax = 10_000

    struct Entry {
        var lane: Lane
        var adapter: any Adapter
    }

    /// What an alarm is for.
    enum Name: Hashable, Sendable {
        case lane(String)
        /// An attempt has not ended in time.
        case attempt(Int64)
        case look, renew
    }

    struct Running {
        var task: Task<Void, Never>
        var outcome: Once<Outcome>
    }

    struct State {
        var lanes: [String: Entry] = [:]
        var wakeUps = WakeUps<Name>()
        var takeQueue: [(destination: String, limit: Int)] = []
        var takes = 0
        var takeFailures = 0
        var running: [Int64: Running] = [:]
        var connection = LedgerConnection()
        var processes = 1
        var beat: Int64?
        /// Destinations with pending rows at the last look.
        var pending: Set<String> = []
        /// When the rows were counted last.
        var booksAt: ContinuousClock.Instant?
        var isStopping = false
        var isLooking = false
        var isRenewing = false
        var isCopying = false
        /// Told when the last attempt and take have ended.
        var idleWaiters: [Once<Void>] = []
        /// Intake transactions whose rows may be leased and are not here yet.
        var openIntakes = 0
        /// Rows may be leased to this process that it does not know of.
        var mayHoldUnknown = false
    }

    let parts: Parts
    let state = Mutex(State())
    let alarm: AlarmClock
    private let completerBox = Mutex<Completer?>(nil)

    public init(_ parts: Parts) {
        self.parts = parts
        alarm = AlarmClock(time: parts.time)
        let completer = Completer(
            time: parts.time, random: parts.random, journal: parts.journal,
            write: { [ledger = parts.ledger, owner = parts.owner] completions throws(LedgerError) in
                KillPoint.beforeOutcome.hit()
                return try await ledger.complete(completions, owner: owner)
            },
            written: { [weak self] completions, ids in self?.written(completions, ids) })
        completerBox.withLock { $0 = completer }
    }

    var completer: Completer { completerBox.withLock { $0! } }
    var now: ContinuousClock.Instant { parts.time.now }

    /// Begins to look for due rows, and to note heartbeats.
    public func start() { wake(.look, at: now) }

    /// The ledger's beat as last heard of; nil before the first heartbeat.
    public var beat: Int64? { state.withLock { $0.beat } }
    /// Whether the ledger did not answer when last asked.
    public var isLedgerAway: Bool { state.withLock { $0.connection.isBroken } }

    // MARK: The intake's desk

    public func reserve(_ wanted: [String: Int]) -> [String: Int] {
        let now = now
        var given: [String: Int] = [:]
        for (destination, count) in wanted {
            guard let adapter = parts.adapters(destination) else { continue }
            given[destination] = state.withLock { state in
                if state.isStopping || state.mayHoldUnknown { return 0 }
                guard enter(destination, adapter, &state) else { return 0 }
                return state.lanes[destination]!.lane.reserve(count, at: now)
            }
        }
        given = given.filter { $0.value > 0 }
        if !given.isEmpty { state.withLock { $0.openIntakes += 1 } }
        return given
    }

    public func settle(
        _ reserved: [String: Int], planned: [String: Int], rows: [LeasedDelivery], sentAt: ContinuousClock.Instant
    ) {
        heard(nil)
        let now = now
        let rows = Dictionary(grouping: rows, by: \.destination)
        for (destination, count) in planned {
            guard state.withLock({ $0.lanes[destination] != nil }) || parts.adapters(destination) != nil else {
                continue
            }
            let mine = rows[destination] ?? []
            with(destination) { lane in
                lane.settled(
                    reserved: reserved[destination] ?? 0, rows: mine, left: count - mine.count,
                    lease: Lease(since: sentAt), at: now)
            }
        }
        if !rows.isEmpty { wake(.renew, at: Lease(since: sentAt).renewAt) }
        closeIntake(reserved)
    }

    public func abandon(_ reserved: [String: Int], isOutcomeUnknown: Bool) {
        let now = now
        for (destination, count) in reserved {
            with(destination) { $0.settled(reserved: count, rows: [], left: 0, lease: Lease(since: now), at: now) }
        }
        if isOutcomeUnknown, !reserved.isEmpty { state.withLock { $0.mayHoldUnknown = true } }
        closeIntake(reserved)
    }

    private func closeIntake(_ reserved: [String: Int]) {
        if reserved.isEmpty { return }
        state.withLock { $0.openIntakes -= 1 }
    }

    // MARK: Lanes

    /// Makes the destination's lane where there is none; false where there are too many.
    func enter(_ destination: String, _ adapter: any Adapter, _ state: inout State) -> Bool {
        if state.lanes[destination] != nil { return true }
        if state.lanes.count >= Self.lanesMax { return false }
        let lane = Lane(limits: Lane.Limits(adapter), processes: state.processes)
        state.lanes[destination] = Entry(lane: lane, adapter: adapter)
        return true
    }

    /// Tells a lane what happened, and does what follows. A destination without lane gets one if it has an adapter.
    func with(_ destination: String, _ event: (inout Lane) -> Void) {
        let now = now
        if !state.withLock({ $0.lanes[destination] != nil }) {
            guard let adapter = parts.adapters(destination) else { return }
            guard state.withLock({ enter(destination, adapter, &$0) }) else { return }
        }
        let (actions, adapter) = state.withLock { state -> ([Lane.Action], (any Adapter)?) in
            guard var entry = state.lanes[destination] else { return ([], nil) }
            event(&entry.lane)
            if state.isStopping { entry.lane.stop() }
            let actions = entry.lane.advance(at: now)
            state.lanes[destination] = entry
            return (actions, entry.adapter)
        }
        guard let adapter else { return }
        for action in actions { perform(action, destination, adapter) }
    }

    private func perform(_ action: Lane.Action, _ destination: String, _ adapter: any Adapter) {
        switch action {
        case .attempt(let held): begin(held, adapter)
        case .giveBack(let rows): completer.add(rows.map(Judgement.givenBack))
        case .take(let limit):
            state.withLock { $0.takeQueue.append((destination, limit)) }
            pumpTakes()
        case .wake(let instant): wake(.lane(destination), at: instant)
        }
    }

    /// Outcomes are in the ledger: the lanes' rows are free.
    private func written(_ completions: [Completion], _ ids: Set<Int64>) {
        heard(nil)
        let now = now
        var isAnyDead = false
        for (destination, group) in Dictionary(grouping: completions, by: \.delivery.destination) {
            with(destination) { lane in
                for completion in group {
                    let id = completion.delivery.id
                    guard ids.contains(id) else {
                        lane.written(id, .fenced, at: now)
                        continue
                    }
                    switch completion.verdict {
                    case .done, .skipped, .parked: lane.written(id, .closed, at: now)
                    case .dead:
                        isAnyDead = true
                        lane.written(id, .closed, at: now)
                    case .retry(let delay): lane.written(id, .again(now + .milliseconds(delay)), at: now)
                    case .givenBack: lane.written(id, .again(now), at: now)
                    }
                }
            }
        }
        let fenced = completions.count { !ids.contains($0.delivery.id) }
        if fenced > 0 { parts.metrics.fencedOutcomes.add(fenced, parts.worker) }
        if isAnyDead { copyDeadLetters() }
    }

    // MARK: Alarms

    /// Notes that the ledger answered, or that it did not.
    func heard(_ error: LedgerError?) {
        let now = now
        state.withLock { state in
            if error == nil { state.connection.answered(at: now) } else { state.connection.failed() }
        }
        parts.metrics.isLedgerAway.set(error == nil ? 0 : 1, parts.worker)
        if let error {
            parts.ledgerLine.goesOn("\(error)", reason: "\(error.code)")
        } else {
            parts.ledgerLine.ends()
        }
    }

    func wake(_ name: Name, at instant: ContinuousClock.Instant) {
        let first = state.withLock { state in
            state.wakeUps.add(name, at: instant)
            return state.wakeUps.first
        }
        if let first { alarm.set(at: first) { [weak self] in self?.ring() } }
    }

    private func ring() {
        let now = now
        let (names, next) = state.withLock { state in (state.wakeUps.due(at: now), state.wakeUps.first) }
        for name in names {
            switch name {
            case .lane(let destination): with(destination) { _ in }
            case .attempt(let id): overstay(id)
            case .look: look()
            case .renew: renew()
            }
        }
        if let next { alarm.set(at: next) { [weak self] in self?.ring() } }
    }
}

extension Lane.Limits {
    init(_ adapter: any Adapter) {
        self.init(
            concurrency: max(1, adapter.concurrency), timeout: adapter.timeout, perSecond: adapter.attemptsPerSecond)
    }
}
