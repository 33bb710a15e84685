import Intake
package import Ledger
import Lifecycle
import Primitives
import Synchronization
import Telemetry

/// Due rows → lanes → attempts → outcomes: one lock around one state machine, whose actions are performed here.
final class Lanes: Sendable {
    private let context: WorkerContext
    private let contact: LedgerContact
    private let adapters: AdapterResolver
    private let attempts: Attempts
    let completer: Completer
    private let copier: DeadLetterCopier?
    private let metrics: DeliveryMetrics
    private let table = Mutex(LaneTable<any Adapter> { Lane.Limits($0) })
    private let alarm: Alarm<Destination>
    /// Given when the last attempt and take have ended.
    private let idleWaiters = Mutex<[Once<Void>]>([])

    init(
        _ context: WorkerContext, _ contact: LedgerContact, adapters: @escaping AdapterResolver, attempts: Attempts,
        copier: DeadLetterCopier?, metrics: DeliveryMetrics
    ) {
        self.context = context
        self.contact = contact
        self.adapters = adapters
        self.attempts = attempts
        self.copier = copier
        self.metrics = metrics
        completer = Completer(context, contact)
        alarm = Alarm(time: context.time)
    }

    private var now: ContinuousClock.Instant { context.time.now }

    // MARK: The machine

    /// Passes an event to a lane, and performs the actions that follow. A destination without a lane gets one if it has
    /// an adapter.
    func change(_ destination: Destination, _ event: (inout Lane) -> Void) {
        let now = now
        if !table.withLock({ $0.has(destination) }) {
            guard let adapter = adapters(destination), table.withLock({ $0.enter(destination, adapter) }) else {
                return
            }
        }
        perform(table.withLock { $0.change(destination, at: now, event) })
    }

    private func perform(_ actions: [LaneTable<any Adapter>.Action]) {
        for action in actions {
            switch action {
            case .attempt(let held, let adapter): Task { ended(held, await attempts.run(held, adapter)) }
            case .giveBack(let rows): complete(rows.map(Judgement.givenBack))
            case .take(let limits): Task { await take(limits) }
            case .wake(let destination, let instant):
                alarm.set(destination, at: instant) { [weak self] in self?.change($0) { _ in } }
            }
        }
    }

    private func take(_ limits: [Destination: Int]) async {
        // Asked again before every take: connections change while the process runs.
        let present = limits.keys.map { (destination: $0, adapter: adapters($0)) }
        let lease = Lease(since: now)
        var taken = LaneTable<any Adapter>.Taken.rows([:], lease)
        var wanted = limits
        for (destination, adapter) in present where adapter == nil { wanted[destination] = nil }
        if !wanted.isEmpty, !table.withLock({ $0.isStopping }) {
            do throws(LedgerError) {
                let rows = try await contact.ask { ledger throws(LedgerError) in
                    try await ledger.takeDue(worker: context.worker, wanted, owner: context.owner)
                }
                taken = .rows(rows, lease)
            } catch { taken = .failed(error.code) }
        }
        let now = now
        let actions = table.withLock { table in
            for (destination, adapter) in present { table.set(adapter, of: destination) }
            return table.took(limits, taken, at: now, random: context.random)
        }
        perform(actions)
        noteIfIdle()
    }

    // MARK: Outcomes

    private func ended(_ held: Lane.Held, _ ended: Attempts.Ended) {
        let now = now
        let destination = held.row.destination
        var breaker = Breaker.Change.none
        change(destination) { lane in
            breaker = lane.ended(
                held.row.id, ended.sign, took: ended.took, at: now, policy: .breaker, random: context.random)
        }
        complete([ended.completion])
        switch breaker {
        case .opened:
            context.log.error(
                "circuit breaker opened: nothing is sent to the destination for a while",
                held.row.logFields(traceparent: ended.traceparent).merging(["why": ended.completion.answer]) { $1 })
        case .closed: context.log.info("circuit breaker closed", ["destination": destination.text])
        case .none: break
        }
        noteIfIdle()
    }

    /// Has outcomes written, and informs the lanes when they are.
    func complete(_ completions: [Completion]) {
        guard completer.add(completions) else { return }
        Task { await completer.run { self.written($0, $1) } }
    }

    /// Outcomes are in the ledger, those with `ids`: the lanes' rows are free.
    private func written(_ completions: [Completion], _ ids: Set<Int64>) {
        let now = now
        for (destination, group) in Dictionary(grouping: completions, by: \.delivery.destination) {
            change(destination) { lane in
                for completion in group {
                    let id = completion.delivery.id
                    lane.written(id, ids.contains(id) ? Lane.Written(completion.verdict, at: now) : .fenced, at: now)
                }
            }
        }
        let fenced = completions.count { !ids.contains($0.delivery.id) }
        if fenced > 0 { metrics.fencedOutcomes.add(fenced, context.worker) }
        if completions.contains(where: { ids.contains($0.delivery.id) && $0.verdict.isDead }) { copier?.copy() }
    }

    // MARK: Seen by the upkeep

    var destinations: [Destination] { table.withLock { Array($0.entries.keys) } }
    var held: [Lane.Held] { table.withLock { $0.held } }

    /// Looks up the lane's adapter again, passes on how many processes share its rate, and drops the lane if it is
    /// idle.
    func refresh(_ destination: Destination, processes: Int) {
        let adapter = adapters(destination)
        table.withLock { table in
            table.set(processes: processes)
            table.set(adapter, of: destination)
        }
        change(destination) { $0.budget.set(processes: processes) }
        table.withLock { table in
            table.forgetIfIdle(destination)
        }
    }

    /// Sets the metrics of the lanes. A destination of its own is no label: there are as many as shops are connected.
    func show() {
        let lanes = table.withLock { table in
            table.entries.values.map { (adapter: $0.receiver, breaker: $0.lane.breaker.state, held: $0.lane.held) }
        }
        var held: [String: Int] = [:]
        var breakers: [String: [String: Int]] = [:]
        for lane in lanes {
            let kind = lane.adapter.kind
            held[kind, default: 0] += lane.held
            breakers[kind, default: [:]][lane.breaker.name, default: 0] += 1
        }
        for kind in metrics.kinds {
            metrics.held.set(Double(held[kind] ?? 0), context.worker, kind)
            for state in Breaker.State.names {
                metrics.breakers.set(Double(breakers[kind]?[state] ?? 0), context.worker, kind, state)
            }
        }
    }

    var mayLookForUnknown: Bool { table.withLock { $0.mayLookForUnknown } }

    /// Gives back those of the rows leased to this process that it does not have; returns how many.
    func giveBackStrangers(among rows: [LeasedDelivery]) -> Int {
        guard let strangers = table.withLock({ $0.strangers(among: rows) }), !strangers.isEmpty else { return 0 }
        complete(strangers.map(Judgement.givenBack))
        return strangers.count
    }

    // MARK: Stopping

    /// From now on new rows are given back, and so are those that wait.
    func stop() {
        table.withLock { $0.stop() }
        for destination in destinations { change(destination) { _ in } }
    }

    /// Returns once no attempt and no take is under way.
    func idle() async {
        let once = Once<Void>()
        idleWaiters.withLock { $0.append(once) }
        noteIfIdle()
        await once.value
    }

    private func noteIfIdle() {
        guard table.withLock({ $0.isStopping && $0.isIdle }) else { return }
        let waiters = idleWaiters.withLock { waiters in
            defer { waiters = [] }
            return waiters
        }
        for waiter in waiters { waiter.give(()) }
    }

    func close() { alarm.cancel() }

    /// Whether no take is under way, and no lane is due to be looked at.
    func isAtRest(at now: ContinuousClock.Instant) -> Bool {
        table.withLock { $0.takes == 0 } && alarm.isAtRest(at: now)
    }
}

extension Lanes: DeliveryCapacity {
    func reserve(_ wanted: [Destination: Int]) -> [Destination: Int] {
        let now = now
        var given: [Destination: Int] = [:]
        for (destination, count) in wanted {
            guard let adapter = adapters(destination) else { continue }
            let room = table.withLock { table in
                table.enter(destination, adapter) ? table.reserve(destination, count, at: now) : 0
            }
            if room > 0 { given[destination] = room }
        }
        if !given.isEmpty { table.withLock { $0.intakeOpened() } }
        return given
    }

    func settle(
        _ reserved: [Destination: Int], planned: [Destination: Int], rows: [LeasedDelivery],
        sentAt: ContinuousClock.Instant
    ) {
        contact.answered()
        let now = now
        let rows = Dictionary(grouping: rows, by: \.destination)
        for (destination, count) in planned {
            let mine = rows[destination] ?? []
            change(destination) { lane in
                lane.settled(
                    reserved: reserved[destination] ?? 0, rows: mine, left: count - mine.count,
                    lease: Lease(since: sentAt), at: now)
            }
        }
        if !reserved.isEmpty { table.withLock { $0.intakeClosed() } }
    }

    func abandon(_ reserved: [Destination: Int], isOutcomeUnknown: Bool) {
        let now = now
        for (destination, count) in reserved {
            change(destination) { $0.settled(reserved: count, rows: [], left: 0, lease: Lease(since: now), at: now) }
        }
        if !reserved.isEmpty { table.withLock { $0.intakeClosed(isOutcomeUnknown: isOutcomeUnknown) } }
    }
}

extension Lane.Written {
    /// - Parameter now: when the outcome was written.
    package init(_ verdict: Completion.Verdict, at now: ContinuousClock.Instant) {
        switch verdict {
        case .done, .skipped, .parked, .dead: self = .closed
        case .retry(let delay), .held(let delay): self = .again(now + .milliseconds(delay))
        case .givenBack: self = .again(now)
        }
    }
}

extension Completion.Verdict {
    fileprivate var isDead: Bool { if case .dead = self { true } else { false } }
}
