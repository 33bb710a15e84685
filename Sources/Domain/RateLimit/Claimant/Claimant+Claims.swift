extension Claimant {
    /// Does whatever is due for a limit: closes parts, answers who waited too long, sends the next claim.
    mutating func advance(_ place: Int, now: OwnTime, into actions: inout [Action]) {
        closeParts(at: place, now: now)
        answerOverdue(at: place, now: now, into: &actions)
        if let flight = desks[place].inFlight, now >= flight.sentAt + rules.giveUpTime {
            isAway = true
            actions.append(.replaceProducer)
        }
        if desks[place].inFlight == nil { sendClaim(at: place, now: now, into: &actions) }
        sendStrikes(at: place, now: now, into: &actions)
        if !closeDesk(at: place, now: now) { setTimer(at: place, now: now) }
    }

    private mutating func sendClaim(at place: Int, now: OwnTime, into actions: inout [Action]) {
        let id = desks.keys[place]
        if let obstacle = obstacleToUse(of: id, now: now) ?? obstacleToClaim {
            for waiter in desks[place].queue {
                actions.append(.answer(ticket: waiter.ticket, unavailable(obstacle)))
            }
            desks[place].queue = []
            return
        }
        let waiters = takeDueWaiters(at: place, now: now)
        dropWorthlessSettlements(at: place, now: now)
        guard !waiters.isEmpty || desks[place].owed.contains(where: \.isUrgent) else { return }
        let claim = claim(for: waiters, at: place, now: now)
        desks[place].inFlight = Flight(
            sequence: claim.sequence, sentAt: now, waiters: waiters,
            settlements: min(desks[place].owed.count, Bounds.settlements))
        watch.claimSent(at: now)
        counts.claims += 1
        actions.append(.append(LimitRecord.claim(claim).encoded(), key: id))
    }

    /// Those for whom the next claim asks: a batch alone, or all single requests before the first batch.
    private mutating func takeDueWaiters(at place: Int, now: OwnTime) -> [Waiter] {
        var due: [Waiter] = []
        var rest: [Waiter] = []
        var isClosed = false
        for waiter in desks[place].queue {
            let fits = due.isEmpty || (waiter.permits == 1 && due[0].permits == 1 && due.count < Bounds.limit)
            if waiter.notBefore <= now, !isClosed, fits {
                due.append(waiter)
            } else {
                isClosed = isClosed || waiter.notBefore <= now
                rest.append(waiter)
            }
        }
        desks[place].queue = rest
        return due
    }

    private mutating func claim(for waiters: [Waiter], at place: Int, now: OwnTime) -> Claim {
        let id = desks.keys[place]
        let need = waiters.permits
        let isWhole = need > 1 && waiters.count == 1
        desks[place].sequence += 1
        return Claim(
            limitID: id, process: process, sequence: desks[place].sequence,
            configurationVersion: desks[place].configured.version, limit: desks[place].configured.limit,
            need: need, isWhole: isWhole,
            extra: isWhole || need == 0 ? 0 : extra(at: place, need: need, now: now),
            settlements: settlements(at: place, now: now),
            digest: replica.newestDigest(of: id), establishedAt: replica.establishment(of: id) ?? 0,
            checkpoint: replica.checkpointDue(for: id))
    }

    /// Permits for the requests expected within the lease time, and a quarter more. Those that this claim asks for
    /// already are no sign of more to come: else a burst would be followed by a lease that nobody uses.
    private mutating func extra(at place: Int, need: Int, now: OwnTime) -> Int {
        let arrived = Int64(max(0, desks[place].arrivals.count(now: now) - need))
        let expectedTimesSpan = arrived * rules.leaseTime
        guard expectedTimesSpan >= rules.rateSpan else { return 0 }
        let extra = (expectedTimesSpan * 5 + rules.rateSpan * 4 - 1) / (rules.rateSpan * 4)
        return min(Int(extra), Bounds.limit)
    }

    private mutating func answerOverdue(at place: Int, now: OwnTime, into actions: inout [Action]) {
        let overdue =
            desks[place].queue.filter { $0.deadline <= now }
            + (desks[place].inFlight?.waiters.filter { $0.deadline <= now } ?? [])
        guard !overdue.isEmpty else { return }
        for waiter in overdue { actions.append(.answer(ticket: waiter.ticket, unavailable(.late))) }
        desks[place].queue.removeAll { $0.deadline <= now }
        desks[place].inFlight?.waiters.removeAll { $0.deadline <= now }
    }

    private mutating func sendStrikes(at place: Int, now: OwnTime, into actions: inout [Action]) {
        guard !isAway, watch.hasReadBack, let count = desks[place].refusals.strikesDue(now: now) else { return }
        counts.strikes += 1
        let strike = Strike(
            limitID: desks.keys[place], process: process, limit: desks[place].configured.limit, count: count)
        actions.append(.append(LimitRecord.strike(strike).encoded(), key: strike.limitID))
    }

    private mutating func setTimer(at place: Int, now: OwnTime) {
        let desk = desks[place]
        var next = desk.refusals.strikesDueAt
        if let flight = desk.inFlight { next = min(next, flight.sentAt + rules.giveUpTime) }
        for part in desk.parts { next = min(next, part.validUntil) }
        for waiter in desk.queue { next = min(next, waiter.notBefore > now ? waiter.notBefore : waiter.deadline) }
        for waiter in desk.inFlight?.waiters ?? [] { next = min(next, waiter.deadline) }
        if next == .never || next <= now { next = now + rules.horizon }
        guard next < desk.timerAt else { return }
        desks[place].timerAt = next
        timers.add(desks.keys[place], at: next)
    }

    /// Closes a desk that has had nothing to do for as long as the log remembers this process's claims.
    private mutating func closeDesk(at place: Int, now: OwnTime) -> Bool {
        let id = desks.keys[place]
        guard desks[place].isIdle, desks[place].refusals.toldUntil < now, desks[place].arrivals.count(now: now) == 0,
            !replica.remembers(process, of: id)
        else { return false }
        sequenceBase = max(sequenceBase, desks[place].sequence)
        desks.remove(at: place)
        return true
    }
}
