import Ledger
import Synchronization

/// Connections as the ledger had them at most 2 s ago: a worker's configuration is that old and no older.
final class ConnectionCache: Sendable {
    static let age = Duration.seconds(2)
    /// Accounts kept at once.
    private static let countMaximum = 10_000

    private struct Entry {
        var connections: [Connection]
        var until: ContinuousClock.Instant
    }
    private let read: @Sendable (_ account: String) async throws -> [Connection]
    private let now: @Sendable () -> ContinuousClock.Instant
    private let entries = Mutex<[String: Entry]>([:])

    init(
        now: @escaping @Sendable () -> ContinuousClock.Instant = { .now },
        read: @escaping @Sendable (_ account: String) async throws -> [Connection]
    ) {
        self.read = read
        self.now = now
    }

    /// The account's connections.
    func of(_ account: String) async throws -> [Connection] {
        let known = entries.withLock { $0[account] }
        if let known, known.until > now() { return known.connections }
        let asked = now()
        let connections = try await read(account)
        entries.withLock { entries in
            if entries.count >= Self.countMaximum { entries.removeAll() }
            entries[account] = Entry(connections: connections, until: asked + Self.age)
        }
        return connections
    }

    /// A connection as it was last known, however long ago; nil where it has not been asked for yet.
    func lastKnown(_ id: String) -> Connection? {
        entries.withLock { entries in
            for entry in entries.values {
                if let connection = entry.connections.first(where: { $0.id == id }) { return connection }
            }
            return nil
        }
    }
}
