/// The instant by which something must be done, on a clock that never jumps.
struct Deadline {
    let instant: ContinuousClock.Instant

    init(after duration: Duration) { instant = .now + duration }
    init(_ instant: ContinuousClock.Instant) { self.instant = instant }

    /// What is left; never negative.
    var left: Duration { max(.zero, ContinuousClock.now.duration(to: instant)) }

    /// The earlier of this and `duration` from now.
    func orSooner(after duration: Duration) -> Deadline { Deadline(min(instant, .now + duration)) }
}

extension Duration {
    /// Whole milliseconds, rounded up: a wait for them does not end before the duration has.
    var milliseconds: Int {
        let (seconds, attoseconds) = components
        guard seconds < 1_000_000_000 else { return 1_000_000_000_000 }
        return Int(seconds) * 1_000 + Int((attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000)
    }
}
