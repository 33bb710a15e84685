/// A database: SQLite or PostgreSQL, with one behaviour.
///
/// A batch of statements is the unit (PostgreSQL pipelines it); nothing is decided between its statements. Statements
/// may call `now_ms()`: milliseconds since 1970, UTC, read once per statement.
public protocol Database: Sendable {
    /// Runs the statements in one transaction; all or none holds. Rows of each, in order.
    ///
    /// Stops at the first error, whose ``DatabaseError/outcome`` says whether anything may hold nevertheless.
    func transaction(_ statements: [Statement], urgency: Urgency) async throws(DatabaseError) -> [[Row]]
    /// Runs one reading statement, which has one text for a database.
    func read(_ statement: Statement) async throws(DatabaseError) -> [Row]
    /// Runs reading statements that all see the database as it was at one instant; rows of each, in order. They may count
    /// whole tables for minutes: nothing that is asked meanwhile waits behind them.
    func snapshot(_ statements: [Statement]) async throws(DatabaseError) -> [[Row]]
    /// Brings the schema up to date; says which migrations were run. Safe to call from several processes at once.
    func migrate(_ migrations: [Migration]) async throws(DatabaseError) -> [String]
    /// Runs statements that no transaction may hold, as `ALTER TABLE … DETACH PARTITION … CONCURRENTLY` and `VACUUM`, each by
    /// itself and one after another, which may take minutes: nothing that is asked meanwhile waits behind them.
    ///
    /// A partition that is detached so is looked for first: what is half done is finished, what is done is passed over. Any
    /// other statement must do nothing the second time by itself.
    func runAlone(_ texts: [String]) async throws(DatabaseError)
    /// How it stands: its settings that endanger what is kept, or make it slow.
    func checkUp() async throws(DatabaseError) -> DatabaseCheckUp
    /// Ends what was asked before, and refuses everything after with ``DatabaseError/Code/closed``.
    func close() async
}

/// Which of two lines a transaction waits in. Neither waits for the other's backlog.
public enum Urgency: Sendable, CaseIterable {
    /// Large, one after another, and judged by how many there are in a second.
    case bulk
    /// Small, and waited for.
    case brisk
}

extension Database {
    /// One without settings to look at.
    public func checkUp() async throws(DatabaseError) -> DatabaseCheckUp { DatabaseCheckUp(name: "\(Self.self)") }

    /// A small transaction, which somebody waits for.
    public func transaction(_ statements: [Statement]) async throws(DatabaseError) -> [[Row]] {
        try await transaction(statements, urgency: .brisk)
    }
}
