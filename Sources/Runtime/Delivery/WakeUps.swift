/// What is to be looked at later: a binary min-heap by time. One entry for each name; asking again moves it earlier only.
struct WakeUps<Name: Hashable & Sendable>: Sendable {
    private var heap: [(at: ContinuousClock.Instant, name: Name)] = []
    /// The time that holds for each name; entries of the heap that differ are stale.
    private var valid: [Name: ContinuousClock.Instant] = [:]

    var first: ContinuousClock.Instant? { heap.first?.at }
    var count: Int { valid.count }

    /// Looks at `name` at `instant`, or earlier where that was asked before.
    mutating func add(_ name: Name, at instant: ContinuousClock.Instant) {
        if let there = valid[name], there <= instant { return }
        valid[name] = instant
        // Most names are removed before their time: their entries must not gather until then.
        if heap.count > 1024, heap.count > 4 * valid.count {
            heap = valid.map { ($0.value, $0.key) }.sorted { $0.0 < $1.0 }
            return
        }
        heap.append((instant, name))
        var child = heap.count - 1
        while child > 0, heap[child].at < heap[(child - 1) / 2].at {
            heap.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    /// Entries kept, stale ones too.
    var entryCount: Int { heap.count }

    mutating func remove(_ name: Name) { valid[name] = nil }

    /// Takes out all that is due.
    mutating func due(at now: ContinuousClock.Instant) -> [Name] {
        var names: [Name] = []
        while let first = heap.first, first.at <= now {
            let entry = pop()
            if valid[entry.name] == entry.at {
                valid[entry.name] = nil
                names.append(entry.name)
            }
        }
        return names
    }

    private mutating func pop() -> (at: ContinuousClock.Instant, name: Name) {
        heap.swapAt(0, heap.count - 1)
        let entry = heap.removeLast()
        var parent = 0
        while true {
            var least = parent
            for child in [2 * parent + 1, 2 * parent + 2] where child < heap.count && heap[child].at < heap[least].at {
                least = child
            }
            if least == parent { return entry }
            heap.swapAt(parent, least)
            parent = least
        }
    }
}
