extension Claimant {
    /// Whether this process's own replica shows that a request cannot have its permits now: the instant to try again
    /// at, or nil if it may wait: for a claim, or (noted in `waiter`) for a permit that comes soon.
    mutating func refusedLocally(_ waiter: inout Waiter, at place: Int, now: OwnTime) -> OwnTime? {
        guard let lead = watch.lead, let free = nextFree(waiter.permits, at: place) else { return nil }
        let freeAt = lead.ownTime(of: free)
        guard freeAt > now else { return nil }
        guard freeAt <= now + rules.shortWait else { return freeAt }
        return waitShortly(&waiter, at: place, now: now)
    }

    /// A verdict refused a request.
    mutating func refused(_ waiter: Waiter, at place: Int, now: OwnTime, into actions: inout [Action]) {
        var waiter = waiter
        let retryAt: OwnTime
        if waiter.stage == .first {
            guard let later = waitShortly(&waiter, at: place, now: now) else {
                return limits[place].queue.append(waiter)
            }
            retryAt = later
        } else {
            retryAt = nextFree(waiter.permits, at: place).flatMap { watch.lead?.ownTime(of: $0) } ?? now
        }
        counts.refused += 1
        actions.append(.answer(ticket: waiter.ticket, refuse(until: retryAt, at: place, now: now)))
    }

    /// When to try again; nil if the permits for the request's own place come soon: then it claims just after that.
    private func waitShortly(_ waiter: inout Waiter, at place: Int, now: OwnTime) -> OwnTime? {
        let limit = limits[place]
        let count = limit.waitingPermits + waiter.permits
        guard let lead = watch.lead,
            let free = replica.time(of: limits.keys[place], permits: count, configured: limit.configured)
        else { return now + rules.window }
        let freeAt = lead.ownTime(of: free)
        guard freeAt <= now + rules.shortWait else { return freeAt }
        waiter.stage = .shortWait
        waiter.notBefore = max(now, freeAt + rules.shortWaitMargin)
        return nil
    }

    mutating func refuse(until retryAt: OwnTime, at place: Int, now: OwnTime) -> PermitDecision {
        let later = max(retryAt, now) + rules.shortWaitMargin
        let seconds = (later.millisecondsRoundedUp(since: now) + 999) / 1_000
        limits[place].refusals.note(now: now, until: now + seconds * 1_000, rules: rules)
        return .refused(retryAt: later)
    }

    /// When so many permits are free, by the replica. For one permit the answer is kept until the limit's next record:
    /// under attack it is asked for very often.
    private mutating func nextFree(_ permits: Int, at place: Int) -> LogTime? {
        let (id, configured) = (limits.keys[place], limits[place].configured)
        guard permits == 1, let asOf = replica.lastOffset(of: id) else {
            return replica.time(of: id, permits: permits, configured: configured)
        }
        if let known = limits[place].refusals.nextFree, known.asOf == asOf, known.version == configured.version {
            return known.time
        }
        guard let time = replica.time(of: id, permits: 1, configured: configured) else { return nil }
        limits[place].refusals.nextFree = .init(asOf: asOf, version: configured.version, time: time)
        return time
    }

    /// The latest instants at which this process refused someone for a limit: at most ten, oldest first.
    public func latestRefusals(of id: LimitID) -> [OwnTime] { limits[id]?.refusals.latest ?? [] }

    /// A limit's current state.
    public mutating func standing(of id: LimitID, configured: VersionedLimit, now: OwnTime) -> Standing {
        let time = watch.lead?.logTime(at: now) ?? replica.time
        let (limit, free) = replica.standing(of: id, at: max(time, replica.time), configured: configured)
        var remaining = free
        var nextPermitAt: OwnTime?
        if let place = limits.place(of: id) {
            for part in limits[place].parts where now < part.validUntil { remaining += part.left }
            if remaining == 0 { nextPermitAt = nextFree(1, at: place).flatMap { watch.lead?.ownTime(of: $0) } }
        } else if remaining == 0 {
            nextPermitAt = replica.time(of: id, permits: 1, configured: configured)
                .flatMap { watch.lead?.ownTime(of: $0) }
        }
        return Standing(limit: limit, remaining: remaining, nextPermitAt: nextPermitAt)
    }
}
