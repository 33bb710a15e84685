/// A step of the schema, run once, in order, each in a transaction of its own.
public struct Migration: Sendable {
    public let name: String
    /// Its statements on PostgreSQL, and on SQLite.
    public let postgreSQL, sqlite: [String]
    /// Whether PostgreSQL runs each of its statements by itself, as those need that are CONCURRENTLY. Where the process
    /// ends before all have run, they are run again, from the first.
    ///
    /// An index that is made CONCURRENTLY, and a partition that is detached so, are looked for first: what is half done is
    /// done anew or finished, what is done is passed over. Any other statement must do nothing the second time by itself
    /// (`IF EXISTS`). SQLite runs the migration as any other.
    public let isAlone: Bool
    /// nil: programs of the version before can go on with what it leaves.
    let rewriting: Rewriting?

    /// What must be so before SQLite's tables are changed in a way that programs of the version before cannot follow.
    ///
    /// It waits until none of them runs. A copy of the file is made first, beside it, as the way back.
    public struct Rewriting: Sendable {
        let content, users: String

        /// - Parameters:
        ///   - content: a query that finds a row where the file holds anything to keep a copy of.
        ///   - users: a query that finds a row while another program uses the file.
        public init(content: String, users: String) {
            self.content = content
            self.users = users
        }
    }

    /// One text for all databases.
    public init(name: String, statements: [String]) {
        self.init(name: name, postgreSQL: statements, sqlite: statements)
    }

    public init(
        name: String, postgreSQL: [String], sqlite: [String], isAlone: Bool = false, rewriting: Rewriting? = nil
    ) {
        self.rewriting = rewriting
        self.name = name
        self.isAlone = isAlone
        self.postgreSQL = postgreSQL
        self.sqlite = sqlite
    }

    /// The error for a migration that the schema has and this program lacks; nil if the program knows them all.
    static func stranger(among ran: [Row], of migrations: [Migration]) -> DatabaseError? {
        let known = Set(migrations.map(\.name))
        return ran.lazy.compactMap { $0.first?.text }.first { !known.contains($0) }.map { stranger in
            DatabaseError(
                .newerSchema,
                "the database holds migration \(stranger), which this program does not know: run a newer program",
                isRetriable: false)
        }
    }
}
