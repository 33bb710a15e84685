extension Claimant {
    /// A request wants permits. Its answer, or nil where it has to wait: then it comes as an action, maybe at once.
    public mutating func want(_ wish: Wish, now: OwnTime, into actions: inout [Action]) -> Answer? {
        let place = desk(for: wish)
        if wish.permits == 1 { desks[place].arrivals.add(now: now) }
        if let obstacle = obstacleToUse(of: wish.limitID, now: now) { return unavailable(obstacle) }
        if take(wish.permits, at: place, now: now) { return .granted }
        if let obstacle = obstacleToClaim { return unavailable(obstacle) }
        let limit = replica.limit(of: wish.limitID, configured: wish.configured)
        guard wish.permits <= limit else { return .tooMany(limit: limit) }

        var waiter = Waiter(
            ticket: wish.ticket, permits: wish.permits, notBefore: now, deadline: now + rules.waitTime)
        if let retryAt = refusedLocally(&waiter, at: place, now: now) {
            counts.refusedLocally += 1
            return refuse(until: retryAt, at: place, now: now)
        }
        desks[place].queue.append(waiter)
        advance(place, now: now, into: &actions)
        return nil
    }

    /// A waiting request's caller is gone: its permit is the next one's.
    public mutating func abandon(ticket: UInt64, of limitID: LimitID) {
        guard let place = desks.place(of: limitID) else { return }
        desks[place].queue.removeAll { $0.ticket == ticket }
        desks[place].inFlight?.waiters.removeAll { $0.ticket == ticket }
    }

    /// The record at `offset` was read, stamped by the broker with `timestamp`.
    public mutating func read(
        _ bytes: [UInt8]?, offset: Int64, timestamp: Milliseconds, now: OwnTime, into actions: inout [Action]
    ) -> Reading {
        let reading = replica.read(bytes, offset: offset, timestamp: timestamp)
        switch reading {
        case .claim(let claim, let verdict):
            if verdict == nil { closeLostParts(of: claim.limitID, now: now) }
            if claim.process == process { readBack(claim, verdict, now: now, into: &actions) }
        case .probe(let probe):
            watch.read(probe, at: replica.time, stamp: replica.lastTimestamp, now: now)
            if probe.process == process { isAway = false }
        case .strike(let strike, let bringsRestriction):
            if bringsRestriction, strike.process == process { actions.append(.restrict(strike.limitID)) }
        case .unknownRules(let version): unknownRules = version
        case .skipped: break
        }
        return reading
    }

    /// A record of this process could not be delivered, or not for certain: until something is read back, no more is
    /// claimed here.
    ///
    /// A lost claim costs the producer. A lost probe does not, for a while: it is sent where nothing else is, to see
    /// whether the partition is there again, and other partitions' claims are not to suffer for that.
    public mutating func deliveryFailed(isProbe: Bool, now: OwnTime, into actions: inout [Action]) {
        isAway = true
        if isProbe, let last = watch.lastReadBackAt, now < last + rules.silenceTime { return }
        watch.lastReadBackAt = now
        actions.append(.replaceProducer)
    }

    /// The process has a new producer. What is in flight may or may not be on the log, or come there later: it is given
    /// up, settled as unused, and not used whatever is read back.
    public mutating func producerReplaced(now: OwnTime, into actions: inout [Action]) {
        watch.producerReplaced()
        sendProbe(now: now, into: &actions)
        for place in 0..<desks.count where desks[place].inFlight != nil {
            giveUp(at: place, now: now, into: &actions)
            advance(place, now: now, into: &actions)
        }
    }

    /// Time has passed.
    public mutating func tick(now: OwnTime, into actions: inout [Action]) {
        sendProbe(now: now, into: &actions)
        while let timer = timers.due(now: now) {
            guard let place = desks.place(of: timer.limitID), desks[place].timerAt == timer.at else { continue }
            desks[place].timerAt = .never
            advance(place, now: now, into: &actions)
        }
    }

    /// When ``tick(now:into:)`` is wanted next.
    public var nextTick: OwnTime { min(timers.next, watch.nextProbeAt) }

    /// Whether this process's own probe has been read back here, so that the log was read to its end.
    public var isReady: Bool { watch.hasReadBack && unknownRules == nil }

    /// Why this partition answers nothing now; nil: it does.
    public func obstacle(now: OwnTime) -> Unavailability? {
        if let unknownRules { return .unknownRules(unknownRules) }
        return obstacleToClaim ?? watch.alarm(now: now, time: replica.time).map { .clockAlarm(remaining: $0) }
    }

    private mutating func sendProbe(now: OwnTime, into actions: inout [Action]) {
        guard let probe = watch.tick(now: now) else { return }
        counts.probes += 1
        actions.append(.append(LimitRecord.probe(probe).encoded(), key: nil))
    }

    private mutating func desk(for wish: Wish) -> Int {
        guard let place = desks.place(of: wish.limitID) else {
            return desks.add(Desk(configured: wish.configured, sequence: sequenceBase), for: wish.limitID)
        }
        if wish.configured.version > desks[place].configured.version { desks[place].configured = wish.configured }
        return place
    }

    /// Why no grant of this limit may be used now.
    func obstacleToUse(of id: LimitID, now: OwnTime) -> Unavailability? {
        if let unknownRules { return .unknownRules(unknownRules) }
        if let remaining = watch.alarm(now: now, time: replica.time) { return .clockAlarm(remaining: remaining) }
        return replica.establishment(of: id) == nil ? .notEstablished : nil
    }

    /// Why none can be claimed either; leases may still be used.
    var obstacleToClaim: Unavailability? {
        if !watch.hasReadBack { return .starting }
        return isAway ? .away : nil
    }

    mutating func unavailable(_ why: Unavailability) -> Answer {
        counts.unavailable += 1
        return .unavailable(why)
    }
}
