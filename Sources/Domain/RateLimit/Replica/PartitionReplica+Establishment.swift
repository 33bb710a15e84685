extension PartitionReplica {
    /// The offset at which this process established itself for a limit; nil if it has not: then it must not claim.
    public func establishment(of id: LimitID) -> Int64? {
        if let place = established.place(of: id) { return established[place].at }
        if let place = pending.place(of: id) {
            return time - pending[place].lastClaimAt > rules.horizon ? nextOffset : nil
        }
        if isWhole { return 0 }
        return time - .zero > rules.horizon ? nextOffset : nil
    }

    /// A claim of a limit whose state is not known: kept, and looked at for a checkpoint.
    mutating func keep(_ claim: Claim, at place: Int, offset: Int64) -> Verdict? {
        let forgotten = time - rules.memory
        pending[place].kept.removeAll { $0.time < forgotten }
        var kept = Pending.Kept(offset: offset, time: time, claim: claim)
        kept.claim.checkpoint?.form = []
        pending[place].kept.append(kept)
        pending[place].lastClaimAt = time
        guard let checkpoint = claim.checkpoint, let asOf = reach(checkpoint, since: pending[place].since),
            let state = try? LimitReplica(form: checkpoint.form, at: asOf)
        else { return nil }
        return establish(claim.limitID, from: state, asOf: checkpoint.asOf, at: asOf, place: place, offset: offset)
    }

    /// T at the offset that a checkpoint is as of; nil if that was not read, or is no longer remembered.
    private func reach(_ checkpoint: Checkpoint, since: Int64) -> LogTime? {
        if checkpoint.asOf >= since, let time = offsetTimes.time(of: checkpoint.asOf) { return time }
        return rules.omitted.contains(.checkpointWithinReach) ? .zero : nil
    }

    /// Takes a checkpoint, and applies again what lies between it and the record that carried it, this one last.
    private mutating func establish(
        _ id: LimitID, from state: LimitReplica, asOf: Int64, at time: LogTime, place: Int, offset: Int64
    ) -> Verdict? {
        var new = Established(state: state, at: offset, checkpointAt: time)
        var verdict: Verdict?
        for kept in pending[place].kept where kept.offset > asOf {
            guard !rules.omitted.contains(.reapplication) || kept.offset == offset else { continue }
            verdict = new.state.apply(kept.claim, at: kept.time, rules: rules)
            guard kept.claim.checkpoint != nil else { continue }
            let bits = new.state.digest(at: kept.time, rules: rules)
            new.digests.add(StateDigest(offset: kept.offset, bits: bits))
        }
        new.lastOffset = offset
        pending.remove(at: place)
        _ = established.add(new, for: id)
        counts.checkpointsTaken += 1
        return verdict
    }

    /// The checkpoint that a claim of this limit must carry now; nil if a newer one was read.
    func checkpointDue(for id: LimitID) -> Checkpoint? {
        guard nextOffset > 0 else { return nil }
        let known = established.place(of: id)
        if let known, let newest = established[known].checkpointAt, time - newest <= rules.checkpointInterval {
            return nil
        }
        let form = known.map { established[$0].state.form(at: time, rules: rules) } ?? [0]
        return form.count <= Bounds.form ? Checkpoint(asOf: nextOffset - 1, form: form) : nil
    }

    /// The newest digest of a limit's state.
    func newestDigest(of id: LimitID) -> StateDigest? {
        established.place(of: id).flatMap { established[$0].digests.newest }
    }
}
