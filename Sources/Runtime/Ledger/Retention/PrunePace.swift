/// How many rows a prune removes in one transaction, and how long it pauses afterwards, so that nobody waits for it for
/// long: it follows from how long the last one took. Pure.
struct PrunePace {
    /// Who meets a transaction of a prune waits for so long, or twice that where the rows were unlike the ones before.
    static let target = Duration.milliseconds(20)
    static let range = 16...2_000
    private static let pauses = Duration.milliseconds(5)...Duration.seconds(1)

    private(set) var rows = 64

    /// - Returns: the pause, as long as the transaction: whatever a prune takes of the database, others have as much.
    mutating func took(_ duration: Duration) -> Duration {
        if duration > Self.target {
            rows = max(Self.range.lowerBound, rows / 2)
        } else if duration < Self.target / 2 {
            rows = min(Self.range.upperBound, rows + rows / 2)
        }
        return min(max(duration, Self.pauses.lowerBound), Self.pauses.upperBound)
    }
}
