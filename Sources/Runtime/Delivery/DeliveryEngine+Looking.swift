import Intake
import Kafka
import Ledger
import Lifecycle
import Orders
import Synchronization
import Telemetry

extension DeliveryEngine {
    /// Every few seconds: a heartbeat, rows that nobody told of, expired leases, dead rows not yet copied.
    func look() {
        let isFirst = state.withLock { state in
            if state.isLooking || state.isStopping { return false }
            state.isLooking = true
            return true
        }
        guard isFirst else { return }
        Task {
            do throws(LedgerError) {
                try await lookThrough()
                heard(nil)
            } catch {
                heard(error)
            }
            state.withLock { $0.isLooking = false }
            // Spread, so that processes started together do not look together.
            let spread = Duration.milliseconds(parts.random.pick(-500...500))
            wake(.look, at: now + Self.lookEvery + spread)
        }
    }

    private func lookThrough() async throws(LedgerError) {
        let beat = try await parts.ledger.heartbeat(process: parts.owner, worker: parts.worker)
        state.withLock { $0.beat = beat }
        let processes = try await parts.ledger.liveProcesses(of: parts.worker)
        await adoptUnknown()
        try await rescue()
        let pending = try await parts.ledger.pendingDestinations(of: parts.worker)
        refreshLanes(processes: processes)
        let (now, wall) = (now, parts.time.wall)
        for (destination, dueAt) in pending {
            let late = Duration.milliseconds(wall.milliseconds - dueAt.milliseconds)
            parts.metrics.oldestOverdue.set(max(0, late.inSeconds), parts.worker, destination)
            with(destination) { lane in
                lane.noticed(dueAt: now - late)
                if late > .zero { lane.hasHeldBack = true }
            }
        }
        for destination in overdueBefore(Set(pending.map(\.destination))) {
            parts.metrics.oldestOverdue.set(0, parts.worker, destination)
        }
        try await measureBooks()
        copyDeadLetters()
    }

    /// Asks again for each lane's adapter, tells it how many share its rate, and forgets lanes that know nothing.
    private func refreshLanes(processes: Int) {
        let destinations = state.withLock { state in
            state.processes = processes
            return Array(state.lanes.keys)
        }
        for destination in destinations {
            let adapter = parts.adapters(destination)
            if let adapter { state.withLock { $0.lanes[destination]?.adapter = adapter } }
            with(destination) { lane in
                lane.set(adapter.map { Lane.Limits($0) })
                lane.budget.set(processes: processes)
            }
            state.withLock { state in
                guard let lane = state.lanes[destination]?.lane else { return }
                let level: Double =
                    switch lane.breaker.state {
                    case .closed: 0
                    case .halfOpen: 1
                    case .open: 2
                    }
                parts.metrics.breaker.set(level, parts.worker, destination)
                parts.metrics.held.set(Double(lane.held), parts.worker, destination)
                if lane.isIdle { state.lanes[destination] = nil }
            }
        }
    }

    /// Destinations that had pending rows at the last look and have none now.
    private func overdueBefore(_ pending: Set<String>) -> Set<String> {
        state.withLock { state in
            defer { state.pending = pending }
            return state.pending.subtracting(pending)
        }
    }

    /// The books are a count of all rows, so they are asked for seldom.
    private func measureBooks() async throws(LedgerError) {
        let now = now
        let isDue = state.withLock { state in
            if let at = state.booksAt, now - at < Self.booksEvery { return false }
            state.booksAt = now
            return true
        }
        guard isDue else { return }
        for book in try await parts.ledger.books(of: parts.worker) {
            for name in Self.rowStates {
                parts.metrics.rows.set(Double(book.rows[name] ?? 0), parts.worker, book.destination, name)
            }
            parts.metrics.unaccounted.set(Double(book.unaccounted), parts.worker, book.destination)
        }
    }

    /// Takes back rows whose owners are gone, once this process has seen the ledger for a lease without a break and
    /// holds no outcome that is not written.
    private func rescue() async throws(LedgerError) {
        let now = now
        guard state.withLock({ $0.connection.mayRescue(at: now) }), completer.isEmpty else { return }
        let (rescued, parked) = try await parts.ledger.rescueExpired(worker: parts.worker)
        if rescued > 0 { parts.metrics.rescued.add(rescued, parts.worker, "pending") }
        if parked > 0 { parts.metrics.rescued.add(parked, parts.worker, "parked") }
        guard rescued + parked > 0 else { return }
        parts.journal.warning(
            "rows were taken back from processes that are gone", ["pending": "\(rescued)", "parked": "\(parked)"])
    }

    /// After a commit whose outcome was unknown: rows that are leased to this process and that it does not have are
    /// given back. Only while nothing is on its way that would bring them.
    private func adoptUnknown() async {
        let isQuiet = state.withLock { $0.mayHoldUnknown && $0.takes == 0 && $0.openIntakes == 0 }
        guard isQuiet else { return }
        do throws(LedgerError) {
            let rows = try await parts.ledger.leased(to: parts.owner, worker: parts.worker)
            let strangers = state.withLock { state -> [LeasedDelivery]? in
                // A take that began meanwhile may bring rows that the answer shows too: look again later.
                guard state.takes == 0, state.openIntakes == 0 else { return nil }
                state.mayHoldUnknown = false
                return rows.filter { row in
                    guard let lane = state.lanes[row.destination]?.lane else { return true }
                    return lane.attempting[row.id] == nil && !lane.settling.contains(row.id)
                        && !lane.waiting.contains { $0.row.id == row.id }
                }
            }
            guard let strangers, !strangers.isEmpty else { return }
            parts.journal.warning(
                "rows of a transaction with unknown outcome are given back", ["count": "\(strangers.count)"])
            completer.add(strangers.map(Judgement.givenBack))
        } catch {
            heard(error)
        }
    }

    // MARK: Leases

    /// Prolongs the leases that are half over.
    func renew() {
        let due = now + .seconds(1)
        let rows = state.withLock { state -> [LeasedDelivery] in
            if state.isRenewing { return [] }
            let held = state.lanes.values.flatMap { $0.lane.waiting + Array($0.lane.attempting.values) }
            let rows = held.filter { $0.lease.renewAt <= due }.map(\.row)
            if !rows.isEmpty { state.isRenewing = true }
            return rows
        }
        guard !rows.isEmpty else { return wakeForRenewal() }
        Task { await renew(rows) }
    }

    private func renew(_ rows: [LeasedDelivery]) async {
        let sentAt = now
        do throws(LedgerError) {
            let kept = try await parts.ledger.renew(rows, owner: parts.owner)
            heard(nil)
            for (destination, group) in Dictionary(grouping: rows, by: \.destination) {
                let ids = Set(group.map(\.id))
                with(destination) { lane in
                    lane.renewed(ids.intersection(kept), lease: Lease(since: sentAt))
                    lane.lost(ids.subtracting(kept))
                }
            }
            state.withLock { $0.isRenewing = false }
            wakeForRenewal()
        } catch {
            heard(error)
            state.withLock { $0.isRenewing = false }
            wake(.renew, at: now + .seconds(1))
        }
    }

    private func wakeForRenewal() {
        let soonest = now + .seconds(1)
        let next = state.withLock { state in
            state.lanes.values.flatMap { $0.lane.waiting + Array($0.lane.attempting.values) }
                .map(\.lease.renewAt).min()
        }
        if let next { wake(.renew, at: max(next, soonest)) }
    }

    // MARK: Dead letters

    /// Copies dead rows to `dead-letters` until none is left, one run at a time; what fails is tried at the next look.
    func copyDeadLetters() {
        guard let desk = parts.deadLetters else { return }
        let isFirst = state.withLock { state in
            if state.isCopying { return false }
            state.isCopying = true
            return true
        }
        guard isFirst else { return }
        Task {
            do {
                while try await copySome(desk) {}
            } catch {
                parts.journal.warning("dead rows cannot be copied yet", ["why": "\(error)"])
            }
            state.withLock { $0.isCopying = false }
        }
    }

    /// False when none was left.
    private func copySome(_ desk: DeadLetterDesk) async throws -> Bool {
        let letters = try await parts.ledger.deadLetters(worker: parts.worker, limit: 100)
        if letters.isEmpty { return false }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for letter in letters { group.addTask { try await desk.copy(letter) } }
            try await group.waitForAll()
        }
        try await parts.ledger.markCopied(letters.map(\.id))
        parts.metrics.deadCopied.add(letters.count, parts.worker)
        return true
    }
}
