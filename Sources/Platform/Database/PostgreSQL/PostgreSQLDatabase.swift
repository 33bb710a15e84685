import Primitives

/// PostgreSQL 15 or newer. Transactions of both kinds and reads each have connections of their own, so that none waits for
/// another's backlog.
///
/// A transaction goes to the server in one piece, and reads that wait together do. `now_ms()` is a function of the schema,
/// which ``migrate(_:)`` creates if it is missing.
public final class PostgreSQLDatabase: Database {
    let address: PostgreSQLAddress
    let options: PostgreSQLOptions
    private let pool: PostgreSQLPool

    /// Connects when something is asked.
    ///
    /// - Parameters:
    ///   - url: `postgresql://user:password@host:5432/database?sslmode=verify-full…`, as libpq knows it; several hosts,
    ///     separated by commas, where one is a standby of the other.
    ///   - fenceHeld: a test's hook, called when a transaction with a fence has run and is not committed yet.
    /// - Throws: ``DatabaseError/Code/denied`` if the URL is malformed.
    public convenience init(
        url: String, options: PostgreSQLOptions, fenceHeld: (@Sendable () -> Void)? = nil
    ) throws(DatabaseError) {
        self.init(
            address: try PostgreSQLAddress(url: url, password: options.password), options: options, fenceHeld: fenceHeld
        )
    }

    init(address: PostgreSQLAddress, options: PostgreSQLOptions, fenceHeld: (@Sendable () -> Void)? = nil) {
        self.address = address
        self.options = options
        pool = PostgreSQLPool(address: address, options: options, fenceHeld: fenceHeld)
        if let metrics = options.metrics { PostgreSQLMetrics.show(pool, in: metrics) }
    }

    deinit { pool.close() }

    public func transaction(
        _ statements: [Statement], urgency: Urgency
    ) async throws(DatabaseError) -> [[Row]] {
        try await ask(Line(urgency)) { .transaction(statements, $0) }
    }

    public func read(_ statement: Statement) async throws(DatabaseError) -> [Row] {
        try await ask(.reading) { .read(statement, $0) }
    }

    public func migrate(_ migrations: [Migration]) async throws(DatabaseError) -> [String] {
        try await ask(.brisk) { .migration(migrations, $0) }
    }

    public func runAlone(_ texts: [String]) async throws(DatabaseError) {
        let (address, options) = (address, options)
        try await onOwnThread("postgresql-alone", "\(address)") { () throws(DatabaseError) in
            try PostgreSQLServing.runAlone(texts, at: address, options)
        }
    }

    public func snapshot(_ statements: [Statement]) async throws(DatabaseError) -> [[Row]] {
        let (address, options) = (address, options)
        return try await onOwnThread("postgresql-snapshot", "\(address)") { () throws(DatabaseError) in
            try PostgreSQLServing.snapshot(statements, at: address, options)
        }
    }

    public func close() async {
        pool.close()
        await pool.end()
    }

    private func ask<Success: Sendable>(
        _ line: Line, _ work: (PostgreSQLServing.Answer<Success>) -> PostgreSQLServing.Job.Work
    ) async throws(DatabaseError) -> Success {
        let result: Result<Success, DatabaseError> = await withCheckedContinuation { answer in
            pool.ask(line, PostgreSQLServing.Job(work: work(answer), since: MachineClock.monotonic.milliseconds))
        }
        return try result.get()
    }
}
