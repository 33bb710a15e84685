/// What the header fields of an answer show a caller of the state of its limit.
public struct RateLimitFields: Equatable, Sendable {
    /// The limit: requests in any 60 s.
    public var limit: Int
    /// Permits that are free now.
    public var remaining: Int
    /// Seconds until the next permit is free, rounded up; 0 if one is free now.
    public var resetSeconds: Int
    /// Seconds after which to try again; nil if nothing was refused.
    public var retryAfterSeconds: Int?

    public init(_ standing: Standing, now: OwnTime, retryAfterSeconds: Int? = nil) {
        limit = standing.limit
        remaining = standing.remaining
        resetSeconds = standing.nextPermitAt.map { now.secondsRoundedUp(until: $0) } ?? 0
        self.retryAfterSeconds = retryAfterSeconds
    }

    /// The fields of an answer with this verdict.
    ///
    /// - Parameter standing: the limit's state; nil if only its number is known.
    public init(_ verdict: PermitDecision, _ standing: Standing?, _ terms: LimitTerms, now: OwnTime) {
        self.init(standing ?? Standing(limit: terms.configured.limit, remaining: 0, nextPermitAt: nil), now: now)
        switch verdict {
        case .granted, .tooMany, .restricted: break
        case .refused(let retryAt): retryAfterSeconds = max(1, now.secondsRoundedUp(until: retryAt))
        case .unavailable(let why): retryAfterSeconds = why.retryAfterSeconds
        }
    }
}

extension OwnTime {
    /// Whole seconds from here to `later`, rounded up; 0 if that is past.
    public func secondsRoundedUp(until later: Self) -> Int {
        later <= self ? 0 : Int((later.millisecondsRoundedUp(since: self) + 999) / 1_000)
    }
}
