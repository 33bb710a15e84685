import Primitives

/// What needs attention later. One entry for each name; adding it again can only move it earlier.
struct WakeUps<Name: Hashable & Sendable>: Sendable {
    private struct Entry: Comparable {
        var at: ContinuousClock.Instant
        var name: Name

        /// By time alone.
        static func < (one: Entry, other: Entry) -> Bool { one.at < other.at }
    }

    private var heap = Heap<Entry>()
    /// The time that holds for each name; entries of the heap that differ are stale.
    private var valid: [Name: ContinuousClock.Instant] = [:]

    var first: ContinuousClock.Instant? { heap.first?.at }
    var count: Int { valid.count }

    /// Schedules `name` for `instant`, or earlier if that was requested before.
    mutating func add(_ name: Name, at instant: ContinuousClock.Instant) {
        if let there = valid[name], there <= instant { return }
        valid[name] = instant
        // Most names are removed before their time: their entries must not accumulate until then.
        if heap.count > 1024, heap.count > 4 * valid.count {
            heap = Heap(sorted: valid.map { Entry(at: $0.value, name: $0.key) }.sorted())
        } else {
            heap.insert(Entry(at: instant, name: name))
        }
    }

    /// Entries kept, stale ones too.
    var entryCount: Int { heap.count }

    mutating func remove(_ name: Name) { valid[name] = nil }

    /// Takes out all that is due.
    mutating func due(at now: ContinuousClock.Instant) -> [Name] {
        var names: [Name] = []
        while let first = heap.first, first.at <= now, let entry = heap.popFirst() {
            if valid[entry.name] == entry.at {
                valid[entry.name] = nil
                names.append(entry.name)
            }
        }
        return names
    }
}
