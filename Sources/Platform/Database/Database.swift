/// A database: SQLite now, PostgreSQL beside it later, with one behaviour.
///
/// A batch of statements is the unit (PostgreSQL pipelines it); nothing is decided between its statements. Statements
/// may call `now_ms()`: milliseconds since 1970, UTC, read once per statement.
public protocol Database: Sendable {
    /// Runs the statements in one transaction (BEGIN IMMEDIATE); all or none holds. Rows of each, in order.
    ///
    /// Stops at the first error. After an error other than ``DatabaseError/Code/constraint``,
    /// ``DatabaseError/Code/fence`` and ``DatabaseError/Code/statement`` the outcome may be unknown.
    func transaction(_ statements: [Statement]) async throws(DatabaseError) -> [[Row]]
    /// Runs one reading statement.
    func read(_ statement: Statement) async throws(DatabaseError) -> [Row]
    /// Brings the schema up to date; says which migrations were run. Safe to call from several processes at once.
    func migrate(_ migrations: [Migration]) async throws(DatabaseError) -> [String]
    /// Ends what was asked before, and refuses everything after with ``DatabaseError/Code/closed``.
    func close() async
}

/// A step of the schema, run once, in order, each in a transaction of its own.
public struct Migration: Sendable {
    public let name: String
    public let statements: [String]
    public init(name: String, statements: [String]) {
        self.name = name
        self.statements = statements
    }
}
