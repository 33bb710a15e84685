/// T, the time of a partition: it advances by the forward moves of its records' LogAppendTime, and by nothing else.
///
/// A type of its own, so that the compiler refuses to compare it with a process's clock.
public struct LogTime: Comparable, Hashable, Sendable {
    /// Milliseconds since the replica's first record. Only differences mean something.
    public var milliseconds: Milliseconds

    public init(milliseconds: Milliseconds) { self.milliseconds = milliseconds }

    /// The replica's first record.
    public static let zero = LogTime(milliseconds: 0)

    public static func < (one: Self, other: Self) -> Bool { one.milliseconds < other.milliseconds }
    public static func + (time: Self, span: Milliseconds) -> Self { .init(milliseconds: time.milliseconds + span) }
    public static func - (time: Self, span: Milliseconds) -> Self { .init(milliseconds: time.milliseconds - span) }
    public static func - (later: Self, earlier: Self) -> Milliseconds { later.milliseconds - earlier.milliseconds }
}

/// An instant on this process's own clock, which runs on while the machine is suspended (`ContinuousClock`).
public struct OwnTime: Comparable, Hashable, Sendable {
    /// Nanoseconds since some start of the clock's own. Only differences mean something.
    public var nanoseconds: Int64

    public init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

    /// Later than every other instant: no deadline.
    public static let never = OwnTime(nanoseconds: .max)

    public static func < (one: Self, other: Self) -> Bool { one.nanoseconds < other.nanoseconds }
    public static func + (time: Self, span: Milliseconds) -> Self {
        .init(nanoseconds: time.nanoseconds + span * 1_000_000)
    }
    public static func - (time: Self, span: Milliseconds) -> Self {
        .init(nanoseconds: time.nanoseconds - span * 1_000_000)
    }

    /// Whole milliseconds from `earlier` to here, rounded down.
    public func milliseconds(since earlier: Self) -> Milliseconds {
        (nanoseconds - earlier.nanoseconds).dividedDown(by: 1_000_000)
    }

    /// Whole milliseconds from `earlier` to here, rounded up.
    public func millisecondsRoundedUp(since earlier: Self) -> Milliseconds {
        -(earlier.nanoseconds - nanoseconds).dividedDown(by: 1_000_000)
    }
}

/// How far T was ahead of a process's own clock, in nanoseconds: the one bridge between the two.
public struct Lead: Comparable, Hashable, Sendable {
    /// Nanoseconds; of no meaning but in comparison with other leads of the same process and partition.
    public var nanoseconds: Int64

    /// The lead of T over the process's clock when one showed `time` and the other `own`.
    public init(of time: LogTime, over own: OwnTime) {
        nanoseconds = time.milliseconds * 1_000_000 - own.nanoseconds
    }

    public static func < (one: Self, other: Self) -> Bool { one.nanoseconds < other.nanoseconds }
    public static func + (lead: Self, span: Milliseconds) -> Self {
        var later = lead
        later.nanoseconds += span * 1_000_000
        return later
    }

    /// When the own clock shows what T shows at `time`.
    public func ownTime(of time: LogTime) -> OwnTime {
        OwnTime(nanoseconds: time.milliseconds * 1_000_000 - nanoseconds)
    }

    /// What T shows at `own`, rounded down.
    public func logTime(at own: OwnTime) -> LogTime {
        LogTime(milliseconds: (own.nanoseconds + nanoseconds).dividedDown(by: 1_000_000))
    }
}

extension Int64 {
    /// The quotient rounded towards minus infinity (Swift's `/` rounds towards zero); `divisor` is positive.
    @inlinable func dividedDown(by divisor: Int64) -> Int64 {
        let quotient = self / divisor
        return self % divisor < 0 ? quotient - 1 : quotient
    }
}
