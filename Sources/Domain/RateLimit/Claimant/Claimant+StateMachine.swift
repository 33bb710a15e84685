extension Claimant {
    /// A request wants permits. Returns the answer, or nil if it has to wait: then the answer comes as an action,
    /// perhaps in this very call.
    public mutating func want(_ wish: Wish, now: OwnTime, into actions: inout [Action]) -> PermitDecision? {
        let place = self.place(for: wish)
        if wish.permits == 1 { limits[place].arrivals.add(now: now) }
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
        limits[place].queue.append(waiter)
        advance(place, now: now, into: &actions)
        return nil
    }

    /// A waiting request's caller is gone: its permit goes to the next one.
    public mutating func abandon(ticket: UInt64, of limitID: LimitID) {
        guard let place = limits.place(of: limitID) else { return }
        limits[place].queue.removeAll { $0.ticket == ticket }
        limits[place].inFlight?.waiters.removeAll { $0.ticket == ticket }
    }

    /// The record at `offset` was read, stamped by the broker with `timestamp` (milliseconds since 1970). The bytes are
    /// its value, nil for a tombstone.
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
    /// whether the partition is available again, and other partitions' claims must not suffer for that.
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
        for place in 0..<limits.count where limits[place].inFlight != nil {
            giveUp(at: place, now: now, into: &actions)
            advance(place, now: now, into: &actions)
        }
    }

    /// Time has passed.
    public mutating func tick(now: OwnTime, into actions: inout [Action]) {
        sendProbe(now: now, into: &actions)
        while let timer = timers.due(now: now) {
            guard let place = limits.place(of: timer.limitID), limits[place].timerAt == timer.at else { continue }
            limits[place].timerAt = .never
            advance(place, now: now, into: &actions)
        }
    }

    /// When ``tick(now:into:)`` must be called next.
    public var nextTick: OwnTime { min(timers.next, watch.nextProbeAt) }

    /// Whether this process's own probe has been read back here, so that the log was read to its end.
    public var isReady: Bool { watch.hasReadBack && unknownRules == nil }

    /// Why this partition decides nothing now; nil if it does decide.
    public func obstacle(now: OwnTime) -> Unavailability? {
        if let unknownRules { return .unknownRules(unknownRules) }
        return obstacleToClaim ?? watch.alarm(now: now, time: replica.time).map { .clockAlarm(remaining: $0) }
    }

    private mutating func sendProbe(now: OwnTime, into actions: inout [Action]) {
        guard let probe = watch.tick(now: now) else { return }
        counts.probes += 1
        actions.append(.append(LimitRecord.probe(probe).encoded(), key: nil))
    }

    private mutating func place(for wish: Wish) -> Int {
        guard let place = limits.place(of: wish.limitID) else {
            return limits.add(LimitState(configured: wish.configured, sequence: sequenceBase), for: wish.limitID)
        }
        if wish.configured.version > limits[place].configured.version { limits[place].configured = wish.configured }
        return place
    }

    /// Why no grant of this limit may be used now.
    func obstacleToUse(of id: LimitID, now: OwnTime) -> Unavailability? {
        if let unknownRules { return .unknownRules(unknownRules) }
        if let remaining = watch.alarm(now: now, time: replica.time) { return .clockAlarm(remaining: remaining) }
        return replica.establishment(of: id) == nil ? .notEstablished : nil
    }

    /// Why nothing can be claimed either; leases may still be used.
    var obstacleToClaim: Unavailability? {
        if !watch.hasReadBack { return .starting }
        return isAway ? .away : nil
    }

    mutating func unavailable(_ why: Unavailability) -> PermitDecision {
        counts.unavailable += 1
        return .unavailable(why)
    }
}
