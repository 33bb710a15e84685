extension Claimant {
    /// Takes `count` permits of what is open and valid now, all or none. The check is the admission.
    mutating func take(_ count: Int, at place: Int, now: OwnTime) -> Bool {
        var available = 0
        for part in limits[place].parts where now < part.validUntil { available += part.left }
        guard available >= count else { return false }
        var missing = count
        for index in limits[place].parts.indices where missing > 0 && now < limits[place].parts[index].validUntil {
            let taken = min(missing, limits[place].parts[index].left)
            limits[place].parts[index].left -= taken
            for _ in 0..<taken { limits[place].parts[index].uses.append(now) }
            missing -= taken
            if limits[place].parts[index].part == .leased { counts.leased += taken } else { counts.claimed += taken }
        }
        return true
    }

    /// Opens a granted part. Its validity began when the claim was sent: no later than it was charged from.
    mutating func open(_ part: Part, of flight: Flight, count: Int, at place: Int, now: OwnTime) {
        guard count > 0 else { return }
        let span = part == .waiting ? rules.useTime : rules.leaseTime
        let start = rules.omitted.contains(.validityFromSending) ? now : flight.sentAt
        limits[place].parts.append(
            OpenPart(
                sequence: flight.sequence, part: part, sentAt: flight.sentAt, validUntil: start + span, left: count))
        if now >= start + span { counts.lateVerdicts += 1 }
    }

    /// Closes the parts of which nothing can be used any more; each will be settled, at once where permits come free.
    mutating func closeParts(at place: Int, now: OwnTime) {
        guard limits[place].parts.contains(where: { $0.left == 0 || now >= $0.validUntil }) else { return }
        for part in limits[place].parts where part.left == 0 || now >= part.validUntil {
            limits[place].owed.append(
                Owed(
                    sequence: part.sequence, part: part.part, sentAt: part.sentAt, uses: part.uses,
                    isUrgent: part.left > 0))
        }
        limits[place].parts.removeAll { $0.left == 0 || now >= $0.validUntil }
    }

    /// The settlements that the next claim carries, as of its sending.
    func settlements(at place: Int, now: OwnTime) -> [Settlement] {
        var settlements = limits[place].owed.prefix(Bounds.settlements).map { settlement(of: $0, now: now) }
        if rules.omitted.contains(.closedLeases) {
            for open in limits[place].parts where open.part == .leased && settlements.count < Bounds.settlements {
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

    /// This process no longer knows the limit's state: what it was granted by that state is not used any more.
    mutating func closeLostParts(of id: LimitID, now: OwnTime) {
        guard let place = limits.place(of: id) else { return }
        for index in limits[place].parts.indices {
            limits[place].parts[index].validUntil = min(limits[place].parts[index].validUntil, now)
        }
    }

    /// What was charged for claims sent so long ago is free by now, settled or not.
    mutating func dropWorthlessSettlements(at place: Int, now: OwnTime) {
        let span = rules.horizon + rules.giveUpTime
        guard limits[place].owed.contains(where: { now > $0.sentAt + span }) else { return }
        limits[place].owed.removeAll { now > $0.sentAt + span }
    }
}
