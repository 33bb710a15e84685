extension SQLiteConnection {
    /// BEGIN IMMEDIATE, the work, COMMIT; undone where anything throws.
    func transaction<Success>(
        _ work: () throws(DatabaseError) -> Success
    ) throws(DatabaseError) -> Success {
        _ = try run(Statement("BEGIN IMMEDIATE"))
        do throws(DatabaseError) {
            let success = try work()
            _ = try run(Statement("COMMIT"))
            return success
        } catch {
            // Some errors (a full disk) have ended the transaction already; else nothing can keep this from ending it.
            if isInTransaction { _ = try? run(Statement("ROLLBACK")) }
            throw error
        }
    }

    /// Runs the migrations that the file has not seen, each in a transaction that first looks again whether another
    /// process has run it meanwhile.
    func migrate(_ migrations: [Migration]) throws(DatabaseError) -> [String] {
        try transaction { () throws(DatabaseError) in
            try execute(
                "CREATE TABLE IF NOT EXISTS migrations (name TEXT NOT NULL PRIMARY KEY, ran_at BIGINT NOT NULL)")
        }
        let known = Set(migrations.map(\.name))
        let ran = try run(Statement("SELECT name FROM migrations ORDER BY name"), isReading: true)
        if let stranger = ran.lazy.compactMap({ $0[0].text }).first(where: { !known.contains($0) }) {
            throw DatabaseError(
                .newerSchema,
                "the database holds migration \(stranger), which this program does not know: run a newer program",
                isRetriable: false)
        }
        var done: [String] = []
        for migration in migrations where try transaction({ () throws(DatabaseError) in try perform(migration) }) {
            done.append(migration.name)
        }
        return done
    }

    /// False where it has been run before.
    private func perform(_ migration: Migration) throws(DatabaseError) -> Bool {
        let name = [Value.text(migration.name)]
        guard try run(Statement("SELECT 1 FROM migrations WHERE name = $1", name)).isEmpty else { return false }
        for text in migration.statements { try execute(text) }
        _ = try run(Statement("INSERT INTO migrations (name, ran_at) VALUES ($1, now_ms())", name))
        return true
    }
}
