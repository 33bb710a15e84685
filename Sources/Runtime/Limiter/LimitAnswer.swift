public import RateLimit

/// A decision about a request, with the rate limit's header fields for its answer.
public struct LimitAnswer: Sendable, Equatable {
    public var verdict: PermitDecision
    public var fields: RateLimitFields

    public init(_ verdict: PermitDecision, _ fields: RateLimitFields) {
        self.verdict = verdict
        self.fields = fields
    }

    /// - Parameter standing: nil if only the limit's number is known.
    init(_ verdict: PermitDecision, _ standing: Standing?, _ terms: LimitTerms, now: OwnTime = .now()) {
        self.init(verdict, RateLimitFields(verdict, standing, terms, now: now))
    }
}

/// How a limit is used, for `GET /usage`.
public struct LimitUsage: Sendable, Equatable {
    /// A process that spent permits.
    public struct Spender: Sendable, Equatable {
        public var process: ProcessID
        /// About how many permits it was granted in the last 60 s.
        public var permits: Int
        /// Whether it is the process that was asked.
        public var isThisOne: Bool

        public init(process: ProcessID, permits: Int, isThisOne: Bool) {
            self.process = process
            self.permits = permits
            self.isThisOne = isThisOne
        }
    }

    public var fields: RateLimitFields
    public var spentBy: [Spender]
    /// How many seconds ago this process refused requests: at most ten, oldest first.
    public var refusalsSecondsAgo: [Int]
    /// Until when the limit is restricted, in milliseconds since 1970, UTC; nil if it is not.
    public var restrictedUntil: Milliseconds?

    public init(
        fields: RateLimitFields, spentBy: [Spender] = [], refusalsSecondsAgo: [Int] = [],
        restrictedUntil: Milliseconds? = nil
    ) {
        self.fields = fields
        self.spentBy = spentBy
        self.refusalsSecondsAgo = refusalsSecondsAgo
        self.restrictedUntil = restrictedUntil
    }
}
