import Synchronization

/// A cache of values read at most `age` ago: for configuration, which may be that old but no older.
///
/// An entry's age counts from before it was requested: a change during the request is seen in time.
public final class AgedCache<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    private struct Entry {
        var value: Value
        var until: ContinuousClock.Instant
    }

    private let age: Duration
    private let countMaximum: Int
    private let now: @Sendable () -> ContinuousClock.Instant
    private let read: @Sendable (Key) async throws -> Value
    private let entries = Mutex<[Key: Entry]>([:])

    /// - Parameters:
    ///   - age: how old an answer may be.
    ///   - countMaximum: entries kept; all are dropped when there would be more.
    ///   - read: reads the current value.
    public init(
        age: Duration = .seconds(2), countMaximum: Int = 10_000,
        now: @escaping @Sendable () -> ContinuousClock.Instant = { .now },
        read: @escaping @Sendable (Key) async throws -> Value
    ) {
        self.age = age
        self.countMaximum = countMaximum
        self.now = now
        self.read = read
    }

    /// The value, no older than the cache's age. Throws what reading throws; nothing is cached then.
    public func value(_ key: Key) async throws -> Value {
        if let known = entries.withLock({ $0[key] }), known.until > now() { return known.value }
        let asked = now()
        let value = try await read(key)
        entries.withLock { entries in
            if entries.count >= countMaximum, entries[key] == nil { entries.removeAll() }
            entries[key] = Entry(value: value, until: asked + age)
        }
        return value
    }

    /// What `find` finds in one of the cached values, however old; nil if no value has it.
    public func lastKnown<Found>(_ find: (Value) -> Found?) -> Found? {
        entries.withLock { entries in
            for entry in entries.values {
                if let found = find(entry.value) { return found }
            }
            return nil
        }
    }
}
