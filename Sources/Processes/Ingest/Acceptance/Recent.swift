/// A bounded memory: the newest `maximum` entries, none older than `lifetime`; the oldest goes first.
///
/// Entries are in a ring in the order in which they were noted, and a table has the place of each key's newest. With
/// keys and values that hold no references an entry costs no allocation, and the next is written where the oldest was.
/// (What it costs to free objects a day after their allocation is in Tests/Benchmarks/README.md, ingest-orders.)
struct Recent<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    private struct Entry: Sendable {
        var key: Key
        var value: Value
        var at: ContinuousClock.Instant
    }

    let maximum: Int
    let lifetime: Duration
    private var ring: [Entry] = []
    /// The next place to write, once the ring is full.
    private var next = 0
    private var places: [Key: Int32] = [:]

    init(maximum: Int, lifetime: Duration) {
        precondition(1...Int(Int32.max) ~= maximum, "a memory remembers 1 to \(Int32.max) entries, not \(maximum)")
        self.maximum = maximum
        self.lifetime = lifetime
        // Room for all at once: growing copies everything while a request waits, and untouched memory is not resident.
        ring.reserveCapacity(maximum)
        places.reserveCapacity(maximum)
    }

    var count: Int { places.count }

    /// What is remembered under the key; nil if nothing is, or it is out of date.
    func value(_ key: Key, now: ContinuousClock.Instant) -> Value? { place(of: key, now).map { ring[$0].value } }

    /// Remembers `value` from now on, instead of an earlier one.
    mutating func note(_ key: Key, _ value: Value, now: ContinuousClock.Instant) {
        let entry = Entry(key: key, value: value, at: now)
        let place = next
        if place < ring.count {
            // A key that was noted again since has a newer place, and stays known.
            if let gone = places.index(forKey: ring[place].key), places[gone].value == Int32(place) {
                places.remove(at: gone)
            }
            ring[place] = entry
        } else {
            ring.append(entry)
        }
        places[key] = Int32(place)
        next = place + 1 == maximum ? 0 : place + 1
    }

    /// Changes what is remembered under the key, if anything is, but not its age.
    mutating func modify(_ key: Key, now: ContinuousClock.Instant, _ change: (inout Value) -> Void) {
        guard let place = place(of: key, now) else { return }
        change(&ring[place].value)
    }

    private func place(of key: Key, _ now: ContinuousClock.Instant) -> Int? {
        guard let place = places[key], now - ring[Int(place)].at <= lifetime else { return nil }
        return Int(place)
    }
}
