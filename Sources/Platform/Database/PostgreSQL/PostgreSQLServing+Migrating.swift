import Primitives

extension PostgreSQLServing {
    /// A number of ours among the server's advisory locks.
    static let lockNumber: Int64 = 0x6F72_6465_7272_656C
    /// The schema's lock is waited for by asking again and again: who waited in a statement would hold a snapshot, for whose
    /// end an index that is made CONCURRENTLY waits.
    static let lockSeconds: Int64 = 60
    static let migrationMinutes: Int64 = 15

    private static let lock = Statement(
        "SELECT 1 / CAST(pg_try_advisory_xact_lock(\(lockNumber)) AS integer) AS migrating")
    /// Others go on meanwhile, and must not queue up behind a table's lock.
    private static let settings = [
        Statement("SET LOCAL lock_timeout = '5s'"),
        Statement("SET LOCAL statement_timeout = '\(migrationMinutes)min'"),
    ]
    /// Asks before it makes: a role that may not make tables can start where they are.
    private static let base = Statement(
        """
        DO $$ BEGIN
          IF to_regclass('migrations') IS NULL THEN
            CREATE TABLE migrations (name text COLLATE "C" NOT NULL PRIMARY KEY, ran_at bigint NOT NULL);
          END IF;
          IF to_regprocedure('now_ms()') IS NULL THEN
            CREATE FUNCTION now_ms() RETURNS bigint STABLE LANGUAGE sql
              AS 'SELECT CAST(floor(extract(epoch FROM statement_timestamp()) * 1000) AS bigint)';
          END IF;
        END $$
        """)

    func migrate(_ migrations: [Migration], _ isLost: inout Bool) -> Result<[String], DatabaseError> {
        do throws(DatabaseError) {
            let read = Statement("SELECT name FROM migrations ORDER BY name")
            let ran = try locked([Self.base, read], &isLost).last ?? []
            if let stranger = Migration.stranger(among: ran, of: migrations) { throw stranger }
            let names = Set(ran.compactMap { $0.first?.text })
            var done: [String] = []
            for migration in migrations where !names.contains(migration.name) {
                if migration.isAlone {
                    if try migrateAlone(migration, &isLost) { done.append(migration.name) }
                    continue
                }
                do throws(DatabaseError) {
                    _ = try locked([Self.note(migration)] + migration.postgreSQL.map { Statement($0) }, &isLost)
                    done.append(migration.name)
                } catch  where error.code == .fence {
                    // Another process has run it meanwhile.
                }
            }
            return .success(done)
        } catch { return .failure(error) }
    }

    static func note(_ migration: Migration) -> Statement {
        Statement(
            "INSERT INTO migrations(name, ran_at) VALUES ($1, now_ms()) ON CONFLICT (name) DO NOTHING",
            [.text(migration.name)], mustChange: 1)
    }

    static let schemaIsTaken = DatabaseError(
        .conflict, "another program has changed the schema for \(lockSeconds) s: wait for it", isRetriable: true)

    /// One transaction under the schema's lock; asked for again while another process has it, or a table that is needed.
    private func locked(_ statements: [Statement], _ isLost: inout Bool) throws(DatabaseError) -> [[Row]] {
        let deadline = MachineClock.monotonic.milliseconds + Self.lockSeconds * 1000
        while true {
            var none = PreparedStatements(isPreparing: false)
            let end = MachineClock.monotonic.milliseconds + (Self.migrationMinutes + 1) * 60_000
            let result = run(Self.settings + [Self.lock] + statements, &none, end, nil, &isLost)
            switch result {
            case .success(let rows): return Array(rows.dropFirst(Self.settings.count + 1))
            case .failure(let error):
                let isTaken = error.nativeCode == "22012" && error.message.contains("migrating")
                guard isTaken || error.nativeCode == SQLState.lockNotAvailable, !isLost else { throw error }
                guard pause(50...250, until: deadline) else { throw Self.schemaIsTaken }
            }
        }
    }
}
