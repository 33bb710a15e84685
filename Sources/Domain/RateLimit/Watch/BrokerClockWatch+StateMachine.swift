extension BrokerClockWatch {
    /// A claim was sent: no probe is needed for a while.
    mutating func claimSent(at now: OwnTime) { lastSentAt = now }

    /// Time has passed: the probe to send now, if one is due.
    mutating func tick(now: OwnTime) -> Probe? {
        guard isProbeWanted || now >= nextProbeAt else { return nil }
        isProbeWanted = false
        lastSentAt = now
        probesSent += 1
        if openProbes.count >= 8 { openProbes.removeFirst() }
        openProbes.append(OpenProbe(sequence: probesSent, sentAt: now))
        return Probe(process: process, sequence: probesSent, alarmRemaining: ownAlarmRemaining(now: now))
    }

    /// When the next probe is due.
    var nextProbeAt: OwnTime {
        guard let lastSentAt, !isProbeWanted else { return OwnTime(nanoseconds: .min) }
        return lastSentAt + rules.probeInterval
    }

    /// The producer was replaced, or a claim was lost: what is in flight may never come, and others' may not either.
    mutating func producerReplaced() { isProbeWanted = true }

    /// A probe was read when T was `time`; `stamp` is what the broker's clock showed.
    mutating func read(_ probe: Probe, at time: LogTime, stamp: Milliseconds? = nil, now: OwnTime) {
        if probe.process == process {
            guard let place = openProbes.firstIndex(where: { $0.sequence == probe.sequence }) else { return }
            let sentAt = openProbes[place].sentAt
            openProbes.removeFirst(place + 1)
            hasReadBack = true
            ownRecordRead(sentAt: sentAt, at: time, stamp: stamp, now: now)
        } else if probe.alarmRemaining > 0 {
            let until = time + probe.alarmRemaining
            othersAlarmUntil = max(othersAlarmUntil ?? until, until)
        }
    }

    /// A record of this process, sent at `sentAt`, was read back when T was `time`.
    mutating func ownRecordRead(sentAt: OwnTime, at time: LogTime, stamp: Milliseconds? = nil, now: OwnTime) {
        if let stamp { offset.note(stamp, sentAt: sentAt, readAt: now) }
        lead = Lead(of: time, over: sentAt)
        lastReadBackAt = now
        lookForJump(least: Lead(of: time, over: now), now: now)
        let most = Lead(of: time, over: rules.omitted.contains(.watchBounds) ? now : sentAt)
        keep(Sample(sentAt: sentAt, most: most))
        if let chain, sentAt.milliseconds(since: chain.upperBound) <= rules.sampleGap {
            self.chain = chain.lowerBound...max(chain.upperBound, sentAt)
        } else {
            chain = sentAt...sentAt
        }
    }

    private mutating func lookForJump(least: Lead, now: OwnTime) {
        let fresh = samples.firstIndex { now.milliseconds(since: $0.sentAt) <= rules.horizon } ?? samples.count
        if fresh > 0 { samples.removeFirst(fresh) }
        // The samples from before the jump are those that cannot have been as far ahead as T now is.
        guard let newest = samples.last(where: { $0.most + rules.jumpMargin < least }) else { return }
        let until = newest.sentAt + rules.horizon
        if !isAlarmed(by: now) {
            jumps += 1
            isProbeWanted = true
        }
        ownAlarmUntil = max(ownAlarmUntil ?? until, until)
    }

    private mutating func keep(_ sample: Sample) {
        var sample = sample
        // Records of a replaced producer may come back out of order: then the lower bound stands for the later instant.
        if let last = samples.last { sample.sentAt = max(sample.sentAt, last.sentAt) }
        while let last = samples.last, last.most >= sample.most { samples.removeLast() }
        // Of samples within the same tenth of a second the lowest stands for all, up to the end of it: so there are at
        // most a few hundred.
        if let last = samples.last, last.sentAt.tenth == sample.sentAt.tenth {
            samples[samples.count - 1].sentAt = sample.sentAt
        } else {
            samples.append(sample)
        }
    }

    /// Whether this process has seen a jump within the last W' + d itself.
    private func isAlarmed(by now: OwnTime) -> Bool { ownAlarmUntil.map { now < $0 } ?? false }

    private func ownAlarmRemaining(now: OwnTime) -> Milliseconds {
        guard let ownAlarmUntil, now < ownAlarmUntil else { return 0 }
        return min(ownAlarmUntil.millisecondsRoundedUp(since: now), Bounds.alarm)
    }

    /// For how long no grant of this partition may be used; nil if there is no alarm.
    ///
    /// - Parameter time: T as last read. It advances with every own probe, so this is at most 2 s late in ending.
    func alarm(now: OwnTime, time: LogTime) -> Milliseconds? {
        guard !rules.omitted.contains(.clockWatch) else { return nil }
        if let ownAlarmUntil, now < ownAlarmUntil { return ownAlarmUntil.millisecondsRoundedUp(since: now) }
        if let othersAlarmUntil, time < othersAlarmUntil, !isOldEnough(now: now) { return othersAlarmUntil - time }
        return nil
    }

    /// Whether the samples reach back W' + d without a gap: this process would know of a jump.
    private func isOldEnough(now: OwnTime) -> Bool {
        guard let chain, now.milliseconds(since: chain.upperBound) <= rules.sampleGap else { return false }
        return now.milliseconds(since: chain.lowerBound) > rules.horizon
    }
}

extension OwnTime {
    fileprivate var tenth: Int64 { nanoseconds.dividedDown(by: 100_000_000) }
}
