import Database

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
        SELECT base_offset, next_offset, planned, folded, skipped, lost, last_event, last_time, repeats_until FROM positions
        WHERE worker = $1 AND cluster = $2 AND topic = $3 AND part = $4
        """

    static let positions = """
        SELECT base_offset, next_offset, planned, folded, skipped, lost, last_event, last_time, repeats_until, topic, part
        FROM positions WHERE worker = $1 AND cluster = $2 ORDER BY topic, part
        """

    /// Moves a position over records that nobody can read any more; as the fence, only from `$1`.
    static let lose = """
        UPDATE positions SET next_offset = CASE WHEN next_offset = $1 THEN CAST($2 AS bigint) ELSE -1 END,
          lost = lost + $3, last_event = NULL, last_time = NULL
        WHERE worker = $4 AND cluster = $5 AND topic = $6 AND part = $7
        """

    /// Of each event NULL where it is not known, `$2` where it has no digest. Written as a subquery a row, since a join
    /// would be planned by statistics that a fresh database does not have. An event is there once; LIMIT spares the look into
    /// the partitions behind the one that has it.
    static let known = SQL(
        """
        SELECT v.event_id,
          (SELECT COALESCE(e.digest, $2) FROM events AS e WHERE e.worker = $1 AND e.event_id = v.event_id LIMIT 1)
        FROM rows AS v
        """, rows: ["event_id": .text])

    static let events = SQL(
        """
        INSERT INTO events(worker, cluster, topic, part, taken_at, event_id, account, key, log_offset, type, happened_at,
          disposition, reason, digest, traceparent, body)
        SELECT $1, $2, $3, CAST($4 AS bigint), now_ms(), v.event_id, v.account, v.key, v.log_offset, v.type,
          v.happened_at, v.disposition, v.reason, v.digest, v.traceparent, v.body
        FROM rows AS v ORDER BY v.log_offset
        """,
        rows: [
            "event_id": .text, "account": .text, "key": .text, "log_offset": .integer, "type": .text,
            "happened_at": .integer, "disposition": .text, "reason": .text, "digest": .blob, "traceparent": .text,
            "body": .blob,
        ])

    static let folds = SQL(
        """
        INSERT INTO folds(worker, cluster, topic, part, taken_at, log_offset, event_id, key)
        SELECT $1, $2, $3, CAST($4 AS bigint), now_ms(), v.log_offset, v.event_id, v.key
        FROM rows AS v ORDER BY v.log_offset
        """, rows: ["log_offset": .integer, "event_id": .text, "key": .text])

    /// Rows come in aggregated and sorted by their primary key.
    static let books = SQL(
        """
        INSERT INTO books(worker, destination, part, planned)
        SELECT $1, v.destination, CAST($2 AS bigint), v.planned FROM rows AS v WHERE true
        ON CONFLICT (worker, destination, part) DO UPDATE SET planned = books.planned + excluded.planned
        """, rows: ["destination": .text, "planned": .integer])

    /// Plans rows. Those with room whose key has no earlier open row, here or in the table, are born leased to `$3`.
    /// NOT EXISTS does not see its own statement's rows, hence MIN(ord).
    static let plan = SQL(
        """
        INSERT INTO deliveries(worker, destination, event_id, key, part, state, next_attempt_at, lease_no, lease_owner,
          lease_until, planned_at, changed_at)
        SELECT $1, x.destination, x.event_id, x.key, CAST($2 AS bigint),
          CASE WHEN x.free = 1 THEN 'in_flight' ELSE 'pending' END, now_ms(), x.free,
          CASE WHEN x.free = 1 THEN $3 END, CASE WHEN x.free = 1 THEN now_ms() + \(DeliveryStatements.lease) END,
          now_ms(), now_ms()
        FROM (SELECT r.ord, r.destination, r.event_id, r.key,
           CASE WHEN r.room = 1 AND r.ord = MIN(r.ord) OVER (PARTITION BY r.destination, r.key)
             AND NOT EXISTS (SELECT 1 FROM deliveries AS e WHERE e.key = r.key AND e.destination = r.destination)
           THEN 1 ELSE 0 END AS free
          FROM rows AS r) AS x
        WHERE true ORDER BY x.ord RETURNING id, event_id, destination, key, state
        """,
        rows: ["ord": .integer, "destination": .text, "event_id": .text, "key": .text, "room": .integer])

    /// Marks rows of this transaction as perhaps delivered before.
    static let doubt = SQL(
        """
        UPDATE deliveries AS d SET outcome_unknown = 1 FROM rows AS v
        WHERE d.key = v.key AND d.destination = v.destination AND d.event_id = v.event_id AND d.worker = $1
        """, rows: ["key": .text, "destination": .text, "event_id": .text])

    private static let decidedColumns: KeyValuePairs<String, SQL.Column.Kind> = [
        "ord": .integer, "destination": .text, "event_id": .text, "key": .text, "reason": .text,
    ]

    /// Rows that are born parked.
    static let parked = SQL(
        """
        INSERT INTO deliveries(worker, part, next_attempt_at, planned_at, changed_at, destination, event_id, key, state,
          reason)
        SELECT $1, CAST($2 AS bigint), now_ms(), now_ms(), now_ms(), v.destination, v.event_id, v.key, 'parked', v.reason
        FROM rows AS v ORDER BY v.ord
        """, rows: decidedColumns)

    /// Rows that are born skipped: they hold nobody, are never taken, and so belong into `history`, under ids of the one
    /// sequence. SQLite gives out such an id only where a row is made: there they are open rows for a moment.
    static let skipped = SQL(
        postgreSQL: """
            INSERT INTO history(id, worker, part, planned_at, changed_at, destination, event_id, key, state, reason)
            SELECT nextval(pg_get_serial_sequence('deliveries', 'id')), $1, CAST($2 AS bigint), now_ms(), now_ms(),
              v.destination, v.event_id, v.key, 'skipped', v.reason
            FROM rows AS v ORDER BY v.ord
            """,
        sqlite: """
            INSERT INTO deliveries(worker, part, next_attempt_at, planned_at, changed_at, destination, event_id, key,
              state, reason)
            SELECT $1, $2, now_ms(), now_ms(), now_ms(), v.destination, v.event_id, v.key, 'parked', v.reason
            FROM rows AS v ORDER BY v.ord
            """,
        """
        INSERT INTO history(id, worker, part, planned_at, changed_at, destination, event_id, key, state, reason)
        SELECT d.id, d.worker, d.part, d.planned_at, d.changed_at, d.destination, d.event_id, d.key, 'skipped', d.reason
        FROM rows AS v CROSS JOIN deliveries AS d
        WHERE d.key = v.key AND d.destination = v.destination AND d.event_id = v.event_id AND d.worker = $1 ORDER BY d.id
        """,
        """
        DELETE FROM deliveries WHERE id IN (SELECT d.id FROM rows AS v CROSS JOIN deliveries AS d
          WHERE d.key = v.key AND d.destination = v.destination AND d.event_id = v.event_id AND d.worker = $1)
        """, rows: decidedColumns)
}
