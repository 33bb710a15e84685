public import Access
public import RateLimit

/// What became of a request for permits.
public enum PermitVerdict: Sendable, Equatable {
    /// The request is admitted.
    case granted
    /// The limit is used up: 429 `quota-exceeded`.
    case quotaExceeded
    /// Too many came back before they were told to: 429 `abnormal-usage-detected`, until this time (milliseconds since
    /// 1970, UTC).
    case restricted(until: Int64)
    /// Nothing can be said now: 503 `temporary-reduced-capacity`; come again after so many seconds.
    case unavailable(retryAfter: Int)
    /// More permits at once than the limit has: 400.
    case tooMany(limit: Int)
}

/// A verdict, with what the answer's header fields tell of the limit.
public struct PermitAnswer: Sendable, Equatable {
    public var verdict: PermitVerdict
    public var fields: RateLimitFields

    public init(_ verdict: PermitVerdict, _ fields: RateLimitFields) {
        self.verdict = verdict
        self.fields = fields
    }
}

/// How a token's limit is used, for `GET /usage`.
public struct PermitUsage: Sendable {
    /// A process that spent permits.
    public struct Spender: Sendable, Equatable {
        /// Its id, random for each of its starts.
        public var process: String
        /// About how many permits it was granted in the last 60 s.
        public var permits: Int
        /// Whether it is this process.
        public var isThisOne: Bool

        public init(process: String, permits: Int, isThisOne: Bool) {
            self.process = process
            self.permits = permits
            self.isThisOne = isThisOne
        }
    }

    public var fields: RateLimitFields
    public var spentBy: [Spender]
    /// How many seconds ago this process refused someone, oldest first, at most ten.
    public var refusalsSecondsAgo: [Int]
    /// Milliseconds since 1970, UTC; nil: the limit is not restricted.
    public var restrictedUntil: Int64?

    public init(
        fields: RateLimitFields, spentBy: [Spender] = [], refusalsSecondsAgo: [Int] = [], restrictedUntil: Int64? = nil
    ) {
        self.fields = fields
        self.spentBy = spentBy
        self.refusalsSecondsAgo = refusalsSecondsAgo
        self.restrictedUntil = restrictedUntil
    }
}

/// Where `ingest` asks for permits: the one place through which every authenticated request goes.
public protocol PermitGate: Sendable {
    /// Asks for `count` permits of the token's limit: all or none.
    func permit(for token: TokenRecord, count: Int) async -> PermitAnswer
    /// How the token's limit is used; nil where that is not known yet. Costs no permit.
    func usage(of token: TokenRecord) -> PermitUsage?
}
