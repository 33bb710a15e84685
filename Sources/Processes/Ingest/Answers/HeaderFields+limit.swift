import HTTP
import RateLimit

extension HeaderFields {
    /// Adds the state of a limit: the fields of draft-ietf-httpapi-ratelimit-headers-10, and the older `X-RateLimit-*`
    /// beside them.
    mutating func add(_ limit: RateLimitFields) {
        add("RateLimit-Policy") { value in
            value.text("\"token\";q=")
            value.number(limit.limit)
            value.text(";w=")
            value.number(Int(windowMilliseconds / 1_000))
        }
        add("RateLimit") { value in
            value.text("\"token\";r=")
            value.number(limit.remaining)
            value.text(";t=")
            value.number(limit.resetSeconds)
        }
        add("X-RateLimit-Limit") { $0.number(limit.limit) }
        add("X-RateLimit-Remaining") { $0.number(limit.remaining) }
        add("X-RateLimit-Reset") { $0.number(limit.resetSeconds) }
        if let seconds = limit.retryAfterSeconds { add("Retry-After") { $0.number(seconds) } }
    }
}
