/// How far a partition's broker clock is ahead of this process's own, as its own records show: a record sent at s and
/// read back at m was stamped in between, so the stamp is at most stamp − s and at least stamp − m ahead.
///
/// For a metric only: the difference of two partitions' bounds is how far their brokers' clocks are apart, whatever
/// this process's clock shows. No decision depends on it.
public struct ClockOffset: Sendable {
    /// For so long bounds are gathered, and for as long again they are kept.
    private static let gathering: Milliseconds = 30_000

    private var began: OwnTime?
    private var current: ClosedRange<Int64>?
    private var previous: ClosedRange<Int64>?

    public init() {}

    /// Nanoseconds that the broker's clock is ahead by: at least, and at most. The origins of the two clocks are not
    /// the same, so only a difference says something. nil before anything was read back.
    public var bounds: ClosedRange<Int64>? {
        guard let current, let previous, current.overlaps(previous) else { return current ?? previous }
        return current.clamped(to: previous)
    }

    /// An own record was read back: sent at `sentAt`, stamped with `stamp`, which is a millisecond rounded down.
    mutating func note(_ stamp: Milliseconds, sentAt: OwnTime, readAt: OwnTime) {
        let least = stamp * 1_000_000 - readAt.nanoseconds
        let most = (stamp + 1) * 1_000_000 - sentAt.nanoseconds
        guard least <= most else { return }
        if began.map({ readAt.milliseconds(since: $0) >= Self.gathering }) ?? true {
            (previous, current, began) = (current, nil, readAt)
        }
        let sample = least...most
        if let known = bounds, !known.overlaps(sample) {
            // The clock was set, or another broker leads: what was known of it is of no use.
            (previous, current) = (nil, sample)
        } else {
            current = current.map { $0.clamped(to: sample) } ?? sample
        }
    }

    /// How far the furthest of several clocks are apart at least, in nanoseconds.
    public static func spread(of bounds: [ClosedRange<Int64>]) -> Int64 {
        guard let most = bounds.map(\.lowerBound).max(), let least = bounds.map(\.upperBound).min() else { return 0 }
        return max(0, most - least)
    }
}
