import Database

/// What the timeline of one order is made of. Each part is bounded; the oldest are shown.
enum TimelineStatements {
    static let events = """
        SELECT worker, event_id, account, topic, part, log_offset, type, happened_at, taken_at, disposition, reason,
          body FROM events WHERE key = $1 ORDER BY seq LIMIT 2000
        """

    static let folds = """
        SELECT worker, event_id, topic, part, log_offset, taken_at FROM folds WHERE key = $1
        ORDER BY taken_at, worker, log_offset LIMIT 1000
        """

    static let deliveries = """
        SELECT id, worker, destination, event_id, state, attempts_before + attempt, planned_at, changed_at, reason, receipt
        FROM deliveries WHERE key = $1
        UNION ALL
        SELECT id, worker, destination, event_id, state, attempts_before + attempt, planned_at, changed_at, reason, receipt
        FROM history WHERE key = $1
        ORDER BY id LIMIT 2000
        """

    static let attempts = SQL(
        postgreSQL: attempts { "CROSS JOIN LATERAL (SELECT * FROM attempts WHERE delivery = k.id OFFSET 0) AS \($0)" },
        sqlite: attempts { "JOIN attempts AS \($0) ON \($0).delivery = k.id" })

    private static func attempts(_ joined: (_ name: String) -> String) -> String {
        """
        SELECT a.delivery, a.started_at, a.took_ms, a.class, a.answer
        FROM (SELECT id FROM deliveries WHERE key = $1 UNION ALL SELECT id FROM history WHERE key = $1) AS k
          \(joined("a"))
        ORDER BY a.delivery, a.lease_no LIMIT 5000
        """
    }

    /// Rows that were replayed, with what they were before.
    static let replays = """
        SELECT f.delivery, f.worker, f.destination, f.event_id, f.decided_at, f.state, f.changed_at, f.attempts, f.reason,
          f.replay, r.name, r.author
        FROM replay_rows AS f JOIN replays AS r ON r.id = f.replay
        WHERE f.key = $1 AND f.fate = 'replayed' ORDER BY f.decided_at, f.delivery LIMIT 1000
        """

    /// The order's account and currency, for its bucket of the statistics.
    static let order = "SELECT account, currency FROM orders WHERE id = $1"

    private static let keys: KeyValuePairs<String, SQL.Column.Kind> = ["key": .text]

    /// Whose orders these are, where any worker has taken an event of them in.
    static let accounts = SQL(
        """
        SELECT v.key, (SELECT e.account FROM events AS e WHERE e.key = v.key AND e.account IS NOT NULL LIMIT 1)
        FROM rows AS v
        """, rows: keys)

    /// The states of these orders' deliveries, in the order of planning.
    static let states = SQL(
        postgreSQL: """
            SELECT s.key, s.worker, s.destination, s.state FROM rows AS v CROSS JOIN LATERAL (
              SELECT id, key, worker, destination, state FROM deliveries WHERE deliveries.key = v.key
              UNION ALL
              SELECT id, key, worker, destination, state FROM history WHERE history.key = v.key) AS s
            ORDER BY s.id
            """,
        sqlite: """
            SELECT key, worker, destination, state FROM (
              SELECT d.id, d.key, d.worker, d.destination, d.state
              FROM rows AS v CROSS JOIN deliveries AS d WHERE d.key = v.key
              UNION ALL
              SELECT h.id, h.key, h.worker, h.destination, h.state
              FROM rows AS v CROSS JOIN history AS h WHERE h.key = v.key)
            ORDER BY id
            """, rows: keys)
}
