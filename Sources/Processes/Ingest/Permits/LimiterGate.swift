public import Access
public import Limiter
import RateLimit

/// The gate of a running `ingest`: the rate limit on Kafka.
public struct LimiterGate: PermitGate {
    private let limiter: Limiter

    public init(_ limiter: Limiter) { self.limiter = limiter }

    public func permit(for token: TokenRecord, count: Int) async -> PermitAnswer {
        let answer = await limiter.permit(limitID: token.limitID, configured: token.configuredLimit, count: count)
        return PermitAnswer(PermitVerdict(answer.verdict), answer.fields ?? .unknown(answer.verdict, of: token))
    }

    public func usage(of token: TokenRecord) -> PermitUsage? {
        guard let usage = limiter.usage(limitID: token.limitID, configured: token.configuredLimit) else { return nil }
        let own = limiter.process
        return PermitUsage(
            fields: usage.fields,
            spentBy: usage.spentBy.map { .init(process: "\($0)", permits: $1, isThisOne: $0 == own) },
            refusalsSecondsAgo: usage.refusalsSecondsAgo, restrictedUntil: usage.restrictedUntil)
    }
}

extension PermitVerdict {
    init(_ verdict: LimitAnswer.Verdict) {
        switch verdict {
        case .granted: self = .granted
        case .refused: self = .quotaExceeded
        case .restricted(let until): self = .restricted(until: until)
        case .unavailable(let why): self = .unavailable(retryAfter: why.retryAfterSeconds)
        case .tooMany(let limit): self = .tooMany(limit: limit)
        }
    }
}

extension RateLimitFields {
    /// Before the topic is read nothing is known of the limit but its number.
    fileprivate static func unknown(_ verdict: LimitAnswer.Verdict, of token: TokenRecord) -> RateLimitFields {
        var fields = RateLimitFields(
            Standing(limit: token.limit, remaining: 0, nextPermitAt: nil), now: OwnTime(nanoseconds: 0))
        if case .unavailable(let why) = verdict { fields.retryAfterSeconds = why.retryAfterSeconds }
        return fields
    }
}

extension TokenRecord {
    /// What topic `control` says of the token's limit. The record's version counts its changes, so that a claim made by
    /// an older record never undoes a newer one.
    var configuredLimit: ConfiguredLimit { ConfiguredLimit(limit: limit, version: version) }
}
