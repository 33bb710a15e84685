import Glibc
import RateLimit

/// What the rate limit's state machines cost by themselves: memory, decisions, replay.
enum RateLimitBenchmark {
    static func run(_ words: [String]) {
        let limits = words.first.flatMap { Int($0) } ?? 1_000_000
        memory(limits: limits)
        warm()
        refused()
        busy()
    }

    private static func claim(of limit: UInt64, _ sequence: UInt64, checkpoint: Checkpoint?) -> LimitRecord {
        .claim(
            Claim(
                limitID: LimitID(high: limit &* 0x9E37_79B9_7F4A_7C15, low: limit &* 0xBF58_476D_1CE4_E5B9),
                process: ProcessID(limit % 4), sequence: sequence, configurationVersion: 1, limit: 300, need: 1,
                settlements: sequence > 1
                    ? [Settlement(sequence: sequence - 1, part: .waiting, uses: [.init(ageSteps: 1, count: 1)])] : [],
                checkpoint: checkpoint))
    }

    /// Limits that were claimed once each, as a stream of tokens that come once leaves them; over 24 partitions.
    private static func memory(limits: Int) {
        let before = residentBytes()
        var replicas = (0..<24).map { _ in PartitionReplica(isWhole: true) }
        let start = ContinuousClock.now
        for limit in 0..<limits {
            let record = claim(of: UInt64(limit), 1, checkpoint: Checkpoint(asOf: Int64(limit / 24), form: [0]))
            _ = replicas[limit % 24].read(
                record.encoded(), offset: Int64(limit / 24), timestamp: Int64(limit / 20_000) * 1_000)
        }
        let took = ContinuousClock.now - start
        let held = replicas.reduce(0) { $0 + $1.limitCount }
        let bytes = residentBytes() - before
        print(
            "\(held) limits held: \(bytes >> 20) MiB, \(bytes / max(1, held)) bytes each; \(perSecond(limits, took)) records/s"
        )
    }

    /// Permits from a lease: what almost every request of a busy limit costs.
    private static func warm() {
        var claimant = Claimant(process: ProcessID(1), isWhole: true)
        var actions: [Action] = []
        var log = LoopLog()
        claimant.tick(now: OwnTime(nanoseconds: 0), into: &actions)
        log.readBack(&actions, by: &claimant, at: 0)
        let configured = VersionedLimit(limit: 1_000_000, version: 1)
        let id = LimitID(high: 1, low: 2)
        var now: Int64 = 1_000_000
        var granted = 0
        let start = ContinuousClock.now
        for ticket in UInt64(0)..<2_000_000 {
            now += 10_000
            let wish = Wish(limitID: id, configured: configured, ticket: ticket)
            if claimant.want(wish, now: OwnTime(nanoseconds: now), into: &actions) == .granted { granted += 1 }
            if !actions.isEmpty { log.readBack(&actions, by: &claimant, at: now + 3_000_000) }
        }
        let took = ContinuousClock.now - start
        print(
            "warm: \(perSecond(2_000_000, took)) decisions/s, \(granted) from leases, \(claimant.counts.claims) claims")
    }

    /// Requests of a limit that is used up, refused by the process's own replica.
    private static func refused() {
        var claimant = Claimant(process: ProcessID(1), isWhole: true)
        var actions: [Action] = []
        var log = LoopLog()
        claimant.tick(now: OwnTime(nanoseconds: 0), into: &actions)
        log.readBack(&actions, by: &claimant, at: 0)
        let configured = VersionedLimit(limit: 300, version: 1)
        let id = LimitID(high: 1, low: 2)
        var refusals = 0
        let start = ContinuousClock.now
        for ticket in UInt64(0)..<2_000_000 {
            let now = OwnTime(nanoseconds: Int64(ticket) * 5_000)
            let wish = Wish(limitID: id, configured: configured, ticket: ticket)
            if case .refused = claimant.want(wish, now: now, into: &actions) { refusals += 1 }
            if !actions.isEmpty { log.readBack(&actions, by: &claimant, at: now.nanoseconds + 3_000_000) }
        }
        print("refused locally: \(perSecond(2_000_000, ContinuousClock.now - start)) decisions/s, \(refusals) refusals")
    }

    /// Records of a few busy limits, as replay meets them.
    private static func busy() {
        var replica = PartitionReplica(isWhole: true)
        let limits: UInt64 = 400
        let records = (0..<400_000).map { index in
            claim(of: UInt64(index) % limits, UInt64(index) / limits + 1, checkpoint: nil).encoded()
        }
        let start = ContinuousClock.now
        for (offset, record) in records.enumerated() {
            _ = replica.read(record, offset: Int64(offset), timestamp: Int64(offset / 2))
        }
        print("replay of busy limits: \(perSecond(records.count, ContinuousClock.now - start)) records/s")
    }

    private static func perSecond(_ count: Int, _ took: Duration) -> Int { Int(Double(count) / (took / .seconds(1))) }

    private static func residentBytes() -> Int {
        guard let file = fopen("/proc/self/statm", "r") else { return 0 }
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: 128)
        fgets(&line, 128, file)
        let fields = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self).split(
            separator: " ")
        return (fields.count > 1 ? Int(fields[1]) ?? 0 : 0) * Int(sysconf(Int32(_SC_PAGESIZE)))
    }
}

/// A log that gives every record back at once.
private struct LoopLog {
    private var offset: Int64 = 0

    mutating func readBack(_ actions: inout [Action], by claimant: inout Claimant, at now: Int64) {
        let due = actions
        actions.removeAll(keepingCapacity: true)
        for case .append(let bytes, _) in due {
            _ = claimant.read(
                bytes, offset: offset, timestamp: now / 1_000_000, now: OwnTime(nanoseconds: now), into: &actions)
            offset += 1
        }
    }
}
