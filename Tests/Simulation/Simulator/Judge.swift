import RateLimit
public import World

/// What a simulation is found guilty of.
public enum Finding: Sendable, Equatable, CustomStringConvertible {
    /// More admissions than the limit within 60 s.
    case overAdmission(load: Int, count: Int, limit: Int, at: TrueTime)
    /// A replica gave another verdict than one that has run for ever by the rules.
    case verdictDiffers(partition: Int, offset: Int, of: String)
    /// A replica, later, has another state.
    case stateDiffers(partition: Int, offset: Int, of: String)
    /// A process saw a jump of the broker's clock where there was none.
    case falseAlarm(process: Int, at: TrueTime)
    /// A request was never answered.
    case unanswered(count: Int)

    public var description: String {
        switch self {
        case .overAdmission(let load, let count, let limit, let at):
            "\(count) admissions of limit \(load) in 60 s, and \(limit) are allowed; the last at \(at / millisecond) ms"
        case .verdictDiffers(let partition, let offset, let who):
            "\(who) gave another verdict on record \(offset) of partition \(partition) than a replica from the beginning"
        case .stateDiffers(let partition, let offset, let who):
            "\(who) has another state after record \(offset) of partition \(partition) than a replica from the beginning"
        case .falseAlarm(let process, let at):
            "process \(process) saw the broker's clock jump at \(at / millisecond) ms, and it had not"
        case .unanswered(let count): "\(count) requests were never answered"
        }
    }

    public enum Kind: Sendable, CaseIterable { case overAdmission, disagreement, falseAlarm, unanswered }

    public var kind: Kind {
        switch self {
        case .overAdmission: .overAdmission
        case .verdictDiffers, .stateDiffers: .disagreement
        case .falseAlarm: .falseAlarm
        case .unanswered: .unanswered
        }
    }
}

/// Counts every admission of one limit, and nothing else: it shares no code and no idea with what it judges.
struct AdmissionOracle {
    private struct Admission {
        var at: TrueTime
        var limit: Int
    }

    private var admissions: [Admission] = []
    private var first = 0
    private(set) var count = 0
    private(set) var worst = 0

    /// One admission at `now`, by a process that knew `limit` to be in force. The number in the last 60 s and what was
    /// allowed, where it was more.
    mutating func admit(at now: TrueTime, limit: Int) -> (count: Int, limit: Int)? {
        admissions.append(Admission(at: now, limit: limit))
        count += 1
        while admissions[first].at <= now - 60 * second { first += 1 }
        let inWindow = admissions[first...]
        worst = max(worst, inWindow.count)
        guard inWindow.count > limit else { return nil }
        // After a change of the limit what an older one allowed may still lie in the window.
        let allowed = inWindow.reduce(0) { max($0, $1.limit) }
        return inWindow.count > allowed ? (inWindow.count, allowed) : nil
    }

    /// 60 s in relation to the time that `limit` admissions took, on average over all of them: where the counted time
    /// begins and ends makes no difference then, however much the admissions come in bursts.
    func utilisation(of limit: Int) -> Double {
        guard admissions.count > limit else { return 0 }
        let spans = (limit..<admissions.count).map { Double(admissions[$0].at - admissions[$0 - limit].at) }
        return 60e9 * Double(spans.count) / spans.reduce(0, +)
    }
}

/// Verdicts and states by the rules, from each partition's beginning; and replicas that start at every minute.
struct Referee {
    struct Late {
        var partition: Int
        var minute: Int
        var replica: PartitionReplica
    }

    private var whole: [PartitionReplica]
    private var verdicts: [[Verdict?]]
    private var late: [Late] = []
    private let rules: Rules

    init(partitions: Int, rules: Rules) {
        var correct = rules
        correct.omitted = []
        whole = (0..<partitions).map { _ in PartitionReplica(isWhole: true, rules: correct) }
        verdicts = Array(repeating: [], count: partitions)
        self.rules = rules
    }

    /// A replica starts to read every partition.
    mutating func startReplica(minute: Int) {
        for partition in whole.indices {
            late.append(
                Late(
                    partition: partition, minute: minute,
                    replica: PartitionReplica(isWhole: verdicts[partition].isEmpty, rules: rules)))
        }
    }

    mutating func read(_ entry: PartitionLog.Entry, partition: Int, offset: Int) -> Finding? {
        let reading = whole[partition].read(entry.bytes, offset: Int64(offset), timestamp: entry.timestamp)
        var finding: Finding?
        var verdict: Verdict?
        var claim: Claim?
        if case .claim(let read, let given) = reading { (claim, verdict) = (read, given) }
        verdicts[partition].append(verdict)
        for index in late.indices where late[index].partition == partition {
            let own = late[index].replica.read(entry.bytes, offset: Int64(offset), timestamp: entry.timestamp)
            guard let claim, case .claim(_, let given?) = own, finding == nil else { continue }
            let who = "the replica of minute \(late[index].minute)"
            if given != verdict {
                finding = .verdictDiffers(partition: partition, offset: offset, of: who)
            } else if claim.checkpoint != nil, let state = late[index].replica.stateDigest(of: claim.limitID),
                state != whole[partition].stateDigest(of: claim.limitID)
            {
                finding = .stateDiffers(partition: partition, offset: offset, of: who)
            }
        }
        return finding
    }

    func verdict(partition: Int, offset: Int) -> Verdict? { verdicts[partition][offset] }
}
