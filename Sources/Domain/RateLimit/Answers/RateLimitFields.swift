/// The header fields that tell a caller how its limit stands (draft-ietf-httpapi-ratelimit-headers-10, and the older
/// `X-RateLimit-*` beside it).
public struct RateLimitFields: Equatable, Sendable {
    /// The limit: requests in any 60 s.
    public var limit: Int
    /// Permits that are free now.
    public var remaining: Int
    /// Seconds until the next permit is free, rounded up; 0 where one is free now.
    public var resetSeconds: Int
    /// Seconds after which to come again; nil where nothing was refused.
    public var retryAfterSeconds: Int?

    public init(_ standing: Standing, now: OwnTime, retryAfterSeconds: Int? = nil) {
        limit = standing.limit
        remaining = standing.remaining
        resetSeconds = standing.nextPermitAt.map { now.secondsRoundedUp(until: $0) } ?? 0
        self.retryAfterSeconds = retryAfterSeconds
    }

    /// Names and values, in the order in which they are sent.
    public var fields: [(name: String, value: String)] {
        var fields = [
            ("RateLimit-Policy", "\"token\";q=\(limit);w=\(windowMilliseconds / 1_000)"),
            ("RateLimit", "\"token\";r=\(remaining);t=\(resetSeconds)"),
            ("X-RateLimit-Limit", "\(limit)"), ("X-RateLimit-Remaining", "\(remaining)"),
            ("X-RateLimit-Reset", "\(resetSeconds)"),
        ]
        if let retryAfterSeconds { fields.append(("Retry-After", "\(retryAfterSeconds)")) }
        return fields
    }
}

extension OwnTime {
    /// Whole seconds from here to `later`, rounded up; 0 where that is past.
    public func secondsRoundedUp(until later: Self) -> Int {
        later <= self ? 0 : Int((later.millisecondsRoundedUp(since: self) + 999) / 1_000)
    }
}
