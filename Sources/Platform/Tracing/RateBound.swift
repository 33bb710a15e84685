import Synchronization

/// So many a second on average, and at most as many at once: the generic cell rate algorithm in one word.
final class RateBound: Sendable {
    private static let second: Int64 = 1_000_000_000

    private let interval: Int64
    /// When the last one that was admitted would be due, if all came at the steady rate.
    private let dueAt = Atomic<Int64>(.min)

    /// - Parameter perSecond: at least 1.
    init(perSecond: Int) {
        precondition(perSecond >= 1, "a bound of \(perSecond) a second admits nothing")
        interval = max(1, Self.second / Int64(perSecond))
    }

    /// Whether one more is within the bound.
    ///
    /// - Parameter now: nanoseconds of a clock that never goes back.
    func admits(at now: Int64) -> Bool {
        var known = dueAt.load(ordering: .relaxed)
        while true {
            let due = max(known, now)
            guard due - now <= Self.second - interval else { return false }
            let (isDone, seen) = dueAt.weakCompareExchange(expected: known, desired: due + interval, ordering: .relaxed)
            if isDone { return true }
            known = seen
        }
    }
}
