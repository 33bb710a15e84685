package import Ledger
package import Lifecycle

extension Lane {
    /// What an ended attempt says about its receiver.
    package enum Sign: Sendable, Equatable {
        /// It answered, whatever it said.
        case answered
        /// It could not be reached, or failed. `isDecisive`: any other message would fail as well.
        case failed(isDecisive: Bool)
        /// It asked for a pause.
        case throttled(Duration)
        /// No attempt was made.
        case none
    }

    /// What became of a row in the ledger.
    package enum Written: Sendable, Equatable {
        /// done, dead, parked or skipped; all but parked let the next of the key pass.
        case closed
        /// Pending again, due then.
        case again(ContinuousClock.Instant)
        /// Another process has taken it in the meantime, or it was written before.
        case fenced
    }

    /// A pending row is, or will be, due at `instant`.
    package mutating func noticed(dueAt instant: ContinuousClock.Instant) { due.add(instant) }

    /// The intake asks for room for `wanted` rows. Rows that are due already come first, so then there is none.
    mutating func reserve(_ wanted: Int, at now: ContinuousClock.Instant) -> Int {
        guard phase == .open, breaker.isClosed, !isTaking, due.first.map({ $0 > now }) ?? true else { return 0 }
        let granted = min(wanted, room)
        reserved += granted
        return granted
    }

    /// The intake's transaction was committed, or not (`rows` empty, `left` 0).
    /// - Parameter left: planned rows that were not leased.
    package mutating func settled(
        reserved: Int, rows: [LeasedDelivery], left: Int, lease: Lease, at now: ContinuousClock.Instant
    ) {
        self.reserved -= reserved
        precondition(self.reserved >= 0, "more room was given back than was reserved")
        waiting += rows.map { Held(row: $0, lease: lease) }
        if left > 0 {
            hasHeldBack = true
            noticed(dueAt: now)
        }
    }

    /// A take was answered.
    mutating func took(_ rows: [LeasedDelivery], limit: Int, lease: Lease, at now: ContinuousClock.Instant) {
        precondition(isTaking, "rows came that nobody asked for")
        isTaking = false
        waiting += rows.map { Held(row: $0, lease: lease) }
        if rows.count == limit {
            noticed(dueAt: now)
        } else if rows.isEmpty, held == 0, due.isEmpty {
            hasHeldBack = false
        }
    }

    /// A take failed; the next one not before `instant`.
    mutating func takeFailed(retryAt instant: ContinuousClock.Instant) {
        precondition(isTaking, "a take failed that nobody asked for")
        isTaking = false
        noticed(dueAt: instant)
    }

    /// An attempt ended; its outcome is on its way to the ledger.
    package mutating func ended(
        _ id: Int64, _ sign: Sign, took: Duration, at now: ContinuousClock.Instant, policy: RetryPolicy,
        random: Randomness
    ) -> Breaker.Change {
        guard let held = attempting.removeValue(forKey: id) else { return .none }
        settling[id] = held
        switch sign {
        case .answered:
            mean = (mean * 7 + took) / 8
            return breaker.answered(generation: held.generation)
        case .failed(let isDecisive):
            mean = (mean * 7 + took) / 8
            return breaker.failed(
                generation: held.generation, isDecisive: isDecisive, at: now, policy: policy, random: random)
        case .throttled(let pause):
            budget.pause(until: now + pause)
            breaker.withdrawn(generation: held.generation)
            return .none
        case .none:
            breaker.withdrawn(generation: held.generation)
            return .none
        }
    }

    /// The outcome of a row is in the ledger.
    package mutating func written(_ id: Int64, _ result: Written, at now: ContinuousClock.Instant) {
        settling[id] = nil
        switch result {
        case .closed, .fenced: if hasHeldBack { noticed(dueAt: now) }
        case .again(let instant): noticed(dueAt: instant)
        }
    }

    /// The lease of rows was renewed.
    package mutating func renewed(_ ids: Set<Int64>, lease: Lease) {
        for index in waiting.indices where ids.contains(waiting[index].row.id) { waiting[index].lease = lease }
        for id in ids {
            attempting[id]?.lease = lease
            settling[id]?.lease = lease
        }
    }

    /// Rows turned out to be another's: those that wait are forgotten; of the others the outcome will be refused, or is
    /// written already.
    package mutating func lost(_ ids: Set<Int64>) { waiting.removeAll { ids.contains($0.row.id) } }

    /// The adapter's current limits; nil if there is no adapter.
    mutating func set(_ limits: Limits?) {
        if phase == .stopping { return }
        phase = limits == nil ? .switchedOff : .open
        if let limits {
            self.limits = limits
            budget.set(perSecond: limits.perSecond)
        }
    }

    mutating func stop() { phase = .stopping }

    // MARK: What follows

    /// The actions to perform now.
    mutating func advance(at now: ContinuousClock.Instant) -> [Action] {
        var actions: [Action] = []
        var wake: ContinuousClock.Instant?
        breaker.tick(now)
        let back = overdue(at: now)
        if !back.isEmpty { actions.append(.giveBack(back)) }
        while let held = startNext(at: now) { actions.append(.attempt(held)) }
        if let first = waiting.first {
            wake = first.lease.startBy(timeout: limits.timeout)
            let permit = budget.mayStart(at: now)
            if permit > now, attempting.count < limits.concurrency { wake = min(wake!, permit) }
        }
        if phase == .open, !isTaking, let dueAt = due.first {
            let permit = max(dueAt, breaker.admitsAt ?? dueAt)
            if permit > now {
                wake = min(wake ?? permit, permit)
            } else if room > 0, waiting.isEmpty || room * 2 >= target {
                isTaking = true
                due.removeDue(at: now)
                actions.append(.take(limit: room))
            }
        }
        if let wake { actions.append(.wake(wake)) }
        return actions
    }

    /// Rows that wait and must not any longer.
    private mutating func overdue(at now: ContinuousClock.Instant) -> [LeasedDelivery] {
        let mayWait = phase == .open && (breaker.isClosed || breaker.admits > 0)
        let back = waiting.filter { !mayWait || $0.lease.startBy(timeout: limits.timeout) <= now }
        if back.isEmpty { return [] }
        waiting.removeAll { held in back.contains { $0.row.id == held.row.id } }
        for held in back { settling[held.row.id] = held }
        return back.map(\.row)
    }

    private mutating func startNext(at now: ContinuousClock.Instant) -> Held? {
        guard phase == .open, !waiting.isEmpty, attempting.count < limits.concurrency, breaker.admits > 0,
            budget.mayStart(at: now) <= now
        else { return nil }
        var held = waiting.removeFirst()
        breaker.started()
        budget.started(at: now)
        held.generation = breaker.generation
        attempting[held.row.id] = held
        return held
    }
}
