public import Events
import Primitives
import Synchronization
public import Telemetry

/// The machine's clocks, with a time of day that never goes back: if the clock is set back, it continues from the
/// earlier time, an eighth slower than time passes, so that the clock catches up: after eight hours if it was set back
/// by one.
///
/// Leases, and when a row is due, are kept in times of day, since several processes share them. A clock set back by an
/// hour would put off for an hour all that was noted before. A lease that lasts an eighth longer harms nobody; one that
/// ended early could.
public final class SteadyTime: Timekeeper {
    /// What happened to the clock.
    public enum Step: Sendable, Equatable {
        /// It was set back by this much, or the ledger has a time this far ahead of it.
        case back(Duration)
        /// It has caught up with the time that continued without it.
        case caughtUp
        /// A noted time is so far ahead of the clock that it is ignored.
        case farBehind(Duration)
    }

    /// Smaller steps are corrections that nobody needs to know of.
    private static let worthSayingMilliseconds: Int64 = 1_000
    /// A time noted further ahead than a day came from a wrong clock; following it would stop every process's time for
    /// as long.
    private static let followedMilliseconds: Int64 = 86_400_000

    private struct State {
        /// The latest time given out.
        var latest: Int64 = .min
        /// When the latest time was the clock's, or another one that was followed, and what had elapsed then.
        var anchor: (wall: Int64, elapsed: Int64)?
        var isBehind = false
    }

    private let clock: @Sendable () -> Int64
    private let elapsed: @Sendable () -> Int64
    private let noticed: @Sendable (Step) -> Void
    private let state = Mutex(State())

    /// - Parameters:
    ///   - clock: milliseconds since 1970, UTC, as the machine gives them.
    ///   - elapsed: milliseconds that only go forward, at the clock's rate.
    ///   - noticed: called when the clock falls behind, and when it has caught up.
    public init(
        clock: @escaping @Sendable () -> Int64 = WallClock.milliseconds,
        elapsed: @escaping @Sendable () -> Int64 = SteadyTime.machineElapsed,
        noticed: @escaping @Sendable (Step) -> Void = { _ in }
    ) {
        self.clock = clock
        self.elapsed = elapsed
        self.noticed = noticed
    }

    public var now: ContinuousClock.Instant { .now }
    public var wall: Timestamp { Timestamp(milliseconds: milliseconds()) }
    public func sleep(until instant: ContinuousClock.Instant) async throws {
        try await SystemTime().sleep(until: instant)
    }

    /// The time of day in milliseconds since 1970, UTC; never less than before.
    public func milliseconds() -> Int64 { advance(notBefore: .min) }

    /// Continues from a time that another process has noted, if it is later, by at most a day: it must not seem to be
    /// in the future.
    public func follow(_ noted: Timestamp) {
        let ahead = noted.milliseconds - milliseconds()
        guard ahead <= Self.followedMilliseconds else { return noticed(.farBehind(.milliseconds(ahead))) }
        _ = advance(notBefore: noted.milliseconds)
    }

    private func advance(notBefore least: Int64) -> Int64 {
        let (now, step) = state.withLock { state -> (Int64, Step?) in
            let (wall, elapsed) = (clock(), elapsed())
            let sought = max(wall, least)
            let slower = state.anchor.map { $0.wall + max(0, elapsed - $0.elapsed) / 8 * 7 } ?? .min
            if sought >= slower { state.anchor = (sought, elapsed) }
            let now = max(sought, slower, state.latest)
            state.latest = now
            let isBehind = now - wall > Self.worthSayingMilliseconds
            defer { state.isBehind = isBehind }
            guard isBehind != state.isBehind else { return (now, nil) }
            return (now, isBehind ? .back(.milliseconds(now - wall)) : .caughtUp)
        }
        if let step { noticed(step) }
        return now
    }

    /// Milliseconds since the machine started; slewed like the time of day, and never set.
    @Sendable public static func machineElapsed() -> Int64 { MachineClock.monotonic.milliseconds }
}
