import Primitives
import RateLimit

extension OwnTime {
    /// What this process's clock shows: the kernel's boot-time clock, which is what `ContinuousClock` reads too. It
    /// keeps running while the machine is suspended, and is never set.
    static func now() -> OwnTime { OwnTime(nanoseconds: MachineClock.boot.nanoseconds) }
}

/// Milliseconds since 1970, UTC; for restrictions only.
func wallClockMilliseconds() -> Milliseconds { MachineClock.wall.milliseconds }
