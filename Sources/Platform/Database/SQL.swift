/// The text of a statement: one for all databases, or one for each.
///
/// Values are `$1 …`. A database may be given several texts, which are run one after another as one statement: each is
/// given the values that it names, which are the first of the statement's; the rows are those of all of them, and
/// ``Statement/mustChange`` counts what the last one changes. Locking clauses (`FOR UPDATE OF d SKIP LOCKED`) stand in the
/// one text: SQLite has one writer, and they are left out there.
///
/// A text that takes rows says `FROM rows AS v`, and its columns are declared here. PostgreSQL gets one array a column,
/// and SQLite runs of rows, each a run of the text. So a text must do the same whether its rows come at once or in runs
/// one after another, in their order. A text for SQLite alone may ask for one row a run: SQLite has no LATERAL.
public struct SQL: Sendable, Hashable, ExpressibleByStringLiteral {
    /// A column of the rows that a statement is given.
    public struct Column: Sendable, Hashable {
        public enum Kind: Sendable { case integer, text, blob }
        public let name: String
        public let kind: Kind
    }

    let postgreSQL: [String]
    let sqlite: [String]
    /// Of the rows that it takes; empty: it takes none.
    public let columns: [Column]
    /// How many rows SQLite may be given in one run of the text.
    let sqliteRowsMaximum: Int

    /// One text for all databases.
    public init(_ text: String, rows columns: KeyValuePairs<String, Column.Kind> = [:]) {
        self.init([text], [text], columns)
    }

    /// One text for each, or a few.
    public init(postgreSQL: String..., sqlite: String..., rows columns: KeyValuePairs<String, Column.Kind> = [:]) {
        self.init(postgreSQL, sqlite, columns)
    }

    /// One text for each; SQLite's runs once a row, so that `(SELECT v.name FROM rows AS v)` is that row's value.
    public init(
        postgreSQL: String, sqliteRowByRow sqlite: String, rows columns: KeyValuePairs<String, Column.Kind>
    ) {
        self.init([postgreSQL], [sqlite], columns, sqliteRowsMaximum: 1)
    }

    public init(stringLiteral text: String) { self.init(text) }

    private init(
        _ postgreSQL: [String], _ sqlite: [String], _ columns: KeyValuePairs<String, Column.Kind>,
        sqliteRowsMaximum: Int = SQLiteText.rowsMaximum
    ) {
        self.sqliteRowsMaximum = sqliteRowsMaximum
        self.postgreSQL = postgreSQL
        self.sqlite = sqlite
        self.columns = columns.map { Column(name: $0.key, kind: $0.value) }
    }
}
