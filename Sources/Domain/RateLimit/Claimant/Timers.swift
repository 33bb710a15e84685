/// When limits want to be looked at: a heap, in which what is out of date is passed over when its time comes.
struct Timers: Sendable {
    struct Timer: Sendable {
        var at: OwnTime
        var limitID: LimitID
    }

    private var heap: [Timer] = []

    var next: OwnTime { heap.first?.at ?? .never }

    mutating func add(_ limitID: LimitID, at instant: OwnTime) {
        heap.append(Timer(at: instant, limitID: limitID))
        var child = heap.count - 1
        while child > 0, heap[child].at < heap[(child - 1) / 2].at {
            heap.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    /// The first timer that is due.
    mutating func due(now: OwnTime) -> Timer? {
        guard let first = heap.first, first.at <= now else { return nil }
        heap.swapAt(0, heap.count - 1)
        heap.removeLast()
        var parent = 0
        while true {
            var least = parent
            for child in [2 * parent + 1, 2 * parent + 2] where child < heap.count && heap[child].at < heap[least].at {
                least = child
            }
            guard least != parent else { return first }
            heap.swapAt(parent, least)
            parent = least
        }
    }
}
