/// For an auditor that runs for ever: what it remembers is bounded, and each finding is reported once.
extension Auditor {
    /// How long claims and uses are remembered, in T. A settlement is sent at most 67.1 s after its claim (W' + d and
    /// the time after which a claim is given up), and no window is longer than 60 s: what is forgotten after that can
    /// make no admission one too many.
    static let memory: Milliseconds = 180_000
    /// After this many judgements, limits that nobody has claimed for that long are dropped.
    private static let judgementsPerSweep = 60

    /// Judges the limits of which something was read since the last judgement, and drops what is too old to count.
    ///
    /// - Returns: the excess admissions that were not reported before, by limit. A window that is still known is
    ///   reported again only if it has become worse.
    public mutating func judge() -> [LimitID: Int] {
        var found: [LimitID: Int] = [:]
        for id in unjudged {
            guard var account = accounts.removeValue(forKey: id) else { continue }
            let news = account.judge(at: time(of: account))
            if news > 0 { found[id] = news }
            accounts[id] = account
        }
        unjudged.removeAll(keepingCapacity: true)
        judgements += 1
        if judgements % Self.judgementsPerSweep == 0 { sweep() }
        return found
    }

    private mutating func sweep() {
        for id in Array(accounts.keys) {
            guard var account = accounts.removeValue(forKey: id) else { continue }
            account.forget(before: time(of: account) - Self.memory)
            if !account.isEmpty { accounts[id] = account }
        }
    }

    private func time(of account: Account) -> Int64 { clocks[account.partition]?.time ?? 0 }
}

extension Auditor.Account {
    init(partition: Int32) { self.partition = partition }

    fileprivate var isEmpty: Bool { claims.isEmpty && uses.isEmpty }

    /// The excess admissions that were not reported before.
    fileprivate mutating func judge(at time: Int64) -> Int {
        forget(before: time - Auditor.memory)
        // Most limits have not been used up in all that is remembered.
        let used = uses.reduce(0) { $0 + $1.count }
        let excess = used <= limits.map(\.limit).min() ?? 0 ? 0 : report().overAdmissions
        defer { reportedExcess = excess }
        return max(0, excess - reportedExcess)
    }

    fileprivate mutating func forget(before oldest: Int64) {
        uses.removeAll { $0.latest < oldest }
        let old = claims.filter { $0.value < oldest }
        for key in old.keys {
            claims[key] = nil
            settled.remove(key)
        }
        // The one that held when the rest began stays.
        let place = limits.lastIndex { $0.at <= oldest } ?? 0
        if place > 0 { limits.removeFirst(place) }
    }
}
