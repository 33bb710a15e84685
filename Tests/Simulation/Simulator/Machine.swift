import RateLimit
import World

/// A simulated process: its claimants, its clock, and what its driver would keep.
struct Machine {
    let number: Int
    var incarnation = 0
    var claimants: [Claimant] = []
    var isUp = false
    var startedAt: TrueTime = 0
    var frozenUntil: TrueTime = 0
    var clockError: Int64 = 0
    var clockOffset: TrueTime = 0
    /// A replaced producer's delivery errors are nobody's any more.
    var producer = 0
    /// The next offset to read, and when the record before comes through at the latest, for each partition.
    var nextOffset: [Int] = []
    var lastDelivery: [TrueTime] = []
    /// For which instant each claimant's tick is set.
    var tickAt: [TrueTime] = []
    /// Requests that wait, by ticket.
    var waiting: [UInt64: Request] = [:]

    struct Request {
        var load: Int
        var permits: Int
        var at: TrueTime
    }

    func ownTime(at now: TrueTime) -> OwnTime {
        OwnTime(nanoseconds: 1_000_000 * second + clockOffset + now + now / 1_000_000 * clockError)
    }

    /// The true time at which the own clock shows at least `own`, after now.
    func trueTime(of own: OwnTime, now: TrueTime) -> TrueTime {
        guard own > ownTime(at: now) else { return now }
        let ahead = own.nanoseconds - ownTime(at: now).nanoseconds
        return now + ahead + ahead / 4_000 + 1
    }
}
