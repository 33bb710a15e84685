import Primitives

extension PostgreSQLServing {
    private static let lock = Statement("SELECT pg_try_advisory_lock(\(lockNumber))")
    private static let unlock = Statement("SELECT pg_advisory_unlock(\(lockNumber))")
    /// What is CONCURRENTLY waits for all transactions that others have open, and holds nobody up meanwhile.
    private static let limits = ["lock_timeout", "statement_timeout"]

    /// Runs a migration whose statements no transaction may hold, unless another process has run it meanwhile.
    ///
    /// The schema's lock is the session's here, so that a process that ends lets go of it. What it left half done is found
    /// by the next.
    ///
    /// - Returns: whether this process has run it.
    func migrateAlone(_ migration: Migration, _ isLost: inout Bool) throws(DatabaseError) -> Bool {
        guard !connection.isPooled else {
            throw DatabaseError(
                .denied,
                "migration \(migration.name) cannot run through a pooler: run `orderrelay migrate` once with DATABASE_URL of PostgreSQL itself, and without DATABASE_POOLER",
                isRetriable: false)
        }
        var prepared = PreparedStatements(isPreparing: false)
        try lockSession(&prepared, &isLost)
        let result = Result { () throws(DatabaseError) in try runAlone(migration, &prepared, &isLost) }
        // Who keeps the lock, or these limits, must not go on.
        if !isLost {
            for statement in Self.limits.map({ Statement("RESET \($0)") }) + [Self.unlock] {
                guard case .failure = run(statement, &prepared, &isLost) else { continue }
                isLost = true
                break
            }
        }
        return try result.get()
    }

    private func lockSession(_ prepared: inout PreparedStatements, _ isLost: inout Bool) throws(DatabaseError) {
        let deadline = MachineClock.monotonic.milliseconds + Self.lockSeconds * 1000
        while try run(Self.lock, &prepared, &isLost).get().first?.first != [.integer(1)] {
            guard pause(50...250, until: deadline) else { throw Self.schemaIsTaken }
        }
    }

    private func runAlone(
        _ migration: Migration, _ prepared: inout PreparedStatements, _ isLost: inout Bool
    ) throws(DatabaseError) -> Bool {
        let name = Value.text(migration.name)
        let isThere = Statement("SELECT 1 FROM migrations WHERE name = $1", [name])
        guard try run(isThere, &prepared, &isLost).get()[0].isEmpty else { return false }
        for limit in Self.limits {
            _ = try run(Statement("SET \(limit) = '\(Self.migrationMinutes)min'"), &prepared, &isLost).get()
        }
        for text in migration.postgreSQL { try runAlone(text, &prepared, &isLost) }
        _ = try run(Self.note(migration), &prepared, &isLost).get()
        return true
    }

    /// Runs one statement, or what is left of it.
    func runAlone(
        _ text: String, _ prepared: inout PreparedStatements, _ isLost: inout Bool
    ) throws(DatabaseError) {
        let lone = try LoneStatement(text)
        if let state = lone.state, let row = try run(state, &prepared, &isLost).get()[0].first {
            guard row != [.text("done")], let repair = lone.repair else { return }
            _ = try run(repair.statement, &prepared, &isLost).get()
            if repair.isDone { return }
        }
        _ = try run(Statement(text), &prepared, &isLost).get()
    }

    private func run(
        _ statement: Statement, _ prepared: inout PreparedStatements, _ isLost: inout Bool
    ) -> Result<[[Row]], DatabaseError> {
        let deadline = MachineClock.monotonic.milliseconds + (Self.migrationMinutes + 1) * 60_000
        // It commits by itself: whether it did, where its answer is lost, is found out when it is run again.
        return runPlain(statement, &prepared, deadline, &isLost).mapError { isLost ? $0.withUnknownOutcome : $0 }
    }
}
