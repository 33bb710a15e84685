public import Events
import Telemetry

/// The clocks of intake and delivery, injected so that a test can control them.
public protocol Timekeeper: Sendable {
    /// For everything that is measured inside this process; it keeps running while the machine is suspended.
    var now: ContinuousClock.Instant { get }
    /// UTC, for what is compared with times that others wrote.
    var wall: Timestamp { get }
    /// Returns at `instant`, or throws `CancellationError` as soon as the task is cancelled.
    func sleep(until instant: ContinuousClock.Instant) async throws
}

/// The machine's own clocks.
public struct SystemTime: Timekeeper {
    public init() {}
    public var now: ContinuousClock.Instant { .now }
    public var wall: Timestamp { Timestamp(milliseconds: WallClock.milliseconds()) }
    public func sleep(until instant: ContinuousClock.Instant) async throws {
        try await Task.sleep(until: instant, clock: ContinuousClock())
    }
}

/// A source of random numbers: the system's generator in production, a seeded one in a test.
public struct Randomness: Sendable {
    /// A number from the range, uniformly distributed.
    public let pick: @Sendable (ClosedRange<Int64>) -> Int64
    public init(pick: @escaping @Sendable (ClosedRange<Int64>) -> Int64) { self.pick = pick }
    public static let system = Randomness { Int64.random(in: $0) }
}

extension Duration {
    /// Whole milliseconds, rounded down.
    public var milliseconds: Int64 {
        let (seconds, attoseconds) = components
        return seconds * 1000 + attoseconds / 1_000_000_000_000_000
    }
    /// Seconds as a number with a fraction, for metrics only.
    public var inSeconds: Double { Double(components.seconds) + Double(components.attoseconds) / 1e18 }
}
