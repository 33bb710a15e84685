/// The database that a `DATABASE_URL` names: `sqlite:<path>` (`sqlite::memory:` for one that does not last), or
/// `postgresql://…`.
public struct Databases: Sendable {
    private enum Place: Sendable {
        case sqlite(path: String)
        case postgreSQL(PostgreSQLAddress)
    }

    private let place: Place
    private let options: PostgreSQLOptions
    private let fenceHeld: (@Sendable () -> Void)?
    private let now: @Sendable () -> Int64

    /// Nothing is opened yet.
    ///
    /// - Parameters:
    ///   - options: how PostgreSQL is used, if it is.
    ///   - fenceHeld: a test's hook, called when a transaction with a fence has run and is not committed yet.
    ///   - now: milliseconds since 1970, UTC: what SQLite's `now_ms()` tells.
    /// - Throws: ``DatabaseError/Code/denied`` where the address names no database. It may hold a password, and is not
    ///   repeated.
    public init(
        url: String, options: PostgreSQLOptions, fenceHeld: (@Sendable () -> Void)? = nil,
        now: @escaping @Sendable () -> Int64
    ) throws(DatabaseError) {
        place = try Self.place(url, password: options.password)
        self.options = options
        self.fenceHeld = fenceHeld
        self.now = now
    }

    /// SQLite opens its file now; PostgreSQL is connected to when something is asked.
    public func open() throws(DatabaseError) -> any Database {
        switch place {
        case .sqlite(let path): try SQLiteDatabase(path: path, fenceHeld: fenceHeld, now: now)
        case .postgreSQL(let address): PostgreSQLDatabase(address: address, options: options, fenceHeld: fenceHeld)
        }
    }

    private static func place(_ url: String, password: String?) throws(DatabaseError) -> Place {
        if url.hasPrefix("postgresql:") || url.hasPrefix("postgres:") {
            return .postgreSQL(try PostgreSQLAddress(url: url, password: password))
        }
        let scheme = "sqlite:"
        guard url.hasPrefix(scheme) else {
            throw DatabaseError(
                .denied, "DATABASE_URL must be sqlite:<path>, as sqlite:orderrelay.db, or \(PostgreSQLAddress.example)",
                isRetriable: false)
        }
        guard password == nil else {
            throw DatabaseError(
                .denied,
                "DATABASE_PASSWORD is set, but DATABASE_URL names a file: write \(PostgreSQLAddress.withoutPassword), or remove DATABASE_PASSWORD",
                isRetriable: false)
        }
        var path = String(url.dropFirst(scheme.count))
        if path.hasPrefix("///") { path.removeFirst(2) }
        guard !path.isEmpty, !path.utf8.contains(0) else {
            throw DatabaseError(
                .denied, "DATABASE_URL names no file: sqlite:<path>, as sqlite:orderrelay.db", isRetriable: false)
        }
        return .sqlite(path: path)
    }
}
