import Glibc
public import Orders
import Synchronization
public import Telemetry

/// The machine's clocks, with a time of day that never goes back: where the clock is set back, it goes on from the time
/// before, an eighth slower than time passes, so that the clock catches up: after eight hours where it was set back by one.
///
/// Leases, and when a row is due, are kept in times of day, since several processes share them. A clock set back by an
/// hour would put off for an hour all that was noted before. A lease that lasts an eighth longer harms nobody; one that
/// ended early could.
public final class SteadyTime: Timekeeper {
    /// What became of the clock.
    public enum Step: Sendable, Equatable {
        /// It was set back by so much, or the ledger knows a time so far ahead of it.
        case back(Duration)
        /// It tells the time again that had gone on without it.
        case caughtUp
        /// A noted time lies so far ahead of it that it is not followed.
        case farBehind(Duration)
    }

    /// Less is a correction that nobody needs to hear of.
    private static let worthSayingMilliseconds: Int64 = 1_000
    /// A time noted further ahead (a day) came from a clock that was wrong then; following it would keep every process at
    /// that time for as long.
    private static let followedMilliseconds: Int64 = 86_400_000

    private struct State {
        /// The last time told.
        var told: Int64 = .min
        /// Where the time told last was the clock's, or another's that was followed; and what had elapsed then.
        var anchor: (wall: Int64, elapsed: Int64)?
        var isBehind = false
    }

    private let clock: @Sendable () -> Int64
    private let elapsed: @Sendable () -> Int64
    private let noticed: @Sendable (Step) -> Void
    private let state = Mutex(State())

    /// - Parameters:
    ///   - clock: milliseconds since 1970, UTC, as the machine tells them.
    ///   - elapsed: milliseconds that only go forward, at the clock's rate.
    ///   - noticed: told when the clock falls behind, and when it has caught up.
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

    /// UTC, never less than before.
    public func milliseconds() -> Int64 { advance(notBefore: .min) }

    /// Goes on from a time that others have noted, if that is later, by a day at most: theirs must not lie in the future.
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
            let now = max(sought, slower, state.told)
            state.told = now
            let isBehind = now - wall > Self.worthSayingMilliseconds
            defer { state.isBehind = isBehind }
            guard isBehind != state.isBehind else { return (now, nil) }
            return (now, isBehind ? .back(.milliseconds(now - wall)) : .caughtUp)
        }
        if let step { noticed(step) }
        return now
    }

    /// The time since the machine started; it is slewed as the time of day is, and never set.
    @Sendable public static func machineElapsed() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
    }
}
