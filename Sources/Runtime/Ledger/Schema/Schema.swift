import Database

/// The ledger's tables. A migration that has been released is never changed: what comes later is a migration of its own.
///
/// The databases differ in words for types and in hints of storage (``SchemaWords``), and where one of them has a past that
/// the other does not have.
enum Schema {
    static let migrations = [
        Migration("001 configuration", configuration),
        Migration("002 intake", intake),
        deliveries,
        Migration("004 read model", readModel),
        Migration("005 beat", beat),
        Migration("006 limits", limits),
        Migration("007 buyers of sales", buyersOfSales),
        Migration("008 options of connections", optionsOfConnections),
        Migration("009 stopped partitions", stoppedPartitions),
        openRowsApart,
        replays,
        indexesForReplays,
        Migration("012 getting well again", gettingWellAgain),
        Migration("013 retention", { retention($0) + periods($0) }),
        partitions,
        Migration("015 audit", trail),
        ballast,
        Migration("017 orders by change", ordersByChange),
    ]
}

extension Migration {
    fileprivate init(_ name: String, _ statements: (SchemaWords) -> [String]) {
        self.init(name: name, postgreSQL: statements(.postgreSQL), sqlite: statements(.sqlite))
    }
}

/// What the databases call the same thing in a table's declaration.
struct SchemaWords {
    /// Texts are compared by their bytes.
    let text: String
    let bytes: String
    /// A whole number that is a table's only key.
    let integerKey: String
    /// A primary key that the database numbers, ascending and never again.
    let numbered: String
    /// After the columns of a table that is always asked by its key.
    let byKey: String
    /// After the columns of a small table whose rows are changed again and again.
    let hot: String
    /// After the columns of a table whose rows come and go.
    let queue: String

    static let sqlite = SchemaWords(
        text: "TEXT", bytes: "BLOB", integerKey: "INTEGER", numbered: "INTEGER PRIMARY KEY AUTOINCREMENT",
        byKey: "WITHOUT ROWID", hot: "WITHOUT ROWID", queue: "")
    static let postgreSQL = SchemaWords(
        text: "text COLLATE \"C\"", bytes: "bytea", integerKey: "bigint",
        numbered: "bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY", byKey: "",
        // Room for the next version of a row on its own page, so that indexes stay as they are.
        hot: "WITH (fillfactor = 50)",
        // Vacuumed after so many dead rows, at once: left to a share of the table it grows with what it has let go.
        queue: """
            WITH (autovacuum_vacuum_threshold = 20000, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_cost_delay = 0)
            """)
}
