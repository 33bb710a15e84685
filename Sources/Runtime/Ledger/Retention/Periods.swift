import Database
import Orders

/// A stretch of time that has a partition of its own in each of the large tables.
struct Period: Sendable, Equatable {
    /// What follows the table's name in the partition's.
    var name: String
    /// In milliseconds since 1970; nil: all that was before.
    var from: Int64?
    /// The first that is not of it any more.
    var to: Int64
}

/// Which periods are to be made, and which have had their time. Pure.
enum Periods {
    /// A look that has no time to go by asks each of them.
    static let maximum = 8
    /// So many begin in the future, so that a row always has its place.
    static let ahead = 2
    static let day: Int64 = 24 * 60 * 60 * 1000

    /// How long one is: those of the retention, the one in which it ends and those ahead are ``maximum`` together.
    static func length(_ retention: Retention) -> Int64 {
        let whole = maximum - ahead - 1
        return Int64((retention.days + whole - 1) / whole) * day
    }

    /// Those that are missing behind the last; none where there are no partitions.
    ///
    /// - Parameter periods: those there are, in order.
    static func missing(after periods: [Period], _ retention: Retention, now: Int64) -> [Period] {
        guard var end = periods.last?.to else { return [] }
        let length = length(retention)
        var missing: [Period] = []
        var future = periods.count { ($0.from ?? .min) > now }
        while future < ahead {
            // One is enough for a time in which nobody made any.
            let next = end + length > now ? end + length : (now / day + 1) * day
            missing.append(named(from: end, to: next))
            if end > now { future += 1 }
            end = next
        }
        return missing
    }

    private static func named(from: Int64, to: Int64) -> Period {
        let date = Timestamp(milliseconds: from).iso8601.prefix(10).filter(\.isNumber)
        return Period(name: "p\(date)", from: from, to: to)
    }

    /// Those that are to go: they ended before, or have been begun with.
    static func leaving(_ periods: [Period], before: Int64, closedBefore: Int64) -> [Period] {
        // Whatever happens, there is one that takes new rows.
        periods.dropLast().filter { $0.to <= max(before, closedBefore) }
    }

    /// Until when rows are deleted one by one: those of before the partitions that are not so old altogether that they go as a
    /// whole. nil: none are.
    static func deleting(_ periods: [Period], before: Int64) -> Int64? {
        guard let first = periods.first else { return before }
        return first.from == nil ? min(before, first.to) : nil
    }
}
