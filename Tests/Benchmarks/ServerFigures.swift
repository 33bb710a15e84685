import Support

/// What a PostgreSQL server has counted since it was started, as far as it tells why its rate changes.
struct ServerFigures {
    private var counts: [String: Int] = [:]

    private static let questions = [
        "checkpoints": "SELECT checkpoints_timed + checkpoints_req FROM pg_stat_bgwriter",
        "pages written by sessions": "SELECT buffers_backend FROM pg_stat_bgwriter",
        "full pages": "SELECT wal_fpi FROM pg_stat_wal",
        "WAL MB": "SELECT wal_bytes / 1000000 FROM pg_stat_wal",
        "pages read": "SELECT sum(blks_read) FROM pg_stat_database",
        "vacuums": "SELECT sum(autovacuum_count) FROM pg_stat_user_tables",
        "analyses": "SELECT sum(autoanalyze_count) FROM pg_stat_user_tables",
    ]

    static func now(_ server: PostgreSQLServer, _ database: String) async throws -> ServerFigures {
        let names = questions.keys.sorted()
        let row = try await server.sql(
            "SELECT " + names.map { "(\(questions[$0]!))::bigint" }.joined(separator: ", "), database: database)
        let values = row.split(separator: "|").map { Int($0) ?? 0 }
        return ServerFigures(counts: Dictionary(uniqueKeysWithValues: zip(names, values)))
    }

    /// What was counted between an earlier time and this one.
    func words(since before: ServerFigures) -> String {
        counts.keys.sorted().map { "\($0) \(counts[$0]! - before.counts[$0, default: 0])" }.joined(separator: ", ")
    }
}
