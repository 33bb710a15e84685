extension Claimant {
    /// An own claim was read back: that is its acknowledgement, and brings its verdict.
    mutating func readBack(_ claim: Claim, _ verdict: Verdict?, now: OwnTime, into actions: inout [Action]) {
        guard let place = limits.place(of: claim.limitID), let flight = limits[place].inFlight,
            flight.sequence == claim.sequence
        else { return }
        isAway = false
        watch.ownRecordRead(sentAt: flight.sentAt, at: replica.time, stamp: replica.lastTimestamp, now: now)
        limits[place].inFlight = nil
        guard let verdict, !verdict.isRepeated else {
            // The state was lost while the claim was under way: what it was granted is not known, and not used.
            oweAsUnused(flight, at: place)
            for waiter in flight.waiters {
                actions.append(.answer(ticket: waiter.ticket, unavailable(.notEstablished)))
            }
            return advance(place, now: now, into: &actions)
        }
        limits[place].owed.removeFirst(flight.settlements)
        open(.waiting, of: flight, count: verdict.need, at: place, now: now)
        open(.leased, of: flight, count: verdict.extra, at: place, now: now)
        serve(flight, granted: verdict.need, at: place, now: now, into: &actions)
        advance(place, now: now, into: &actions)
    }

    /// Answers the requests that a claim was sent for, then any others that wait and find a permit.
    private mutating func serve(
        _ flight: Flight, granted: Int, at place: Int, now: OwnTime, into actions: inout [Action]
    ) {
        let obstacle = obstacleToUse(of: limits.keys[place], now: now)
        var late: [Waiter] = []
        var ahead = 0
        for waiter in flight.waiters {
            ahead += waiter.permits
            if let obstacle {
                actions.append(.answer(ticket: waiter.ticket, unavailable(obstacle)))
            } else if take(waiter.permits, at: place, now: now) {
                actions.append(.answer(ticket: waiter.ticket, .granted))
            } else if ahead <= granted {
                late.append(waiter)
            } else {
                refused(waiter, at: place, now: now, into: &actions)
            }
        }
        claimAgain(late, at: place, now: now, into: &actions)
        guard obstacle == nil else { return }
        let waiting = limits[place].queue
        limits[place].queue = []
        for waiter in waiting {
            if take(waiter.permits, at: place, now: now) {
                actions.append(.answer(ticket: waiter.ticket, .granted))
            } else {
                limits[place].queue.append(waiter)
            }
        }
    }

    /// Requests whose permits came too late, or were given up, are claimed for once more, before all others.
    private mutating func claimAgain(_ waiters: [Waiter], at place: Int, now: OwnTime, into actions: inout [Action]) {
        var again: [Waiter] = []
        for var waiter in waiters {
            guard waiter.stage != .lateVerdict, waiter.deadline > now else {
                actions.append(.answer(ticket: waiter.ticket, unavailable(.late)))
                continue
            }
            waiter.stage = .lateVerdict
            waiter.notBefore = now
            again.append(waiter)
        }
        limits[place].queue.insert(contentsOf: again, at: 0)
    }

    /// The claim in flight is given up: whatever it was granted is never used, and settled so.
    mutating func giveUp(at place: Int, now: OwnTime, into actions: inout [Action]) {
        guard let flight = limits[place].inFlight else { return }
        counts.givenUp += 1
        oweAsUnused(flight, at: place)
        guard !rules.omitted.contains(.replacedProducers) else { return }
        limits[place].inFlight = nil
        claimAgain(flight.waiters, at: place, now: now, into: &actions)
    }

    private mutating func oweAsUnused(_ flight: Flight, at place: Int) {
        for part in [Part.waiting, .leased] {
            limits[place].owed.append(
                Owed(sequence: flight.sequence, part: part, sentAt: flight.sentAt, uses: [], isUrgent: true))
        }
    }
}
