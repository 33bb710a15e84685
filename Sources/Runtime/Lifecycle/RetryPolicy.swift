/// When to try again, and when to give up. The only policy of this kind: rows, breakers, and calls that wait for a
/// broker or a database differ only in their figures.
///
/// The wait grows exponentially from ``base`` to ``cap``, and is drawn between ``floor`` and there (full jitter:
/// https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/), so that what failed together does not
/// come back together.
public struct RetryPolicy: Sendable, Equatable {
    /// The longest wait after the first failure.
    public var base: Duration
    /// The shortest wait after any failure.
    public var floor: Duration
    /// The longest wait after any failure; a receiver's `Retry-After` is clipped to it, too.
    public var cap: Duration
    /// Attempts in all before giving up; nil: no limit.
    public var attemptsMaximum: Int?
    /// Age before giving up; nil: no limit.
    public var ageMaximum: Duration?

    public init(
        base: Duration, floor: Duration, cap: Duration, attemptsMaximum: Int? = nil, ageMaximum: Duration? = nil
    ) {
        precondition(floor >= .zero && floor <= cap && base > .zero, "a retry policy needs 0 ≤ floor ≤ cap, base > 0")
        self.base = base
        self.floor = floor
        self.cap = cap
        self.attemptsMaximum = attemptsMaximum
        self.ageMaximum = ageMaximum
    }

    /// For deliveries: 5 s to 6 h, 30 attempts, which take about three days.
    public static let delivery = RetryPolicy(
        base: .seconds(10), floor: .seconds(5), cap: .seconds(6 * 3600), attemptsMaximum: 30)
    /// How long a breaker stays open: 5 s to 5 min.
    public static let breaker = RetryPolicy(base: .seconds(10), floor: .seconds(5), cap: .seconds(300))
    /// Calls of this process that wait for a broker or the database: 50 ms to 5 s, for ever.
    public static let dependency = RetryPolicy(base: .milliseconds(100), floor: .milliseconds(50), cap: .seconds(5))

    /// What to do after a failure.
    public enum Decision: Sendable, Equatable {
        case again(after: Duration)
        /// Give up, for this reason.
        case exhausted(String)
    }

    /// - Parameters:
    ///   - attempts: attempts made, including the failed one.
    ///   - age: how old the thing is; nil if unknown: then age is no reason to give up.
    ///   - retryAfter: the pause that the receiver asked for, clipped to between ``floor`` and ``cap``; nil if it did
    ///     not.
    public func decision(
        afterAttempts attempts: Int, age: Duration? = nil, retryAfter: Duration? = nil, random: Randomness
    ) -> Decision {
        if let attemptsMaximum, attempts >= attemptsMaximum { return .exhausted("given up after \(attempts) attempts") }
        if let ageMaximum, let age, age >= ageMaximum {
            return .exhausted("given up after \(ageMaximum.components.seconds) s")
        }
        return .again(after: delay(afterFailures: attempts, retryAfter: retryAfter, random: random))
    }

    /// - Parameter failures: failures in a row, at least 1.
    public func delay(afterFailures failures: Int, retryAfter: Duration? = nil, random: Randomness) -> Duration {
        if let retryAfter { return min(max(retryAfter, floor), cap) }
        // 2^40 of anything sensible is above every cap, so the shift is bounded.
        let longest = min(cap, max(floor, base * (1 << min(max(failures - 1, 0), 40))))
        return .milliseconds(random.pick(floor.milliseconds...max(floor.milliseconds, longest.milliseconds)))
    }
}
