import Glibc

extension SQLiteConnection {
    /// BEGIN IMMEDIATE, the work, COMMIT; undone where anything throws.
    func transaction<Success>(
        _ work: () throws(DatabaseError) -> Success
    ) throws(DatabaseError) -> Success {
        _ = try run(Statement("BEGIN IMMEDIATE"))
        do throws(DatabaseError) {
            let success = try work()
            try commit()
            return success
        } catch {
            // Some errors (a full disk) have ended the transaction already; else nothing can keep this from ending it.
            if isInTransaction { _ = try? run(Statement("ROLLBACK")) }
            throw error
        }
    }

    /// The first statement that reads decides what all of them see.
    func snapshot(_ statements: [Statement]) throws(DatabaseError) -> [[Row]] {
        _ = try run(Statement("BEGIN"))
        defer { _ = try? run(Statement("ROLLBACK")) }
        var rows: [[Row]] = []
        for statement in statements { rows.append(try run(statement, isReading: true)) }
        return rows
    }

    private func commit() throws(DatabaseError) {
        do throws(DatabaseError) {
            _ = try run(Statement("COMMIT"))
        } catch {
            // Where the disk failed, what was written of the log may be found there.
            throw error.code == .conflict || error.code == .full ? error : error.withUnknownOutcome
        }
    }

    /// Runs the migrations that the file has not seen, each in a transaction that first looks again whether another
    /// process has run it meanwhile.
    func migrate(_ migrations: [Migration]) throws(DatabaseError) -> [String] {
        try transaction { () throws(DatabaseError) in
            try execute(
                "CREATE TABLE IF NOT EXISTS migrations (name TEXT NOT NULL PRIMARY KEY, ran_at BIGINT NOT NULL)")
        }
        let ran = try run(Statement("SELECT name FROM migrations ORDER BY name"), isReading: true)
        if let stranger = Migration.stranger(among: ran, of: migrations) { throw stranger }
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
        if let rewriting = migration.rewriting { try prepare(for: rewriting, of: migration.name) }
        for text in migration.sqlite { try execute(text) }
        _ = try run(Statement("INSERT INTO migrations (name, ran_at) VALUES ($1, now_ms())", name))
        return true
    }

    /// Whoever comes here has the write lock, so that one copy is made, of what nobody changes meanwhile.
    private func prepare(for rewriting: Migration.Rewriting, of name: String) throws(DatabaseError) {
        guard try run(Statement(rewriting.users)).isEmpty else {
            throw DatabaseError(
                .conflict,
                "the schema is to be changed (\(name)), and programs of the version before still use \(path): stop them",
                isRetriable: true)
        }
        guard path != Self.inMemory, try !run(Statement(rewriting.content)).isEmpty else { return }
        // VACUUM may not be run within a transaction, and reads beside one.
        let copy = "\(path).before-\(name.prefix { $0 != " " })"
        let reader = try SQLiteConnection(path: path, settings: Settings()) { 0 }
        defer { reader.close() }
        unlink("\(copy).part")
        _ = try reader.run(Statement("VACUUM INTO $1", [.text("\(copy).part")]))
        guard rename("\(copy).part", copy) == 0 else {
            throw DatabaseError(
                .full, "\(copy) cannot be written: \(String(cString: strerror(errno)))", isRetriable: true)
        }
    }
}
