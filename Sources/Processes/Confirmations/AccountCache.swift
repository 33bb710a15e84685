import Access
import Synchronization

/// Accounts as the ledger had them at most 2 s ago: a worker's configuration is that old and no older.
final class AccountCache: Sendable {
    private static let age = Duration.seconds(2)
    private static let countMaximum = 10_000

    private struct Entry {
        var account: AccountRecord?
        var until: ContinuousClock.Instant
    }
    private let read: @Sendable (String) async throws -> AccountRecord?
    private let entries = Mutex<[String: Entry]>([:])

    init(_ read: @escaping @Sendable (String) async throws -> AccountRecord?) { self.read = read }

    func account(_ id: String) async throws -> AccountRecord? {
        let known = entries.withLock { $0[id] }
        if let known, known.until > .now { return known.account }
        let account = try await read(id)
        entries.withLock { entries in
            if entries.count >= Self.countMaximum { entries.removeAll() }
            entries[id] = Entry(account: account, until: .now + Self.age)
        }
        return account
    }
}
