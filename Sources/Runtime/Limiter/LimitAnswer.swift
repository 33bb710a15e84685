public import RateLimit

/// What a request that asked for permits is told, with what its answer's header fields say.
public struct LimitAnswer: Sendable, Equatable {
    /// Granted, or why not.
    public enum Verdict: Sendable, Equatable {
        case granted
        /// 429 quota-exceeded.
        case refused
        /// 429 abnormal-usage-detected, until this time (milliseconds since 1970).
        case restricted(until: Milliseconds)
        /// 503 temporary-reduced-capacity.
        case unavailable(Unavailability)
        /// 400: more permits at once than the limit has.
        case tooMany(limit: Int)
    }

    public var verdict: Verdict
    /// nil where nothing is known of the limit: before the topic was read.
    public var fields: RateLimitFields?

    init(_ verdict: Verdict, _ fields: RateLimitFields? = nil) {
        self.verdict = verdict
        self.fields = fields
    }

    init(_ answer: Answer, _ standing: Standing, now: OwnTime) {
        fields = RateLimitFields(standing, now: now)
        switch answer {
        case .granted: verdict = .granted
        case .refused(let retryAt):
            verdict = .refused
            fields?.retryAfterSeconds = max(1, now.secondsRoundedUp(until: retryAt))
        case .unavailable(let why):
            verdict = .unavailable(why)
            fields?.retryAfterSeconds = why.retryAfterSeconds
        case .tooMany(let limit): verdict = .tooMany(limit: limit)
        }
    }
}

/// How a limit is used, for `GET /usage`.
public struct LimitUsage: Sendable, Equatable {
    public var fields: RateLimitFields
    /// Roughly how many permits each process was granted in the last 60 s.
    public var spentBy: [(process: ProcessID, permits: Int)]
    /// How many seconds ago this process refused someone, at most ten times, oldest first.
    public var refusalsSecondsAgo: [Int]
    /// Until when the limit is restricted, in milliseconds since 1970; nil: it is not.
    public var restrictedUntil: Milliseconds?

    public static func == (one: Self, other: Self) -> Bool {
        one.fields == other.fields && one.refusalsSecondsAgo == other.refusalsSecondsAgo
            && one.restrictedUntil == other.restrictedUntil
            && one.spentBy.elementsEqual(other.spentBy) { $0.process == $1.process && $0.permits == $1.permits }
    }
}
