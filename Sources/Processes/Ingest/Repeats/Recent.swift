/// A bounded memory: the newest `maximum` entries, none older than `lifetime`; the oldest goes first.
struct Recent<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    let maximum: Int
    let lifetime: Duration
    private var entries: [Key: (value: Value, at: ContinuousClock.Instant)] = [:]
    /// Keys in the order of their noting; those before `oldest` are gone.
    private var order: [(key: Key, at: ContinuousClock.Instant)] = []
    private var oldest = 0

    init(maximum: Int, lifetime: Duration) {
        precondition(maximum > 0, "a memory of \(maximum) entries remembers nothing")
        self.maximum = maximum
        self.lifetime = lifetime
    }

    var count: Int { entries.count }

    /// What is remembered under the key; nil where nothing is, or it is out of date.
    func value(_ key: Key, now: ContinuousClock.Instant) -> Value? {
        guard let entry = entries[key], now - entry.at <= lifetime else { return nil }
        return entry.value
    }

    /// Remembers `value` from now on, instead of what there was.
    mutating func note(_ key: Key, _ value: Value, now: ContinuousClock.Instant) {
        entries[key] = (value, now)
        order.append((key, now))
        while entries.count > maximum || isOldestOutOfDate(now) { forgetOldest() }
        // The list is cut once half of it is gone, so that cutting costs a constant per entry.
        if oldest > 1024, oldest > order.count / 2 {
            order.removeFirst(oldest)
            oldest = 0
        }
    }

    /// Changes what is remembered under the key, if anything is, and lets its age be.
    mutating func modify(_ key: Key, now: ContinuousClock.Instant, _ change: (inout Value) -> Void) {
        guard let index = entries.index(forKey: key), now - entries.values[index].at <= lifetime else { return }
        change(&entries.values[index].value)
    }

    private func isOldestOutOfDate(_ now: ContinuousClock.Instant) -> Bool {
        oldest < order.count && now - order[oldest].at > lifetime
    }

    private mutating func forgetOldest() {
        let (key, at) = order[oldest]
        oldest += 1
        // A key that was noted again since stands further back in the list, too.
        if entries[key]?.at == at { entries[key] = nil }
    }
}
