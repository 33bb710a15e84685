import Primitives

/// When limits need attention; outdated timers are ignored when they fire.
struct Timers: Sendable {
    struct Timer: Sendable, Comparable {
        var at: OwnTime
        var limitID: LimitID

        /// By time alone.
        static func < (one: Timer, other: Timer) -> Bool { one.at < other.at }
    }

    private var heap = Heap<Timer>()

    var next: OwnTime { heap.first?.at ?? .never }

    mutating func add(_ limitID: LimitID, at instant: OwnTime) { heap.insert(Timer(at: instant, limitID: limitID)) }

    /// The first timer that is due.
    mutating func due(now: OwnTime) -> Timer? {
        guard let first = heap.first, first.at <= now else { return nil }
        return heap.popFirst()
    }
}
