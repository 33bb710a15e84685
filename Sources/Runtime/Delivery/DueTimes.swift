/// When rows of a lane are known to be due: ascending, and bounded. Times beyond the bound are found again when the
/// engine looks through the ledger.
struct DueTimes: Sendable, Equatable {
    static let countMaximum = 512
    private var times: [ContinuousClock.Instant] = []

    var first: ContinuousClock.Instant? { times.first }
    var isEmpty: Bool { times.isEmpty }

    mutating func add(_ instant: ContinuousClock.Instant) {
        var (low, high) = (0, times.count)
        while low < high {
            let middle = (low + high) / 2
            if times[middle] < instant { low = middle + 1 } else { high = middle }
        }
        if low < times.count, times[low] == instant { return }
        times.insert(instant, at: low)
        if times.count > Self.countMaximum { times.removeLast() }
    }

    /// A take finds all that is due by now.
    mutating func removeDue(at now: ContinuousClock.Instant) {
        times.removeFirst(times.prefix { $0 <= now }.count)
    }
}
