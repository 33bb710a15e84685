/// SQLite in WAL mode: one writing connection on a thread of its own, a few for reading; several processes may share
/// the file. `now_ms()` is registered, and read once per statement.
public final class SQLiteDatabase: Database {
    /// - Parameters:
    ///   - path: the file, or `:memory:` (one connection).
    ///   - now: milliseconds since 1970, UTC.
    ///   - isDurable: synchronous FULL; else NORMAL.
    public init(path: String, isDurable: Bool = true, now: @escaping @Sendable () -> Int64) throws(DatabaseError) { fatalError("to be written") }
    public func transaction(_ statements: [Statement]) async throws(DatabaseError) -> [[Row]] { fatalError("to be written") }
    public func read(_ statement: Statement) async throws(DatabaseError) -> [Row] { fatalError("to be written") }
    public func migrate(_ migrations: [Migration]) async throws(DatabaseError) -> [String] { fatalError("to be written") }
    public func close() async { fatalError("to be written") }
}
