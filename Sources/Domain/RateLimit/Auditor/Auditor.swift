/// Recounts from the log what was admitted, and says whether it was ever too much.
///
/// It shares nothing with the state machine but the record's decoder: it does not calculate grants, charges, or when a
/// permit becomes free. It trusts settlements for what was used, and for when it can have been used: not before the
/// settled claim lay on the log (its read-back is what allows the use), and not after the settlement's own time less
/// the age that it names. More than the limit is certain where that many uses lie in 60 s whatever the instants between
/// those bounds were. What a process used and never settled, because it died, is not seen.
public struct Auditor: Sendable {
    /// So many uses of permits, between two times of the partition.
    struct Use: Sendable {
        var earliest: Int64
        var latest: Int64
        var count: Int
    }

    struct SettledPart: Hashable, Sendable {
        var process: UInt64
        var sequence: UInt64
        var part: UInt8
    }

    struct Account: Sendable {
        var uses: [Use] = []
        /// When each claim lay on the log.
        var claims: [SettledPart: Int64] = [:]
        var settled: Set<SettledPart> = []
        /// The limit that claims named, whenever it changed, and the newest version of the configuration.
        var limits: [(at: Int64, limit: Int)] = []
        var version: Int64 = -1
        var claimCount = 0
        var partition: Int32 = 0
        /// The excess that was already reported, in windows that are still known.
        var reportedExcess = 0
    }

    var accounts: [LimitID: Account] = [:]
    var clocks: [Int32: (stamp: Int64, time: Int64)] = [:]
    /// The limits that records were read of since they were judged last.
    var unjudged: Set<LimitID> = []
    var judgements = 0
    /// Admissions in settlements, so far.
    public internal(set) var admissions = 0
    /// Records that are not ours, or not of these rules.
    public private(set) var unreadable = 0

    public init() {}

    /// Reads the next record of a partition.
    ///
    /// - Parameters:
    ///   - bytes: the record's value; nil for a tombstone.
    ///   - timestamp: LogAppendTime, in milliseconds since 1970, UTC.
    public mutating func read(_ bytes: [UInt8]?, partition: Int32, timestamp: Milliseconds) {
        let last = clocks[partition] ?? (timestamp, 0)
        let time = timestamp > last.stamp ? last.time + timestamp - last.stamp : last.time
        clocks[partition] = (timestamp, time)
        switch Result(catching: { () throws(RecordFault) in try LimitRecord(decoding: bytes ?? []) }) {
        case .success(.claim(let claim)):
            admissions += accounts[claim.limitID, default: Account(partition: partition)].note(claim, at: time)
            unjudged.insert(claim.limitID)
        case .success: break
        case .failure: unreadable += 1
        }
    }

    /// The limits whose claims were read, in ascending order.
    public var limitIDs: [LimitID] { accounts.keys.sorted() }

    /// What was found about a limit; nil if no claim of it was read.
    public func report(of id: LimitID) -> Report? { accounts[id]?.report() }

    /// What was found about a limit.
    public struct Report: Equatable, Sendable {
        /// Claims read, including repeats.
        public var claims: Int
        /// Admissions in settlements.
        public var admissions: Int
        /// The most admissions that lie within 60 s for certain.
        public var worstWindow: Int
        /// The limit that held in that window.
        public var limit: Int
        /// Admissions certain to be above the limit, in the worst window.
        public var overAdmissions: Int
    }
}

extension Auditor.Account {
    /// Returns how many admissions the claim's settlements name.
    fileprivate mutating func note(_ claim: Claim, at time: Int64) -> Int {
        var used = 0
        claimCount += 1
        noteLimit(claim, at: time)
        for part in [Part.waiting, .leased] {
            let key = Auditor.SettledPart(claim.process, claim.sequence, part)
            // Of a record that lies there twice the first counts: the other one changed nothing.
            if claims[key] == nil { claims[key] = time }
        }
        for settlement in claim.settlements {
            let key = Auditor.SettledPart(claim.process, settlement.sequence, settlement.part)
            guard let claimedAt = claims[key], settled.insert(key).inserted else { continue }
            for use in settlement.uses {
                let latest = max(claimedAt, time - use.ageSteps * 10)
                uses.append(Auditor.Use(earliest: claimedAt, latest: latest, count: use.count))
                used += use.count
            }
        }
        return used
    }

    /// An older configuration is taken for true only where it allows more: then it may be one that was not yet
    /// replaced.
    private mutating func noteLimit(_ claim: Claim, at time: Int64) {
        let last = limits.last?.limit ?? 0
        guard claim.limit != last, claim.configurationVersion >= version || claim.limit > last else { return }
        limits.append((time, claim.limit))
        version = max(version, claim.configurationVersion)
    }

    /// Takes each use for the first of a window, from the last one back, and counts those that end within it.
    func report() -> Auditor.Report {
        var report = Auditor.Report(
            claims: claimCount, admissions: uses.reduce(0) { $0 + $1.count }, worstWindow: 0,
            limit: limits.first?.limit ?? 0, overAdmissions: 0)
        var ends = PrefixSums(over: uses.map(\.latest))
        var excess = Int.min
        for use in uses.sorted(by: { $0.earliest > $1.earliest }) {
            ends.add(use.count, at: use.latest)
            let count = ends.sum(below: use.earliest + windowMilliseconds)
            let limit = limit(from: use.earliest, to: use.earliest + windowMilliseconds)
            guard count - limit > excess else { continue }
            excess = count - limit
            (report.worstWindow, report.limit) = (count, limit)
        }
        report.overAdmissions = max(0, excess)
        return report
    }

    /// The highest limit that claims named within a span, or that was in force when it began.
    private func limit(from start: Int64, to end: Int64) -> Int {
        let before = limits.last { $0.at <= start }?.limit ?? 0
        return limits.reduce(before) { $1.at > start && $1.at <= end ? max($0, $1.limit) : $0 }
    }
}

extension Auditor.SettledPart {
    fileprivate init(_ process: ProcessID, _ sequence: UInt64, _ part: Part) {
        self.init(process: process.bits, sequence: sequence, part: part.rawValue)
    }
}
