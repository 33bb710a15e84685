/// The statements of taking in.
enum IntakeStatements {
    /// The fence: a position other than `$1` becomes -1, which breaks the CHECK `closed_books`.
    static let fence = """
        UPDATE positions SET next_offset = CASE WHEN next_offset = $1 THEN CAST($2 AS bigint) ELSE -1 END,
          planned = planned + $3, folded = folded + $4, skipped = skipped + $5,
          last_event = COALESCE(CAST($6 AS text), last_event), last_time = COALESCE(CAST($7 AS bigint), last_time)
        WHERE worker = $8 AND cluster = $9 AND topic = $10 AND part = $11
        """

    static let makePosition = """
        INSERT INTO positions(worker, cluster, topic, part, base_offset, next_offset)
        VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (worker, cluster, topic, part) DO NOTHING
        """

    static let position = """
        SELECT base_offset, next_offset, planned, folded, skipped, lost, last_event, last_time FROM positions
        WHERE worker = $1 AND cluster = $2 AND topic = $3 AND part = $4
        """

    static let known = RowsStatement(
        "SELECT event_id, digest FROM events WHERE worker = $1 AND event_id IN (", fixed: 1, types: ["text"], after: ")"
    )

    static let events = RowsStatement(
        """
        INSERT INTO events(worker, cluster, topic, part, taken_at, event_id, account, key, log_offset, type, happened_at,
          disposition, reason, digest, traceparent, body)
        SELECT $1, $2, $3, CAST($4 AS bigint), now_ms(), v.event_id, v.account, v.key, v.log_offset, v.type,
          v.happened_at, v.disposition, v.reason, v.digest, v.traceparent, v.body
        FROM (WITH r(event_id, account, key, log_offset, type, happened_at, disposition, reason, digest, traceparent, body)
          AS (VALUES
        """, fixed: 4,
        types: [
            "text", "text", "text", "bigint", "text", "bigint", "text", "text", "blob", "text", "blob",
        ],
        after: ") SELECT * FROM r) AS v ORDER BY v.log_offset")

    static let folds = RowsStatement(
        """
        INSERT INTO folds(worker, cluster, topic, part, taken_at, log_offset, event_id, key)
        SELECT $1, $2, $3, CAST($4 AS bigint), now_ms(), v.log_offset, v.event_id, v.key
        FROM (WITH r(log_offset, event_id, key) AS (VALUES
        """, fixed: 4, types: ["bigint", "text", "text"],
        after: ") SELECT * FROM r) AS v ORDER BY v.log_offset")

    /// Rows come in aggregated and sorted by their primary key.
    static let books = RowsStatement(
        "INSERT INTO books(worker, destination, part, planned) VALUES", types: ["text", "text", "bigint", "bigint"],
        after: """
            ON CONFLICT (worker, destination, part) DO UPDATE SET planned = books.planned + excluded.planned
            """)

    /// Plans rows. Those with room whose key has no earlier open row, here or in the table, are born leased to `$3`.
    /// NOT EXISTS does not see its own statement's rows, hence MIN(ord).
    static let plan = RowsStatement(
        """
        INSERT INTO deliveries(worker, destination, event_id, key, part, state, next_attempt_at, lease_no, lease_owner,
          lease_until, planned_at, changed_at)
        SELECT $1, x.destination, x.event_id, x.key, CAST($2 AS bigint),
          CASE WHEN x.free = 1 THEN 'in_flight' ELSE 'pending' END, now_ms(), x.free,
          CASE WHEN x.free = 1 THEN $3 END, CASE WHEN x.free = 1 THEN now_ms() + 30000 END, now_ms(), now_ms()
        FROM (SELECT r.ord, r.destination, r.event_id, r.key,
           CASE WHEN r.room = 1 AND r.ord = MIN(r.ord) OVER (PARTITION BY r.destination, r.key)
             AND NOT EXISTS (SELECT 1 FROM deliveries AS e WHERE e.destination = r.destination AND e.key = r.key
               AND e.state IN ('pending', 'in_flight', 'parked')) THEN 1 ELSE 0 END AS free
          FROM (WITH v(ord, destination, event_id, key, room) AS (VALUES
        """, fixed: 3, types: ["bigint", "text", "text", "text", "bigint"],
        after: """
            ) SELECT * FROM v) AS r) AS x
            WHERE true ORDER BY x.ord RETURNING id, event_id, destination, key, state
            """)

    /// Rows that are born `parked` or `skipped`.
    static let decided = RowsStatement(
        """
        INSERT INTO deliveries(worker, part, next_attempt_at, planned_at, changed_at, destination, event_id, key, state,
          reason)
        SELECT $1, CAST($2 AS bigint), now_ms(), now_ms(), now_ms(), v.destination, v.event_id, v.key, v.state, v.reason
        FROM (WITH r(ord, destination, event_id, key, state, reason) AS (VALUES
        """, fixed: 2, types: ["bigint", "text", "text", "text", "text", "text"],
        after: ") SELECT * FROM r) AS v ORDER BY v.ord")
}
