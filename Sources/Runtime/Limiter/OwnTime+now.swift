import Glibc
import RateLimit

extension OwnTime {
    /// What this process's clock shows: the kernel's boot-time clock, which is what `ContinuousClock` reads too. It runs
    /// on while the machine is suspended, and nobody sets it.
    static func now() -> OwnTime {
        var time = timespec()
        clock_gettime(CLOCK_BOOTTIME, &time)
        return OwnTime(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
    }
}

/// Milliseconds since 1970, UTC; for restrictions only.
func wallClockMilliseconds() -> Milliseconds {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Int64(time.tv_sec) * 1_000 + Int64(time.tv_nsec) / 1_000_000
}
