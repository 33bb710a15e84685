import Testing

@testable import RateLimit

/// A log of one partition, and replicas of it.
private struct Log {
    var entries: [(bytes: [UInt8], timestamp: Milliseconds)] = []

    mutating func add(_ record: LimitRecord, at timestamp: Milliseconds) {
        entries.append((record.encoded(), timestamp))
    }

    func verdicts(of replica: inout PartitionReplica, from start: Int) -> [Verdict?] {
        entries.indices[start...].map { offset in
            let entry = entries[offset]
            let reading = replica.read(entry.bytes, offset: Int64(offset), timestamp: entry.timestamp)
            if case .claim(_, let verdict) = reading { return verdict }
            return nil
        }
    }
}

@Suite("A partition as it is read")
struct PartitionReplicaTests {
    @Test("T takes the forward moves of the stamps and nothing else")
    func time() {
        var replica = PartitionReplica(isWhole: true)
        var times: [Milliseconds] = []
        for (offset, timestamp) in [5_000, 5_010, 4_000, 4_005, 4_005, 9_005].enumerated() {
            _ = replica.read(nil, offset: Int64(offset), timestamp: Milliseconds(timestamp))
            times.append(replica.time.milliseconds)
        }
        #expect(times == [0, 10, 10, 15, 15, 5_015])
    }

    /// Overload, with a checkpoint in every claim that owes one.
    private func busyLog() -> Log {
        var log = Log()
        var source = PartitionReplica(isWhole: true)
        var sequence: UInt64 = 0
        log.add(.probe(Probe(process: one, sequence: 1)), at: 0)
        _ = source.read(log.entries[0].bytes, offset: 0, timestamp: 0)
        for step in 0..<1_500 {
            let time = 10 + Milliseconds(step) * 127
            sequence += 1
            var claim = Claim.of(one, sequence, need: 2)
            if sequence > 1 {
                let uses = step % 3 == 0 ? [Settlement.Use(ageSteps: 12, count: 1)] : []
                claim.settlements = [Settlement(sequence: sequence - 1, part: .waiting, uses: uses)]
            }
            claim.checkpoint = source.checkpointDue(for: anyLimit)
            claim.digest = source.newestDigest(of: anyLimit)
            log.add(.claim(claim), at: time)
            _ = source.read(log.entries.last!.bytes, offset: Int64(log.entries.count - 1), timestamp: time)
        }
        return log
    }

    @Test("a replica that starts in the middle says nothing until a checkpoint, and then what all others say")
    func checkpoints() {
        let log = busyLog()
        var whole = PartitionReplica(isWhole: true)
        let truth = log.verdicts(of: &whole, from: 0)
        for start in stride(from: 1, to: 1_200, by: 37) {
            var late = PartitionReplica(isWhole: false)
            let said = log.verdicts(of: &late, from: start)
            let first = said.firstIndex { $0 != nil }
            #expect(first.map { $0 < 500 } == true, "from \(start)")
            #expect(said[(first ?? 0)...] == truth[(start + (first ?? 0))...])
            #expect(late.counts.disagreements == 0)
            #expect(late.stateDigest(of: anyLimit) == whole.stateDigest(of: anyLimit))
        }
    }

    @Test("without a checkpoint, a limit is established by silence of more than W' + d")
    func silence() {
        var log = Log()
        log.add(.claim(.of(one, 1, need: 1)), at: 0)
        log.add(.claim(.of(one, 2, need: 1)), at: 62_100)
        log.add(.claim(.of(one, 3, need: 1)), at: 124_200)
        log.add(.claim(.of(one, 4, need: 1)), at: 186_301)
        var replica = PartitionReplica(isWhole: false)
        #expect(log.verdicts(of: &replica, from: 0) == [nil, nil, nil, .granted(1)])
        #expect(replica.establishment(of: anyLimit) == 3)
    }

    @Test("a limit that never claimed while W' + d were read is established, at the next offset")
    func quiet() {
        var replica = PartitionReplica(isWhole: false)
        for (offset, timestamp) in [0, 62_100, 62_101].enumerated() {
            #expect(replica.establishment(of: anyLimit) == nil)
            _ = replica.read(nil, offset: Int64(100 + offset), timestamp: Milliseconds(timestamp))
        }
        #expect(replica.establishment(of: anyLimit) == 103)
        #expect(PartitionReplica(isWhole: true).establishment(of: anyLimit) == 0)
    }

    @Test("of two that differ the one that established itself later stops, until a checkpoint puts it right")
    func disagreement() throws {
        var log = Log()
        var first = Claim.of(one, 1, need: 1)
        first.checkpoint = Checkpoint(asOf: 0, form: [0])
        log.add(.probe(Probe(process: one, sequence: 1)), at: 0)
        log.add(.claim(first), at: 10)
        var replica = PartitionReplica(isWhole: true)
        _ = log.verdicts(of: &replica, from: 0)

        var honest = Claim.of(two, 1, need: 1)
        honest.digest = StateDigest(offset: 1, bits: try #require(replica.newestDigest(of: anyLimit)).bits)
        #expect(replica.read(.claim(honest), offset: 2, timestamp: 20).verdict == .granted(1))

        // One that began later than we is wrong: we go on.
        var wrong = Claim.of(two, 2, need: 1)
        wrong.digest = StateDigest(offset: 1, bits: 1)
        wrong.establishedAt = 1
        #expect(replica.read(.claim(wrong), offset: 3, timestamp: 30).verdict == .granted(1))
        #expect(replica.counts.disagreements == 1)

        // One that began when we did: both stop.
        wrong.sequence = 3
        wrong.establishedAt = 0
        #expect(replica.read(.claim(wrong), offset: 4, timestamp: 40).verdict == nil)
        #expect(replica.establishment(of: anyLimit) == nil)

        // A checkpoint as of an offset before the stop is passed over, one after it is taken.
        var again = Claim.of(two, 4, need: 1)
        again.checkpoint = Checkpoint(asOf: 3, form: [0])
        #expect(replica.read(.claim(again), offset: 5, timestamp: 50).verdict == nil)
        again.sequence = 5
        again.checkpoint = Checkpoint(asOf: 5, form: [0])
        #expect(replica.read(.claim(again), offset: 6, timestamp: 60).verdict == .granted(1))
        #expect(replica.establishment(of: anyLimit) == 6)
    }

    @Test("a checkpoint is owed when the newest one is as of more than 30 s ago")
    func owed() {
        var replica = PartitionReplica(isWhole: true)
        #expect(replica.checkpointDue(for: anyLimit) == nil)
        _ = replica.read(nil, offset: 0, timestamp: 0)
        var claim = Claim.of(one, 1, need: 1)
        claim.checkpoint = replica.checkpointDue(for: anyLimit)
        #expect(claim.checkpoint == Checkpoint(asOf: 0, form: [0]))
        _ = replica.read(.claim(claim), offset: 1, timestamp: 1_000)
        _ = replica.read(nil, offset: 2, timestamp: 30_000)
        #expect(replica.checkpointDue(for: anyLimit) == nil)
        _ = replica.read(nil, offset: 3, timestamp: 30_001)
        #expect(replica.checkpointDue(for: anyLimit)?.asOf == 3)
    }

    @Test("strikes bring one restriction when their sum of 60 s passes the limit")
    func strikes() {
        var replica = PartitionReplica(isWhole: true)
        var brought: [Bool] = []
        for (offset, (timestamp, count)) in [(0, 200), (10_000, 100), (20_000, 1), (25_000, 50), (95_000, 301)]
            .enumerated()
        {
            let strike = Strike(limitID: anyLimit, process: one, limit: 300, count: count)
            let reading = replica.read(.strike(strike), offset: Int64(offset), timestamp: Milliseconds(timestamp))
            guard case .strike(_, let brings) = reading else { continue }
            brought.append(brings)
        }
        #expect(brought == [false, false, true, false, true])
    }

    @Test("limits that fell silent are let go")
    func forgetting() {
        var replica = PartitionReplica(isWhole: true)
        for index in 0..<100 {
            var claim = Claim.of(one, 1, need: 1)
            claim.limitID = LimitID(high: 1, low: UInt64(index))
            _ = replica.read(.claim(claim), offset: Int64(index), timestamp: Milliseconds(index))
        }
        #expect(replica.limitCount == 100)
        for offset in 100..<300 {
            let probe = LimitRecord.probe(Probe(process: one, sequence: UInt64(offset)))
            _ = replica.read(probe, offset: Int64(offset), timestamp: 70_000)
        }
        #expect(replica.limitCount == 0)
    }
}

extension Reading {
    fileprivate var verdict: Verdict? {
        guard case .claim(_, let verdict) = self else { return nil }
        return verdict
    }
}
