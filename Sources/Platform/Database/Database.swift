/// A value given to, or got from, a statement.
public enum Value: Sendable, Hashable {
    case null
    case integer(Int64)
    case text(String)
    case blob([UInt8])
}

/// A row: values by their place in the statement's result.
public typealias Row = [Value]

/// One statement with its values, `$1 …` in order of appearance.
public struct Statement: Sendable {
    public let text: String
    public let values: [Value]
    /// Where set, the transaction is undone unless the statement changed exactly this many rows (the fence).
    public let mustChange: Int?
    public init(_ text: String, _ values: [Value] = [], mustChange: Int? = nil) {
        self.text = text
        self.values = values
        self.mustChange = mustChange
    }
}

/// What went wrong with the database.
public struct DatabaseError: Error, Sendable, CustomStringConvertible {
    public enum Code: Sendable, Equatable {
        /// A CHECK, UNIQUE or other constraint.
        case constraint
        /// A statement changed another number of rows than ``Statement/mustChange``.
        case fence
        /// Locked by another program for longer than the time-out.
        case busy
        case full, readOnly, cannotOpen, corrupt, closed
        /// The statement is wrong: a fault of ours.
        case statement
        case other(Int32)
    }
    public let code: Code
    /// The database's words and the statement's text, never its values.
    public let message: String
    public let isRetriable: Bool
    public var description: String { message }
    public init(_ code: Code, _ message: String, isRetriable: Bool) {
        self.code = code
        self.message = message
        self.isRetriable = isRetriable
    }
}

/// A database: SQLite now, PostgreSQL beside it later, with one behaviour.
///
/// A batch of statements is the unit (PostgreSQL pipelines it); nothing is decided between its statements.
public protocol Database: Sendable {
    /// Runs the statements in one transaction (BEGIN IMMEDIATE); all or none holds. Rows of each, in order.
    func transaction(_ statements: [Statement]) async throws(DatabaseError) -> [[Row]]
    /// Runs one reading statement.
    func read(_ statement: Statement) async throws(DatabaseError) -> [Row]
    /// Brings the schema up to date; says which migrations were run. Safe to call from several processes at once.
    func migrate(_ migrations: [Migration]) async throws(DatabaseError) -> [String]
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
