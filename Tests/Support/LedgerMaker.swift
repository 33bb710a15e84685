package import Database
import Ledger
import Orders

/// Makes databases of one kind for tests of the ledger, each a test's own.
package struct LedgerMaker: Sendable {
    package enum Kind: Sendable { case sqliteInMemory, sqliteFile, postgreSQL }
    package let kind: Kind

    /// Those that this machine can run. PostgreSQL is missing, loudly, where it is not installed.
    package static let all = onMemory + others
    /// Those that several programs can open at once.
    package static let shared = [LedgerMaker(kind: .sqliteFile)] + others

    private static let onMemory = [LedgerMaker(kind: .sqliteInMemory)]
    private static let others = PostgreSQLServer.isHere ? [LedgerMaker(kind: .postgreSQL)] : []

    package var isPostgreSQL: Bool { kind == .postgreSQL }

    /// `DATABASE_URL` of a database that is empty and of one test, for programs; nil: the programs' own file.
    package func url() async throws -> String? {
        guard isPostgreSQL else { return nil }
        let server = try await PostgreSQLServer.shared()
        return server.url(database: try await server.makeDatabase())
    }

    /// Where one database is: it can be opened as often as its kind allows.
    package func place(clock: ManualClock) async throws -> Place {
        switch kind {
        case .sqliteInMemory: return Place(clock: clock, folder: nil, url: nil)
        case .sqliteFile: return Place(clock: clock, folder: try TemporaryFolder(), url: nil)
        case .postgreSQL:
            let server = try await PostgreSQLServer.shared()
            let name = try await server.makeDatabase(template: Self.template.value)
            return Place(clock: clock, folder: nil, url: server.url(database: name))
        }
    }

    /// A database of the ledger's tables, in which `now_ms()` is what a test has written into `test_clock`.
    package static let template = Task {
        let server = try await PostgreSQLServer.shared()
        let name = try await server.makeDatabase()
        // Before the tables are made, which are of a time, too.
        try await server.sql(clock, database: name)
        let ledger = Ledger(
            database: try PostgreSQLDatabase(url: server.url(database: name), options: PostgreSQLOptions(name: "test")),
            sealing: nil)
        try await ledger.migrate()
        await ledger.close()
        try await server.sql("UPDATE test_clock SET milliseconds = 0", database: name)
        return name
    }

    /// Has PostgreSQL tell the time of tests, which is written into a table.
    package static let clock = """
        CREATE TABLE test_clock (milliseconds bigint NOT NULL);
        INSERT INTO test_clock VALUES (\(epoch.milliseconds));
        ALTER TABLE test_clock OWNER TO \(PostgreSQLServer.role);
        CREATE FUNCTION now_ms() RETURNS bigint STABLE LANGUAGE sql AS 'SELECT milliseconds FROM test_clock';
        """

    /// One database, which is gone with this value.
    package struct Place: Sendable {
        let clock: ManualClock
        let folder: TemporaryFolder?
        /// nil: it is no server's.
        package let url: String?

        /// Opens it, as a program of its own does.
        package func open() throws -> any Database {
            guard let url else {
                return try SQLiteDatabase(path: folder?.file() ?? ":memory:", isDurable: false, now: clock.now)
            }
            return ClockedDatabase(
                try PostgreSQLDatabase(url: url, options: PostgreSQLOptions(name: "test", connections: 3)), clock: clock
            )
        }
    }
}

/// PostgreSQL whose `now_ms()` follows a test's clock: what that says is written down before each question.
private final class ClockedDatabase: Database {
    private let real: any Database
    private let clock: ManualClock
    private let written = Shared<Int64?>(nil)

    init(_ real: any Database, clock: ManualClock) {
        self.real = real
        self.clock = clock
    }

    private func writeTime() async throws(DatabaseError) {
        let now = clock.now()
        guard written.now != now else { return }
        _ = try await real.transaction([
            Statement(
                "UPDATE test_clock SET milliseconds = $1 WHERE milliseconds < $1", [.integer(now)])
        ])
        written.now = now
    }

    func transaction(_ statements: [Statement], urgency: Urgency) async throws(DatabaseError) -> [[Row]] {
        try await writeTime()
        return try await real.transaction(statements, urgency: urgency)
    }

    func read(_ statement: Statement) async throws(DatabaseError) -> [Row] {
        try await writeTime()
        return try await real.read(statement)
    }

    func snapshot(_ statements: [Statement]) async throws(DatabaseError) -> [[Row]] {
        try await writeTime()
        return try await real.snapshot(statements)
    }

    func migrate(_ migrations: [Migration]) async throws(DatabaseError) -> [String] {
        try await real.migrate(migrations)
    }

    func runAlone(_ texts: [String]) async throws(DatabaseError) {
        try await writeTime()
        try await real.runAlone(texts)
    }

    func close() async { await real.close() }
}
