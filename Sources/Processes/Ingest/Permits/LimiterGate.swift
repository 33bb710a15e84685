public import Access
public import Limiter
import RateLimit

/// The gate of a running `ingest`: the rate limit on Kafka.
public struct LimiterGate: PermitGate {
    private let limiter: Limiter
    private let quota: @Sendable (_ limitID: String) -> QuotaRecord?

    /// - Parameter quota: what topic `control` says of a limit; nil: its tokens' records tell its number.
    public init(_ limiter: Limiter, quota: @escaping @Sendable (_ limitID: String) -> QuotaRecord?) {
        self.limiter = limiter
        self.quota = quota
    }

    public func permit(for token: TokenRecord, count: Int) async -> PermitAnswer {
        let configured = configuredLimit(of: token)
        let answer = await limiter.permit(limitID: token.limitID, configured: configured, count: count)
        return PermitAnswer(PermitVerdict(answer.verdict), answer.fields ?? .unknown(answer.verdict, configured))
    }

    public func usage(of token: TokenRecord) -> PermitUsage? {
        guard let usage = limiter.usage(limitID: token.limitID, configured: configuredLimit(of: token)) else {
            return nil
        }
        let own = limiter.process
        return PermitUsage(
            fields: usage.fields,
            spentBy: usage.spentBy.map { .init(process: "\($0)", permits: $1, isThisOne: $0 == own) },
            refusalsSecondsAgo: usage.refusalsSecondsAgo, restrictedUntil: usage.restrictedUntil)
    }

    private func configuredLimit(of token: TokenRecord) -> ConfiguredLimit {
        ConfiguredLimit(of: token, quota(token.limitID))
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
    fileprivate static func unknown(_ verdict: LimitAnswer.Verdict, _ configured: ConfiguredLimit) -> RateLimitFields {
        var fields = RateLimitFields(
            Standing(limit: configured.limit, remaining: 0, nextPermitAt: nil), now: OwnTime(nanoseconds: 0))
        if case .unavailable(let why) = verdict { fields.retryAfterSeconds = why.retryAfterSeconds }
        return fields
    }
}
