/// What a record said.
public enum Reading: Sendable {
    /// A claim; its verdict is nil if the limit is not established here.
    case claim(Claim, Verdict?)
    case probe(Probe)
    /// Strikes, and whether these were the ones that brought a restriction.
    case strike(Strike, bringsRestriction: Bool)
    /// Bytes that every replica skips.
    case skipped(RecordFault)
    /// A record of rules that this program does not know.
    case unknownRules(UInt8)
}

extension PartitionReplica {
    /// The record at `offset` was read, which the broker stamped with `timestamp` (its LogAppendTime, in milliseconds
    /// since 1970). The bytes are its value, nil for a tombstone.
    public mutating func read(_ bytes: [UInt8]?, offset: Int64, timestamp: Milliseconds) -> Reading {
        do throws(RecordFault) {
            return read(try LimitRecord(decoding: bytes ?? []), offset: offset, timestamp: timestamp)
        } catch {
            advance(to: timestamp, offset: offset)
            if case .unknownRules(let version) = error { return .unknownRules(version) }
            counts.skipped += 1
            return .skipped(error)
        }
    }

    /// The same, for a record that is decoded already.
    public mutating func read(_ record: LimitRecord, offset: Int64, timestamp: Milliseconds) -> Reading {
        advance(to: timestamp, offset: offset)
        sweep()
        switch record {
        case .claim(let claim): return .claim(claim, judge(claim, offset: offset))
        case .probe(let probe): return .probe(probe)
        case .strike(let strike):
            let crosses = strikes[strike.limitID, default: StrikeSum()]
                .add(strike.count, at: time, limit: strike.limit, window: rules.strikeWindow)
            return .strike(strike, bringsRestriction: crosses)
        }
    }

    /// T advances by forward moves only, so where it started does not matter.
    private mutating func advance(to timestamp: Milliseconds, offset: Int64) {
        if let lastTimestamp { time = time + max(0, timestamp - lastTimestamp) }
        lastTimestamp = timestamp
        firstOffset = firstOffset ?? offset
        nextOffset = offset + 1
        offsetTimes.add(offset, at: time, memory: rules.memory)
        counts.records += 1
    }

    private mutating func judge(_ claim: Claim, offset: Int64) -> Verdict? {
        if let place = established.place(of: claim.limitID) {
            guard compareDigest(of: claim, at: place, offset: offset) else { return nil }
            return apply(claim, at: place, offset: offset)
        }
        if let place = pending.place(of: claim.limitID) {
            guard time - pending[place].lastClaimAt > rules.horizon else {
                return keep(claim, at: place, offset: offset)
            }
            pending.remove(at: place)
            return start(claim, offset: offset, establishedAt: offset)
        }
        if !isWhole, time - .zero <= rules.horizon {
            let new = Pending(since: firstOffset ?? offset, lastClaimAt: time)
            return keep(claim, at: pending.add(new, for: claim.limitID), offset: offset)
        }
        return start(claim, offset: offset, establishedAt: isWhole ? 0 : offset)
    }

    /// Nobody claimed for longer than anything lasts: what there is to know is that there is nothing.
    private mutating func start(_ claim: Claim, offset: Int64, establishedAt: Int64) -> Verdict {
        apply(claim, at: established.add(Established(at: establishedAt), for: claim.limitID), offset: offset)
    }

    private mutating func apply(_ claim: Claim, at place: Int, offset: Int64) -> Verdict {
        let verdict = established[place].state.apply(claim, at: time, rules: rules)
        established[place].lastOffset = offset
        if let checkpoint = claim.checkpoint {
            noteCheckpoint(asOf: checkpoint.asOf, at: place, offset: offset)
        }
        return verdict
    }

    private mutating func noteCheckpoint(asOf: Int64, at place: Int, offset: Int64) {
        if let asOfTime = offsetTimes.time(of: asOf), asOfTime > established[place].checkpointAt ?? asOfTime - 1 {
            established[place].checkpointAt = asOfTime
        }
        let bits = established[place].state.digest(at: time, rules: rules)
        established[place].digests.add(StateDigest(offset: offset, bits: bits))
    }

    /// False if the sender's state and ours differed after the same record, and ours is the younger one.
    private mutating func compareDigest(of claim: Claim, at place: Int, offset: Int64) -> Bool {
        guard let digest = claim.digest, let ours = established[place].digests.bits(at: digest.offset),
            ours != digest.bits
        else { return true }
        counts.disagreements += 1
        guard established[place].at >= claim.establishedAt, !rules.omitted.contains(.digests) else { return true }
        established.remove(at: place)
        _ = pending.add(Pending(since: offset, lastClaimAt: time), for: claim.limitID)
        return false
    }

    /// Drops what silence has made worthless.
    private mutating func sweep() {
        let (time, rules) = (time, rules)
        established.sweep(2) { $0.state.isForgotten(at: time, rules: rules) }
        pending.sweep(2) { time - $0.lastClaimAt > rules.horizon }
        if counts.records % 1_024 == 0, !strikes.isEmpty {
            strikes = strikes.filter { !$0.value.isOver(at: time, window: rules.strikeWindow) }
        }
    }
}
