import Delivery
import Ledger
import Lifecycle
import World

// As Lanes: one table, and what it says is done.
extension WorkerProcess {
    /// A lease of what was asked for at `sentAt`.
    func lease(sentAt: ContinuousClock.Instant) -> Lease {
        Lease(since: world.weather.omitted.contains(.leaseFromSending) ? ownNow : sentAt)
    }

    // MARK: The machine

    func change(_ destination: Destination, _ event: (inout Lane) -> Void) {
        if !table.has(destination) {
            guard let receiver = world.adapter(of: destination), table.enter(destination, receiver) else { return }
        }
        perform(table.change(destination, at: ownNow, event))
    }

    private func perform(_ actions: [LaneTable<Receiver>.Action]) {
        for action in actions {
            switch action {
            case .attempt(let held, let receiver): attempt(held, receiver)
            case .giveBack(let rows): complete(rows.map(Judgement.givenBack))
            case .take(let limits): take(limits)
            case .wake(let destination, let instant): setAlarm(destination, trueTime(of: instant))
            }
        }
    }

    private func setAlarm(_ destination: Destination, _ at: TrueTime) {
        if let there = alarms[destination], there <= at { return }
        alarms[destination] = at
        world.later(self, at: at) { [self] in
            guard alarms[destination] == at else { return }
            alarms[destination] = nil
            change(destination) { _ in }
        }
    }

    private func take(_ limits: [Destination: Int]) {
        let sentAt = ownNow
        // Asked again before every take: connections change while the process runs.
        let wanted = limits.filter { world.adapter(of: $0.key) != nil }
        guard !isStopping, !wanted.isEmpty else { return took(limits, .rows([:], Lease(since: sentAt))) }
        ask(MemoryLedger.take(wanted, owner: owner)) { [self] result in
            switch result {
            case .success(let rows): took(limits, .rows(rows, lease(sentAt: sentAt)))
            case .failure(let error): took(limits, .failed(error.code))
            }
        }
    }

    private func took(_ limits: [Destination: Int], _ taken: LaneTable<Receiver>.Taken) {
        for destination in limits.keys.sorted() { table.set(world.adapter(of: destination), of: destination) }
        perform(table.took(limits, taken, at: ownNow, random: world.dice.randomness))
        endIfDone()
    }

    // MARK: Room for the intake

    func reserve(_ wanted: [Destination: Int]) -> [Destination: Int] {
        var given: [Destination: Int] = [:]
        for (destination, count) in wanted.sorted(by: { $0.key < $1.key }) {
            guard let receiver = world.adapter(of: destination), table.enter(destination, receiver) else { continue }
            let room = table.reserve(destination, count, at: ownNow)
            if room > 0 { given[destination] = room }
        }
        if !given.isEmpty { table.intakeOpened() }
        return given
    }

    func settle(
        _ reserved: [Destination: Int], planned: [Destination: Int], rows: [LeasedDelivery], lease: Lease
    ) {
        let now = ownNow
        for (destination, count) in planned.sorted(by: { $0.key < $1.key }) {
            let mine = rows.filter { $0.destination == destination }
            change(destination) { lane in
                lane.settled(
                    reserved: reserved[destination] ?? 0, rows: mine, left: count - mine.count, lease: lease, at: now)
            }
        }
        if !reserved.isEmpty { table.intakeClosed() }
    }

    func abandon(_ reserved: [Destination: Int], isOutcomeUnknown: Bool) {
        let now = ownNow
        for (destination, count) in reserved.sorted(by: { $0.key < $1.key }) {
            change(destination) { $0.settled(reserved: count, rows: [], left: 0, lease: Lease(since: now), at: now) }
        }
        if !reserved.isEmpty { table.intakeClosed(isOutcomeUnknown: isOutcomeUnknown) }
    }
}
