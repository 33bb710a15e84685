extension Claimant {
    /// Takes `count` permits of what is open and valid now, all or none. The check is the admission.
    mutating func take(_ count: Int, at place: Int, now: OwnTime) -> Bool {
        var available = 0
        for part in desks[place].parts where now < part.validUntil { available += part.left }
        guard available >= count else { return false }
        var missing = count
        for index in desks[place].parts.indices where missing > 0 && now < desks[place].parts[index].validUntil {
            let taken = min(missing, desks[place].parts[index].left)
            desks[place].parts[index].left -= taken
            for _ in 0..<taken { desks[place].parts[index].uses.append(now) }
            missing -= taken
            if desks[place].parts[index].part == .leased { counts.leased += taken } else { counts.claimed += taken }
        }
        return true
    }

    /// Opens a granted part. Its validity began when the claim was sent: no later than it was charged from.
    mutating func open(_ part: Part, of flight: Flight, count: Int, at place: Int, now: OwnTime) {
        guard count > 0 else { return }
        let span = part == .waiting ? rules.useTime : rules.leaseTime
        let start = rules.omitted.contains(.validityFromSending) ? now : flight.sentAt
        desks[place].parts.append(
            OpenPart(
                sequence: flight.sequence, part: part, sentAt: flight.sentAt, validUntil: start + span, left: count))
        if now >= start + span { counts.lateVerdicts += 1 }
    }

    /// Closes the parts of which nothing can be used any more; each will be settled, at once where permits come free.
    mutating func closeParts(at place: Int, now: OwnTime) {
        guard desks[place].parts.contains(where: { $0.left == 0 || now >= $0.validUntil }) else { return }
        for part in desks[place].parts where part.left == 0 || now >= part.validUntil {
            desks[place].owed.append(
                Owed(
                    sequence: part.sequence, part: part.part, sentAt: part.sentAt, uses: part.uses,
                    isUrgent: part.left > 0))
        }
        desks[place].parts.removeAll { $0.left == 0 || now >= $0.validUntil }
    }

    /// The settlements that the next claim carries, as of its sending.
    func settlements(at place: Int, now: OwnTime) -> [Settlement] {
        var settlements = desks[place].owed.prefix(Bounds.settlements).map { settlement(of: $0, now: now) }
        if rules.omitted.contains(.closedLeases) {
            for open in desks[place].parts where open.part == .leased && settlements.count < Bounds.settlements {
                let owed = Owed(
                    sequence: open.sequence, part: .leased, sentAt: open.sentAt, uses: open.uses, isUrgent: false)
                settlements.append(settlement(of: owed, now: now))
            }
        }
        return settlements
    }

    /// Ages are rounded down: up would free a permit before its use has left the window.
    private func settlement(of owed: Owed, now: OwnTime) -> Settlement {
        var settlement = Settlement(sequence: owed.sequence, part: owed.part)
        for use in owed.uses.reversed() {
            let age = max(0, now.milliseconds(since: use))
            let steps = age / rules.ageStep + (rules.omitted.contains(.agesRoundedDown) ? 1 : 0)
            if settlement.uses.last?.ageSteps == steps {
                settlement.uses[settlement.uses.count - 1].count += 1
            } else {
                settlement.uses.append(.init(ageSteps: min(steps, 1_000_000), count: 1))
            }
        }
        return settlement
    }

    /// This process does not know the limit's state any more: what it was granted by that state is used no further.
    mutating func closeLostParts(of id: LimitID, now: OwnTime) {
        guard let place = desks.place(of: id) else { return }
        for index in desks[place].parts.indices {
            desks[place].parts[index].validUntil = min(desks[place].parts[index].validUntil, now)
        }
    }

    /// What was charged for claims sent so long ago is free by now, settled or not.
    mutating func dropWorthlessSettlements(at place: Int, now: OwnTime) {
        let span = rules.horizon + rules.giveUpTime
        guard desks[place].owed.contains(where: { now > $0.sentAt + span }) else { return }
        desks[place].owed.removeAll { now > $0.sentAt + span }
    }
}
