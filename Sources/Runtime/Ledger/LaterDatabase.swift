import Database
import Synchronization

/// A database that is opened later: until then it refuses what it is asked, as something that may succeed soon.
final class LaterDatabase: Database {
    private enum State {
        case notOpen
        case open(any Database)
        case closed
    }

    private let make: @Sendable () throws(DatabaseError) -> any Database
    private let state = Mutex(State.notOpen)

    init(_ make: @escaping @Sendable () throws(DatabaseError) -> any Database) { self.make = make }

    var isOpen: Bool { state.withLock { if case .open = $0 { true } else { false } } }

    /// Does nothing where it is open. One opens it at a time.
    func open() throws(DatabaseError) {
        let isNeeded = try state.withLock { state throws(DatabaseError) in
            switch state {
            case .notOpen: true
            case .open: false
            case .closed: throw Self.closed
            }
        }
        guard isNeeded else { return }
        let made = try make()
        state.withLock { if case .notOpen = $0 { $0 = .open(made) } }
    }

    private func opened() throws(DatabaseError) -> any Database {
        try state.withLock { state throws(DatabaseError) in
            switch state {
            case .notOpen: throw DatabaseError(.unreachable, "the database is not opened yet", isRetriable: true)
            case .open(let database): database
            case .closed: throw Self.closed
            }
        }
    }

    private static let closed = DatabaseError(.closed, "the database is closed", isRetriable: false)

    func transaction(
        _ statements: [Statement], urgency: Urgency
    ) async throws(DatabaseError) -> [[Row]] {
        try await opened().transaction(statements, urgency: urgency)
    }

    func read(_ statement: Statement) async throws(DatabaseError) -> [Row] { try await opened().read(statement) }

    func snapshot(_ statements: [Statement]) async throws(DatabaseError) -> [[Row]] {
        try await opened().snapshot(statements)
    }

    func migrate(_ migrations: [Migration]) async throws(DatabaseError) -> [String] {
        try await opened().migrate(migrations)
    }

    func runAlone(_ texts: [String]) async throws(DatabaseError) { try await opened().runAlone(texts) }

    func checkUp() async throws(DatabaseError) -> DatabaseCheckUp { try await opened().checkUp() }

    func close() async {
        let database = state.withLock { state -> (any Database)? in
            defer { state = .closed }
            return if case .open(let database) = state { database } else { nil }
        }
        await database?.close()
    }
}
