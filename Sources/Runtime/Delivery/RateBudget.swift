/// A destination's own rate: attempts a second over all processes, of which this one uses its share.
///
/// At most one second's worth is saved up; a receiver that asked for a pause gets it.
package struct RateBudget: Sendable, Equatable {
    /// Attempts a second in all processes together; nil: as many as concurrency lets through.
    private(set) var perSecond: Int?
    /// Processes with a live heartbeat, including this one.
    private(set) var processes: Int
    /// When the next permit would be due if they were spaced evenly.
    private var nextDue: ContinuousClock.Instant?
    private var pausedUntil: ContinuousClock.Instant?

    init(perSecond: Int?, processes: Int = 1) {
        self.perSecond = perSecond
        self.processes = max(1, processes)
    }

    mutating func set(perSecond: Int?) { self.perSecond = perSecond }
    package mutating func set(processes: Int) { self.processes = max(1, processes) }

    mutating func pause(until instant: ContinuousClock.Instant) { pausedUntil = max(pausedUntil ?? instant, instant) }

    private var spacing: Duration? { perSecond.map { .seconds(processes) / max(1, $0) } }

    /// When the next attempt may start; at or before `now`: at once.
    func mayStart(at now: ContinuousClock.Instant) -> ContinuousClock.Instant {
        var instant = now
        if let nextDue, let spacing { instant = max(instant, nextDue - (.seconds(1) - min(spacing, .seconds(1)))) }
        if let pausedUntil { instant = max(instant, pausedUntil) }
        return instant
    }

    /// An attempt starts.
    mutating func started(at now: ContinuousClock.Instant) {
        guard let spacing else { return }
        nextDue = max(nextDue ?? now, now) + spacing
    }

    /// How many attempts can start within `duration`.
    func share(of duration: Duration) -> Int {
        guard let spacing else { return Int.max }
        return max(1, Int(duration / spacing))
    }
}
