extension PostgreSQLServing {
    /// What is CONCURRENTLY waits for all transactions that others have open: for so long.
    private static let aloneMinutes = 10

    /// Runs statements that no transaction may hold, on a connection of their own. Blocks.
    static func runAlone(
        _ texts: [String], at address: PostgreSQLAddress, _ options: PostgreSQLOptions
    ) throws(DatabaseError) {
        guard !options.isPooled else {
            throw DatabaseError(
                .denied,
                "what no transaction may hold cannot run through a pooler: run `orderrelay prune` with DATABASE_URL of PostgreSQL itself, and without DATABASE_POOLER, once a day",
                isRetriable: false)
        }
        let connection = try PostgreSQLConnection.connect(
            to: address, as: options.name, line: .brisk, isPooled: false)
        let serving = PostgreSQLServing(
            connection, patience: options.patience, fenceHeld: nil, record: LineRecord(), putBack: { _ in })
        defer { serving.close() }
        var prepared = PreparedStatements(isPreparing: false)
        var isLost = false
        for limit in ["lock_timeout", "statement_timeout"] {
            try serving.runAlone("SET \(limit) = '\(aloneMinutes)min'", &prepared, &isLost)
        }
        for text in texts { try serving.runAlone(text, &prepared, &isLost) }
    }
}
