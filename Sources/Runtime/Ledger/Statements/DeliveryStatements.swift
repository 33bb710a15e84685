import Database

/// The statements of taking rows and of writing what became of them.
///
/// `deliveries` holds open rows only; a row that is closed moves to `history`. State names stand as literals where a
/// partial index is wanted, since a parameter would miss it; beside a row's id they would offer an index that reads more.
enum DeliveryStatements {
    /// A lease's length in milliseconds.
    static let lease = LeasedDelivery.leaseLength.components.seconds * 1_000

    /// The ids of due rows of one destination, oldest due first, none whose key has an earlier open row.
    ///
    /// - Parameters:
    ///   - destination, room: of the destination and how many are wanted, as they stand in the statement.
    private static func due(of destination: String, room: String) -> String {
        """
        SELECT d.id FROM deliveries AS d
        WHERE d.worker = $1 AND d.destination = \(destination) AND d.state = 'pending' AND d.next_attempt_at <= now_ms()
          AND NOT EXISTS (SELECT 1 FROM deliveries AS e
            WHERE e.key = d.key AND e.destination = d.destination AND e.id < d.id)
        ORDER BY d.next_attempt_at, d.id LIMIT \(room) FOR UPDATE OF d SKIP LOCKED
        """
    }

    private static let leaseThem = """
        UPDATE deliveries SET state = 'in_flight', lease_no = lease_no + 1, lease_owner = $2,
          lease_until = now_ms() + \(lease), changed_at = now_ms()
        WHERE id IN (SELECT due FROM c)
        RETURNING id, destination, event_id, key, attempt, attempts_before, lease_no, outcome_unknown, next_attempt_at
        """

    private static let destinations: KeyValuePairs<String, SQL.Column.Kind> = ["destination": .text, "room": .integer]

    /// Leases due rows of several destinations, of each as many as there is room for.
    static let take = SQL(
        postgreSQL: """
            WITH c(due) AS MATERIALIZED (SELECT t.id FROM rows AS w CROSS JOIN LATERAL (
              \(due(of: "w.destination", room: "w.room"))) AS t)
            \(leaseThem)
            """,
        sqliteRowByRow: """
            WITH c(due) AS MATERIALIZED (
              \(due(of: "(SELECT w.destination FROM rows AS w)", room: "(SELECT w.room FROM rows AS w)")))
            \(leaseThem)
            """, rows: destinations)

    /// Held rows of one destination that are found due, with the first open row of their key.
    private static func held(of destination: String, room: String) -> String {
        """
        SELECT d.id AS held, (SELECT MIN(e.id) FROM deliveries AS e
            WHERE e.key = d.key AND e.destination = d.destination) AS head
        FROM deliveries AS d
        WHERE d.worker = $1 AND d.destination = \(destination) AND d.state = 'pending' AND d.next_attempt_at <= now_ms()
        ORDER BY d.next_attempt_at, d.id LIMIT \(room) FOR UPDATE OF d SKIP LOCKED
        """
    }

    /// Until when a held row waits for its head. The head is locked: otherwise one that is being closed meanwhile would pull
    /// nothing forward, since the row is not put off yet, and the row would wait in vain.
    private static let waiting = """
        waiting(held, until) AS MATERIALIZED (SELECT c.held, CASE
            WHEN h.state = 'pending' THEN h.next_attempt_at
            WHEN h.state = 'in_flight' THEN h.lease_until
            ELSE now_ms() + 300000 END
          FROM c CROSS JOIN deliveries AS h WHERE h.id = c.head AND c.head < c.held FOR UPDATE OF h SKIP LOCKED)
        """

    private static let putThemOff = """
        UPDATE deliveries SET next_attempt_at = (SELECT waiting.until FROM waiting WHERE waiting.held = deliveries.id)
        WHERE id IN (SELECT held FROM waiting)
        """

    /// Puts off held rows that are found due until their head may be done: else they would be looked at by every take.
    /// A hint only: what may be taken is asked when taking.
    static let putOffHeld = SQL(
        postgreSQL: """
            WITH c(held, head) AS MATERIALIZED (SELECT t.held, t.head FROM rows AS w CROSS JOIN LATERAL (
              \(held(of: "w.destination", room: "w.room"))) AS t),
            \(waiting)
            \(putThemOff)
            """,
        sqliteRowByRow: """
            WITH c(held, head) AS MATERIALIZED (
              \(held(of: "(SELECT w.destination FROM rows AS w)", room: "(SELECT w.room FROM rows AS w)"))),
            \(waiting)
            \(putThemOff)
            """, rows: destinations)

    /// A worker's destinations with pending rows, and when their earliest is due: along the index from one destination to
    /// the next, however many rows each has.
    static let pendingDestinations = """
        WITH RECURSIVE k(destination) AS (
          SELECT MIN(d.destination) FROM deliveries AS d WHERE d.worker = $1 AND d.state = 'pending'
          UNION ALL
          SELECT (SELECT MIN(d.destination) FROM deliveries AS d
            WHERE d.worker = $1 AND d.state = 'pending' AND d.destination > k.destination)
          FROM k WHERE k.destination IS NOT NULL)
        SELECT b.destination, b.due_at FROM (SELECT k.destination, (SELECT MIN(d.next_attempt_at) FROM deliveries AS d
            WHERE d.worker = $1 AND d.destination = k.destination AND d.state = 'pending') AS due_at
          FROM k WHERE k.destination IS NOT NULL) AS b
        WHERE b.due_at IS NOT NULL ORDER BY b.due_at, b.destination
        """

    /// Whose lease `v` speaks of, and whether it is still held.
    private static let isHeld = "d.id = v.delivery AND d.lease_no = v.lease_no AND d.lease_owner = $1"

    /// What an outcome is fenced by. A failover that lost a row may give its id to another row, leased to the same process.
    private static let isTheSame = "\(isHeld) AND d.event_id = v.event_id AND d.destination = v.destination"

    /// Notes attempts, those whose lease is still held. A conflict's key is not named, since partitions have theirs each.
    static let attempts = SQL(
        """
        INSERT INTO attempts(delivery, lease_no, started_at, took_ms, class, answer)
        SELECT v.delivery, v.lease_no, v.started_at, v.took_ms, v.class, v.answer
        FROM rows AS v CROSS JOIN deliveries AS d WHERE \(isTheSame)
        ORDER BY v.delivery ON CONFLICT DO NOTHING
        """,
        rows: [
            "delivery": .integer, "lease_no": .integer, "started_at": .integer, "took_ms": .integer, "class": .text,
            "answer": .text, "event_id": .text, "destination": .text,
        ])

    /// Notes the ids that receivers gave, under the same; ahead of ``close``, which removes the rows that it asks for.
    static let links = SQL(
        """
        INSERT INTO links(connection, ours, theirs)
        SELECT v.connection, v.ours, v.theirs FROM rows AS v CROSS JOIN deliveries AS d WHERE \(isTheSame)
        ORDER BY v.connection, v.ours ON CONFLICT (connection, ours) DO UPDATE SET theirs = excluded.theirs
        """,
        rows: [
            "delivery": .integer, "lease_no": .integer, "connection": .text, "ours": .text, "theirs": .text,
            "event_id": .text, "destination": .text,
        ])

    private static let outcomes: KeyValuePairs<String, SQL.Column.Kind> = [
        "delivery": .integer, "lease_no": .integer, "state": .text, "attempted": .integer, "delay_ms": .integer,
        "outcome_unknown": .integer, "reason": .text, "receipt": .text,
        "event_id": .text, "destination": .text,
    ]

    /// Writes outcomes after which a row stays open, each under the owner and lease number with which it was taken.
    static let reopen = SQL(
        """
        UPDATE deliveries AS d SET state = v.state, attempt = d.attempt + v.attempted,
          given_back = d.given_back + 1 - v.attempted,
          next_attempt_at = CASE WHEN v.delay_ms IS NULL THEN d.next_attempt_at ELSE now_ms() + v.delay_ms END,
          lease_owner = NULL, lease_until = NULL, outcome_unknown = v.outcome_unknown, changed_at = now_ms(),
          reason = v.reason, receipt = COALESCE(v.receipt, d.receipt)
        FROM rows AS v WHERE \(isTheSame) RETURNING id
        """, rows: outcomes)

    /// The columns that a closed row keeps as they are.
    private static let kept = "id, worker, destination, event_id, key, part, lease_no, attempts_before, planned_at"
    private static let keptOfOpen = kept.split(separator: ", ").map { "d.\($0)" }.joined(separator: ", ")
    private static let history =
        "INSERT INTO history(\(kept), state, attempt, changed_at, reason, receipt, outcome_unknown)"
    /// A receiver that has it is in no doubt; else one that was stays so, whatever the last attempt came to.
    private static let doubt = """
        CASE WHEN v.state = 'done' THEN 0 WHEN d.outcome_unknown = 1 THEN 1 ELSE v.outcome_unknown END
        """

    /// Closes rows, under the same: they move to `history`.
    static let close = SQL(
        postgreSQL: """
            WITH gone AS (DELETE FROM deliveries AS d USING rows AS v WHERE \(isTheSame)
              RETURNING \(keptOfOpen), v.state, d.attempt + v.attempted AS attempt, v.reason,
                COALESCE(v.receipt, d.receipt) AS receipt, \(doubt) AS outcome_unknown)
            \(history) SELECT \(kept), state, attempt, now_ms(), reason, receipt, outcome_unknown FROM gone
            ORDER BY id RETURNING id
            """,
        sqlite: """
            \(history)
            SELECT \(keptOfOpen), v.state, d.attempt + v.attempted, now_ms(), v.reason, COALESCE(v.receipt, d.receipt),
              \(doubt)
            FROM rows AS v CROSS JOIN deliveries AS d WHERE \(isTheSame) ORDER BY d.id RETURNING id
            """,
        """
        DELETE FROM deliveries WHERE id IN (SELECT d.id FROM rows AS v CROSS JOIN deliveries AS d WHERE \(isTheSame))
        """, rows: outcomes)

    /// Pulls the first open row of a key forward that was put off, after its head has closed. A row that was tried waits
    /// for its own time. The state is an expression, since beside an id its name would offer the index of all due rows.
    static let pullForward = SQL(
        """
        WITH c(head) AS MATERIALIZED (SELECT d.id
          FROM (SELECT DISTINCT (SELECT MIN(e.id) FROM deliveries AS e
              WHERE e.key = v.key AND e.destination = v.destination) AS id FROM rows AS v) AS k
            CROSS JOIN deliveries AS d
          WHERE d.id = k.id AND d.state || '' = 'pending' AND d.attempt = 0 AND d.next_attempt_at > now_ms()
          FOR UPDATE OF d SKIP LOCKED)
        UPDATE deliveries SET next_attempt_at = now_ms() WHERE id IN (SELECT head FROM c)
        """, rows: ["destination": .text, "key": .text])

    static let renew = SQL(
        """
        UPDATE deliveries AS d SET lease_until = now_ms() + \(lease) FROM rows AS v WHERE \(isHeld) RETURNING id
        """, rows: ["delivery": .integer, "lease_no": .integer])

    /// More rows than this are rescued by the next look.
    private static let rescuedMaximum = 2_000

    /// A row whose leases were lost three times without an attempt is parked: its worker died with it.
    static let rescue = """
        WITH c(lost) AS MATERIALIZED (SELECT d.id FROM deliveries AS d
          WHERE d.state = 'in_flight' AND d.lease_until <= now_ms() AND d.worker = $1
          ORDER BY d.lease_until LIMIT \(rescuedMaximum) FOR UPDATE OF d SKIP LOCKED)
        UPDATE deliveries SET
          state = CASE WHEN lease_no - given_back - attempt >= 3 THEN 'parked' ELSE 'pending' END,
          reason = CASE WHEN lease_no - given_back - attempt >= 3 THEN 'worker died with it' ELSE reason END,
          lease_owner = NULL, lease_until = NULL, outcome_unknown = 1, next_attempt_at = now_ms(), changed_at = now_ms()
        WHERE id IN (SELECT lost FROM c)
        RETURNING state
        """

    static let leased = """
        SELECT id, destination, event_id, key, attempt, lease_no, outcome_unknown FROM deliveries
        WHERE state = 'in_flight' AND lease_owner = $1 AND worker = $2 ORDER BY id LIMIT 100000
        """

    /// Counters and rows in one statement, so that both are of one instant. What a prune has counted as removed is not
    /// counted as a row.
    static let books = """
        SELECT destination, '' AS state, CAST(SUM(planned) AS bigint), CAST(SUM(removed) AS bigint) FROM books
        WHERE worker = $1 GROUP BY destination
        UNION ALL
        SELECT destination, '' AS state, 0, CAST(SUM(removed) AS bigint) FROM removals WHERE worker = $1 GROUP BY destination
        UNION ALL
        SELECT destination, state, count(*), 0 FROM deliveries WHERE worker = $1 GROUP BY destination, state
        UNION ALL
        SELECT destination, state, count(*), 0 FROM history
        WHERE worker = $1 AND changed_at >= (SELECT counted_before FROM retention WHERE one = 1)
        GROUP BY destination, state
        """

    static let markCopied = SQL(
        """
        UPDATE history AS h SET copied_at = COALESCE(h.copied_at, now_ms()) FROM rows AS v WHERE h.id = v.delivery
        """, rows: ["delivery": .integer])
}
