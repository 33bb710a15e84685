extension LimitReplica {
    /// A claim of this limit was read, when its partition's time was `time`.
    mutating func apply(_ claim: Claim, at time: LogTime, rules: Rules) -> Verdict {
        if isForgotten(at: time, rules: rules) { self = LimitReplica() }
        if !rules.omitted.contains(.forgettingFirst) { forgetMembers(at: time, rules: rules) }
        lastClaimAt = time
        guard let member = enter(claim, at: time, rules: rules) else { return .repeated }
        if claim.configurationVersion > version {
            version = claim.configurationVersion
            limit = Int32(claim.limit)
        }
        release(until: time)
        for settlement in claim.settlements { settle(settlement, of: claim.process, at: time, rules: rules) }
        let verdict = grant(claim, at: time, rules: rules)
        members[member].grants.add(verdict.need + verdict.extra, at: time)
        return verdict
    }

    /// Whether nothing that happened before is left at `time`.
    func isForgotten(at time: LogTime, rules: Rules) -> Bool { time - lastClaimAt > rules.horizon }

    /// Rule 0: what is older than W' + d is forgotten…
    private mutating func forgetMembers(at time: LogTime, rules: Rules) {
        guard members.contains(where: { time - $0.lastClaimAt > rules.horizon }) else { return }
        members.removeAll { time - $0.lastClaimAt > rules.horizon }
    }

    /// …and a sequence number not above the process's highest changes nothing. Else the member's place.
    private mutating func enter(_ claim: Claim, at time: LogTime, rules: Rules) -> Int? {
        guard let place = members.firstIndex(where: { $0.process == claim.process }) else {
            members.append(Member(process: claim.process, sequence: claim.sequence, lastClaimAt: time))
            return members.count - 1
        }
        guard claim.sequence > members[place].sequence || rules.omitted.contains(.duplicates) else { return nil }
        members[place].sequence = claim.sequence
        members[place].lastClaimAt = time
        return place
    }

    /// Rule 1: permits whose time has come are free.
    mutating func release(until time: LogTime) {
        while Int(firstSpent) < spent.count, spent[Int(firstSpent)].freeAt <= time {
            charged -= Int(spent[Int(firstSpent)].count)
            firstSpent += 1
        }
        // Removed in one go when half of the list is dead, so that a large limit moves each element about once.
        if firstSpent > 8, Int(firstSpent) * 2 >= spent.count {
            spent.removeFirst(Int(firstSpent))
            firstSpent = 0
        }
        guard held.contains(where: { $0.freeAt <= time }) else { return }
        for run in held where run.freeAt <= time { charged -= Int(run.count) }
        held.removeAll { $0.freeAt <= time }
    }

    /// Rule 2: a part of a claim is closed. What was not used is free, the rest when its use leaves the window.
    private mutating func settle(_ settlement: Settlement, of process: ProcessID, at time: LogTime, rules: Rules) {
        guard let place = place(of: settlement, process: process, rules: rules) else { return }
        let run = held.remove(at: place)
        charged -= Int(run.count)
        // No permit was used before its claim lay on the log; so none is free before a window after that, whatever the
        // settlement says.
        var floor = run.freeAt - (run.part == .waiting ? rules.useTime : rules.leaseCharge)
        if rules.omitted.contains(.settlementFloor) { floor = .init(milliseconds: .min) }
        for use in settlement.uses {
            let usedAgo = use.ageSteps * rules.ageStep
            let freeAt = min(run.freeAt, max(floor, time - usedAgo + rules.guardedWindow))
            charge(use.count, until: freeAt)
        }
    }

    private func place(of settlement: Settlement, process: ProcessID, rules: Rules) -> Int? {
        if let place = held.lastIndex(where: {
            $0.sequence == settlement.sequence && $0.part == settlement.part && $0.process == process
        }) {
            return place
        }
        guard rules.omitted.contains(.settlementOnce) else { return nil }
        return held.lastIndex { $0.process == process && $0.part == settlement.part }
    }

    private mutating func charge(_ count: Int, until freeAt: LogTime) {
        charged += count
        var place = spent.count
        while place > Int(firstSpent), spent[place - 1].freeAt > freeAt { place -= 1 }
        if place > Int(firstSpent), spent[place - 1].freeAt == freeAt {
            spent[place - 1].count += Int32(count)
        } else {
            spent.insert(Spent(freeAt: freeAt, count: Int32(count)), at: place)
        }
    }

    /// Rules 3 and 4: what is left is granted, first what is needed, then a share of the rest ahead.
    private mutating func grant(_ claim: Claim, at time: LogTime, rules: Rules) -> Verdict {
        let available = max(0, Int(limit) - charged)
        let need = claim.isWhole && claim.need > available ? 0 : min(claim.need, available)
        hold(need, for: claim, part: .waiting, until: time + rules.useTime + rules.guardedWindow)

        let rest = available - need
        let sharers = members.count { time - $0.lastClaimAt <= 2 * rules.leaseTime }
        let extra = rest >= 2 * sharers ? min(claim.extra, rest / (2 * sharers)) : 0
        hold(extra, for: claim, part: .leased, until: time + rules.leaseCharge + rules.guardedWindow)
        return Verdict(need: need, extra: extra)
    }

    private mutating func hold(_ count: Int, for claim: Claim, part: Part, until freeAt: LogTime) {
        guard count > 0 else { return }
        charged += count
        held.append(
            Held(freeAt: freeAt, process: claim.process, sequence: claim.sequence, count: Int32(count), part: part))
    }
}
