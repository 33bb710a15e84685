import Orders
import RateLimit

extension Refusal {
    /// The refusal for a caller who got no permits; nil if they were granted.
    ///
    /// `Retry-After` is among the limit's own fields, which every authenticated answer has.
    init?(_ verdict: PermitDecision) {
        switch verdict {
        case .granted: return nil
        case .refused:
            self.init(
                429, .quotaExceeded,
                "The token's requests for these 60 seconds are used up: wait as long as Retry-After says.")
        case .restricted(let until):
            let until = Timestamp(milliseconds: until)
            self.init(
                429, .abnormalUsage,
                "Too many requests came before the time that Retry-After named: the token is restricted until \(until.iso8601)."
            )
            restrictedUntil = until
        case .unavailable:
            self.init(
                503, .reducedCapacity,
                "Whether the token has requests left cannot be determined now: send the same request again after Retry-After."
            )
        case .tooMany(let limit):
            self.init(
                400, .badRequest, "The request asks for more than the \(limit) orders that the token may send in 60 s.")
        }
    }
}

extension Refusal.Code {
    /// The problem types registered for rate limits (draft-ietf-httpapi-ratelimit-headers); nil for codes of our own.
    var registeredProblemType: String? {
        let name: String
        switch self {
        case .quotaExceeded: name = "quota-exceeded"
        case .abnormalUsage: name = "abnormal-usage-detected"
        case .reducedCapacity: name = "temporary-reduced-capacity"
        default: return nil
        }
        return "https://iana.org/assignments/http-problem-types#\(name)"
    }
}
