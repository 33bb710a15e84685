extension PartitionReplica {
    /// The permits of a limit that are free when T is `time`.
    ///
    /// - Parameter configured: the limit and its version on topic `control`, which hold unless the log has a newer
    ///   version.
    public func free(of id: LimitID, at time: LogTime, configured: VersionedLimit) -> Int {
        standing(of: id, at: time, configured: configured).free
    }

    /// When T reaches the instant at which `permits` are free, if no record frees them sooner; nil if there are never
    /// so many.
    public func time(of id: LimitID, permits: Int, configured: VersionedLimit) -> LogTime? {
        guard let place = established.place(of: id), !established[place].state.isForgotten(at: time, rules: rules)
        else { return permits <= configured.limit ? time : nil }
        let state = established[place].state
        let limit = state.limitInForce(configured)
        guard permits <= limit else { return nil }
        return state.time(whenFreeing: state.charged - limit + permits) ?? time
    }

    /// The limit in force and the permits free of it when T is `time`.
    func standing(of id: LimitID, at time: LogTime, configured: VersionedLimit) -> (limit: Int, free: Int) {
        guard let place = established.place(of: id), !established[place].state.isForgotten(at: time, rules: rules)
        else { return (configured.limit, configured.limit) }
        let limit = established[place].state.limitInForce(configured)
        return (limit, max(0, limit - established[place].state.charged(at: time)))
    }

    /// Roughly how many permits each process was granted in the last 60 s.
    public func recentGrants(of id: LimitID) -> [(process: ProcessID, permits: Int)] {
        guard let place = established.place(of: id) else { return [] }
        return established[place].state.members.map { ($0.process, $0.grants.estimate(at: time)) }
            .filter { $0.permits > 0 }.sorted { $0.process < $1.process }
    }

    /// The number of limits that are held.
    public var limitCount: Int { established.count + pending.count }

    /// The digest of a limit's state as of the last record read; nil if it is not established.
    public func stateDigest(of id: LimitID) -> UInt64? {
        guard let place = established.place(of: id) else {
            return establishment(of: id) == nil ? nil : LimitReplica().digest(at: time, rules: rules)
        }
        return established[place].state.digest(at: time, rules: rules)
    }
}

/// A limit as topic `control` has it, which a newer version on the log may override.
public struct VersionedLimit: Equatable, Sendable {
    /// Admissions in any 60 s.
    public var limit: Int
    /// Raised with each change of the limit; 0 while only the token states it.
    public var version: Int64

    public init(limit: Int, version: Int64) {
        self.limit = limit
        self.version = version
    }
}

extension LimitReplica {
    func limitInForce(_ configured: VersionedLimit) -> Int {
        configured.version > version ? configured.limit : Int(limit)
    }

    /// What is still charged when T is `time`, at or after the last record's.
    func charged(at time: LogTime) -> Int {
        var charged = charged
        for run in spent[Int(firstSpent)...] {
            guard run.freeAt <= time else { break }
            charged -= Int(run.count)
        }
        for run in held where run.freeAt <= time { charged -= Int(run.count) }
        return charged
    }

    /// When so many of the charged permits are free; nil if `count` ≤ 0.
    func time(whenFreeing count: Int) -> LogTime? {
        guard count > 0 else { return nil }
        let held = held.sorted { $0.freeAt < $1.freeAt }
        var freed = 0
        var (nextSpent, nextHeld) = (Int(firstSpent), 0)
        while freed < count {
            if nextHeld < held.count, nextSpent >= spent.count || held[nextHeld].freeAt < spent[nextSpent].freeAt {
                freed += Int(held[nextHeld].count)
                if freed >= count { return held[nextHeld].freeAt }
                nextHeld += 1
            } else if nextSpent < spent.count {
                freed += Int(spent[nextSpent].count)
                if freed >= count { return spent[nextSpent].freeAt }
                nextSpent += 1
            } else {
                break
            }
        }
        return nil
    }
}

extension PartitionReplica {
    /// The limit in force.
    func limit(of id: LimitID, configured: VersionedLimit) -> Int {
        guard let place = established.place(of: id), !established[place].state.isForgotten(at: time, rules: rules)
        else { return configured.limit }
        return established[place].state.limitInForce(configured)
    }

    /// The offset of the last record that was applied to a limit.
    func lastOffset(of id: LimitID) -> Int64? { established.place(of: id).map { established[$0].lastOffset } }

    /// Whether a claim of `process` is recent enough for its sequence numbers to matter.
    func remembers(_ process: ProcessID, of id: LimitID) -> Bool {
        if pending.place(of: id) != nil { return true }
        guard let place = established.place(of: id) else { return false }
        return established[place].state.members.contains {
            $0.process == process && time - $0.lastClaimAt <= rules.horizon
        }
    }
}
