import Synchronization
import Telemetry

/// What a line of a pool tells of itself at one time.
struct LineFigures: Sendable, Equatable {
    /// Connections that are there, and that are to be: as many as there are jobs to do, within the line's bound.
    var open = 0, wanted = 0
    /// Connections that do a job now.
    var inUse = 0
    /// Connections that leave this machine without TLS.
    var inClear = 0
    /// Jobs that no connection has taken yet.
    var waiting = 0
    /// What a job has waited for a connection at most, of those that wait and those that were taken or failed lately.
    var longestWaitMilliseconds: Int64 = 0
    var counts = LineCounts()
}

/// What has happened in a line since the start.
struct LineCounts: Sendable, Equatable {
    /// Connections that ended without this program's having asked for it.
    var lost = 0
    /// Connections that could not be made.
    var failed = 0
    /// Transactions of which it is not known whether they hold.
    var unknownOutcomes = 0
}

/// Counts what happens in a line, and how long its jobs wait.
final class LineRecord: Sendable {
    private struct State {
        var counts = LineCounts()
        var waits = LongestLately()
    }
    private let state = Mutex(State())
    private let inUse = Atomic<Int>(0)
    private let seconds: Histogram.Series?

    /// - Parameter seconds: where it is recorded how long a connection was in use.
    init(seconds: Histogram.Series? = nil) { self.seconds = seconds }

    /// A connection does what it took.
    func use<Success>(_ work: () -> Success) -> Success {
        let began = ContinuousClock.now
        inUse.add(1, ordering: .relaxed)
        defer {
            inUse.subtract(1, ordering: .relaxed)
            seconds?.record(ContinuousClock.now - began)
        }
        return work()
    }

    func count(_ what: any WritableKeyPath<LineCounts, Int> & Sendable) {
        state.withLock { $0.counts[keyPath: what] += 1 }
    }

    /// Jobs that wait no more, of which the first has waited for longest.
    func waited(since first: Int64?, at now: Int64) {
        guard let first else { return }
        state.withLock { $0.waits.note(now - first, at: now) }
    }

    /// What was recorded; how long the first job of those that wait now has waited is known to the caller.
    func figures(waitingSince first: Int64?, at now: Int64) -> LineFigures {
        let (counts, longest) = state.withLock { ($0.counts, $0.waits.longest(at: now)) }
        var figures = LineFigures()
        figures.counts = counts
        figures.inUse = inUse.load(ordering: .relaxed)
        figures.longestWaitMilliseconds = max(longest, first.map { now - $0 } ?? 0)
        return figures
    }
}
