extension Claimant {
    /// Does whatever is due for a limit: closes parts, answers who waited too long, sends the next claim.
    mutating func advance(_ place: Int, now: OwnTime, into actions: inout [Action]) {
        closeParts(at: place, now: now)
        answerOverdue(at: place, now: now, into: &actions)
        if let flight = limits[place].inFlight, now >= flight.sentAt + rules.giveUpTime {
            isAway = true
            actions.append(.replaceProducer)
        }
        if limits[place].inFlight == nil { sendClaim(at: place, now: now, into: &actions) }
        sendStrikes(at: place, now: now, into: &actions)
        if !closeLimit(at: place, now: now) { setTimer(at: place, now: now) }
    }

    private mutating func sendClaim(at place: Int, now: OwnTime, into actions: inout [Action]) {
        let id = limits.keys[place]
        if let obstacle = obstacleToUse(of: id, now: now) ?? obstacleToClaim {
            for waiter in limits[place].queue {
                actions.append(.answer(ticket: waiter.ticket, unavailable(obstacle)))
            }
            limits[place].queue = []
            return
        }
        let waiters = takeDueWaiters(at: place, now: now)
        dropWorthlessSettlements(at: place, now: now)
        guard !waiters.isEmpty || limits[place].owed.contains(where: \.isUrgent) else { return }
        let claim = claim(for: waiters, at: place, now: now)
        limits[place].inFlight = Flight(
            sequence: claim.sequence, sentAt: now, waiters: waiters,
            settlements: min(limits[place].owed.count, Bounds.settlements))
        watch.claimSent(at: now)
        counts.claims += 1
        actions.append(.append(LimitRecord.claim(claim).encoded(), key: id))
    }

    /// Those for whom the next claim asks: a batch alone, or all single requests before the first batch.
    private mutating func takeDueWaiters(at place: Int, now: OwnTime) -> [Waiter] {
        var due: [Waiter] = []
        var rest: [Waiter] = []
        var isClosed = false
        for waiter in limits[place].queue {
            let fits = due.isEmpty || (waiter.permits == 1 && due[0].permits == 1 && due.count < Bounds.limit)
            if waiter.notBefore <= now, !isClosed, fits {
                due.append(waiter)
            } else {
                isClosed = isClosed || waiter.notBefore <= now
                rest.append(waiter)
            }
        }
        limits[place].queue = rest
        return due
    }

    private mutating func claim(for waiters: [Waiter], at place: Int, now: OwnTime) -> Claim {
        let id = limits.keys[place]
        let need = waiters.permits
        let isWhole = need > 1 && waiters.count == 1
        limits[place].sequence += 1
        return Claim(
            limitID: id, process: process, sequence: limits[place].sequence,
            configurationVersion: limits[place].configured.version, limit: limits[place].configured.limit,
            need: need, isWhole: isWhole,
            extra: isWhole || need == 0 ? 0 : extra(at: place, need: need, now: now),
            settlements: settlements(at: place, now: now),
            digest: replica.newestDigest(of: id), establishedAt: replica.establishment(of: id) ?? 0,
            checkpoint: replica.checkpointDue(for: id))
    }

    /// Permits for the requests expected within the lease time, and a quarter more. Those that this claim asks for
    /// already are no sign of more to come: else a burst would be followed by a lease that nobody uses.
    private mutating func extra(at place: Int, need: Int, now: OwnTime) -> Int {
        let arrived = Int64(max(0, limits[place].arrivals.count(now: now) - need))
        let expectedTimesSpan = arrived * rules.leaseTime
        guard expectedTimesSpan >= rules.rateSpan else { return 0 }
        let extra = (expectedTimesSpan * 5 + rules.rateSpan * 4 - 1) / (rules.rateSpan * 4)
        return min(Int(extra), Bounds.limit)
    }

    private mutating func answerOverdue(at place: Int, now: OwnTime, into actions: inout [Action]) {
        let overdue =
            limits[place].queue.filter { $0.deadline <= now }
            + (limits[place].inFlight?.waiters.filter { $0.deadline <= now } ?? [])
        guard !overdue.isEmpty else { return }
        for waiter in overdue { actions.append(.answer(ticket: waiter.ticket, unavailable(.late))) }
        limits[place].queue.removeAll { $0.deadline <= now }
        limits[place].inFlight?.waiters.removeAll { $0.deadline <= now }
    }

    private mutating func sendStrikes(at place: Int, now: OwnTime, into actions: inout [Action]) {
        guard !isAway, watch.hasReadBack, let count = limits[place].refusals.strikesDue(now: now) else { return }
        counts.strikes += 1
        let strike = Strike(
            limitID: limits.keys[place], process: process, limit: limits[place].configured.limit, count: count)
        actions.append(.append(LimitRecord.strike(strike).encoded(), key: strike.limitID))
    }

    private mutating func setTimer(at place: Int, now: OwnTime) {
        let limit = limits[place]
        var next = limit.refusals.strikesDueAt
        if let flight = limit.inFlight { next = min(next, flight.sentAt + rules.giveUpTime) }
        for part in limit.parts { next = min(next, part.validUntil) }
        for waiter in limit.queue { next = min(next, waiter.notBefore > now ? waiter.notBefore : waiter.deadline) }
        for waiter in limit.inFlight?.waiters ?? [] { next = min(next, waiter.deadline) }
        if next == .never || next <= now { next = now + rules.horizon }
        guard next < limit.timerAt else { return }
        limits[place].timerAt = next
        timers.add(limits.keys[place], at: next)
    }

    /// Closes a limit that has had nothing to do for as long as the log remembers this process's claims.
    private mutating func closeLimit(at place: Int, now: OwnTime) -> Bool {
        let id = limits.keys[place]
        guard limits[place].isIdle, limits[place].refusals.waitUntil < now, limits[place].arrivals.count(now: now) == 0,
            !replica.remembers(process, of: id)
        else { return false }
        sequenceBase = max(sequenceBase, limits[place].sequence)
        limits.remove(at: place)
        return true
    }
}
