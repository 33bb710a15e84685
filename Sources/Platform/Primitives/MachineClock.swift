import Glibc

/// The machine's clocks as numbers, where a `ContinuousClock.Instant` costs too much: only a difference is needed, a
/// million times.
public enum MachineClock: Sendable {
    /// The time of day, since 1970, UTC. It may be set.
    case wall
    /// Since the machine started, without the time that it was suspended; slewed as the time of day is, and never set.
    case monotonic
    /// Since the machine started; it runs on while that is suspended, as `ContinuousClock` does. Never set.
    case boot

    /// The time now, in nanoseconds.
    public var nanoseconds: Int64 {
        let time = time
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }

    /// The time now, in milliseconds, rounded down.
    public var milliseconds: Int64 {
        let time = time
        return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
    }

    private var time: timespec {
        var time = timespec()
        switch self {
        case .wall: clock_gettime(CLOCK_REALTIME, &time)
        case .monotonic: clock_gettime(CLOCK_MONOTONIC, &time)
        case .boot: clock_gettime(CLOCK_BOOTTIME, &time)
        }
        return time
    }
}
