import Database

/// The statements that read events.
enum EventStatements {
    /// The columns of ``StoredEvent``, in the order in which it reads them.
    static let columns = """
        e.seq, e.event_id, e.account, e.key, e.cluster, e.topic, e.part, e.log_offset, e.type, e.happened_at, e.digest,
          e.traceparent, e.body
        """

    static let one = """
        SELECT \(columns) FROM events AS e WHERE e.worker = $1 AND e.event_id = $2 AND e.body IS NOT NULL
        """

    /// More than this many of one order are a fault of the caller's.
    static let ofKey = """
        SELECT \(columns) FROM events AS e
        WHERE e.key = $1 AND e.worker = $2 AND e.body IS NOT NULL AND (e.reason IS NULL OR e.reason <> 'conflict')
        ORDER BY e.seq LIMIT 10000
        """

    static let deadLetters = SQL(
        postgreSQL: """
            SELECT d.id, d.destination, d.attempts_before + d.attempt, d.reason, d.changed_at, \(columns)
            FROM history AS d CROSS JOIN LATERAL (SELECT * FROM events
              WHERE events.worker = d.worker AND events.event_id = d.event_id OFFSET 0) AS e
            WHERE d.state = 'dead' AND d.copied_at IS NULL AND d.worker = $1 AND e.body IS NOT NULL
            ORDER BY d.id LIMIT $2
            """,
        sqlite: """
            SELECT d.id, d.destination, d.attempts_before + d.attempt, d.reason, d.changed_at, \(columns)
            FROM history AS d JOIN events AS e ON e.worker = d.worker AND e.event_id = d.event_id
            WHERE d.state = 'dead' AND d.copied_at IS NULL AND d.worker = $1 AND e.body IS NOT NULL
            ORDER BY d.id LIMIT $2
            """)
}
