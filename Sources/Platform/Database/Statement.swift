/// One statement with its values.
public struct Statement: Sendable {
    public let sql: SQL
    /// For `$1 …`.
    public let values: [Value]
    /// For `rows`, each with a value a column. A statement that takes rows and is given none does nothing.
    public let rows: [[Value]]
    /// Where set, the transaction is undone unless the statement changed exactly this many rows (the fence). Such a
    /// statement is an INSERT, UPDATE or DELETE that returns no rows.
    public let mustChange: Int?
    /// Whether it claims what the transaction is about: a test may stop the process after it, before all is committed.
    public let isFence: Bool

    public init(
        _ sql: SQL, _ values: [Value] = [], rows: [[Value]] = [], mustChange: Int? = nil, isFence: Bool = false
    ) {
        self.sql = sql
        self.values = values
        self.rows = rows
        self.mustChange = mustChange
        self.isFence = isFence
    }

    /// One text for all databases.
    public init(_ text: String, _ values: [Value] = [], mustChange: Int? = nil, isFence: Bool = false) {
        self.init(SQL(text), values, mustChange: mustChange, isFence: isFence)
    }
}
