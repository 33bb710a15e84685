import Primitives

/// Nanoseconds of the monotonic clock: what the loop keeps its deadlines in, since it compares several for each request.
typealias LoopTime = Int64

enum LoopClock {
    static var now: LoopTime { MachineClock.monotonic.nanoseconds }
}

extension Duration {
    /// Rounded down; as much as fits.
    var nanoseconds: Int64 {
        let (whole, isTooMuch) = components.seconds.multipliedReportingOverflow(by: 1_000_000_000)
        guard !isTooMuch else { return components.seconds < 0 ? .min / 2 : .max / 2 }
        let (sum, isStillTooMuch) = whole.addingReportingOverflow(components.attoseconds / 1_000_000_000)
        return isStillTooMuch ? .max / 2 : min(sum, .max / 2)
    }
}
