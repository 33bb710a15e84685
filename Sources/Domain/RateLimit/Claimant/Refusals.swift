/// When refused callers of a limit may try again, and how many came back earlier.
struct Refusals: Sendable {
    /// The latest instant that a caller was given as the time to try again.
    var waitUntil = OwnTime(nanoseconds: .min)
    /// Refusals given before that instant since the last strike record.
    var strikes = 0
    var strikesDueAt = OwnTime.never
    /// The latest instants at which someone was refused here, oldest first.
    private(set) var latest: [OwnTime] = []
    static let latestCount = 10
    /// When the next permit is free by the replica, as of the last record it applied for the limit.
    var nextFree: NextFree?

    struct NextFree: Sendable {
        var asOf: Int64
        var version: Int64
        var time: LogTime
    }

    /// A caller is refused now and is to wait until `until`.
    mutating func note(now: OwnTime, until: OwnTime, rules: Rules) {
        if now < waitUntil {
            if strikes == 0 { strikesDueAt = now + rules.strikeInterval }
            strikes = min(strikes + 1, Bounds.limit)
        }
        waitUntil = max(waitUntil, until)
        if latest.count == Self.latestCount { latest.removeFirst() }
        latest.append(now)
    }

    /// The count to report now, if it is time.
    mutating func strikesDue(now: OwnTime) -> Int? {
        guard strikes > 0, now >= strikesDueAt else { return nil }
        defer {
            strikes = 0
            strikesDueAt = .never
        }
        return strikes
    }
}
