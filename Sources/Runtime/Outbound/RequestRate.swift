/// How many requests a receiver allows for one connection, over all processes together.
public struct RequestRate: Sendable, Equatable {
    public var requests: Int
    /// The time that the requests are counted over.
    public var period: Duration

    /// - Parameter requests: at least 1.
    public init(_ requests: Int, per period: Duration) {
        self.requests = max(1, requests)
        self.period = period
    }

    /// How many attempts a second that allows, at least one, if each makes `requestsPerAttempt` requests.
    public func attemptsPerSecond(requestsPerAttempt: Int) -> Int {
        max(1, requests * 1_000 / max(1, Int(period / .milliseconds(1)) * max(1, requestsPerAttempt)))
    }
}
