public import Primitives
import Telemetry

/// Which requests from outside are recorded: of those without a trace a ratio, and those whose caller has recorded them, all
/// together within a bound a second. A caller's flag alone must not make this process export everything.
public struct Sampler: Sendable {
    /// How many values the random part of a trace's id has: its last 56 bits
    /// (https://www.w3.org/TR/trace-context-2/#random-trace-id-flag).
    private static let randomValues: UInt64 = 1 << 56

    /// A trace is in the ratio unless its random part is below this, as OpenTelemetry's samplers have it: so they agree.
    private let threshold: UInt64
    private let bound: RateBound
    private let now: @Sendable () -> Int64

    /// - Parameters:
    ///   - ratio: of requests without a trace of their own, 0 to 1.
    ///   - perSecond: how many requests are recorded a second, at least 1; as many may come at once.
    ///   - now: nanoseconds of a clock that never goes back.
    public init(
        ratio: Double, perSecond: Int, now: @escaping @Sendable () -> Int64 = { MachineClock.monotonic.nanoseconds }
    ) {
        precondition((0...1).contains(ratio), "a ratio is from 0 to 1, not \(ratio)")
        threshold = UInt64((1 - ratio) * Double(Self.randomValues))
        bound = RateBound(perSecond: perSecond)
        self.now = now
    }

    /// Whether a request is recorded.
    ///
    /// - Parameters:
    ///   - trace: its trace: the caller's or a new one.
    ///   - caller: the context that the caller sent; nil if it sent none.
    func samples(_ trace: TraceContext.TraceID, under caller: TraceContext?) -> Bool {
        let isWanted = caller?.isSampled ?? (trace.low % Self.randomValues >= threshold)
        return isWanted && bound.admits(at: now())
    }
}
