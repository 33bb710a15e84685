/// The statements of taking rows and of writing what became of them.
///
/// State names stand as literals: a parameter would miss the partial indexes. Leases are 30 s.
enum DeliveryStatements {
    /// Leases due rows, oldest due first, none whose key has an earlier open row.
    static let take = """
        WITH c(due) AS MATERIALIZED (SELECT d.id FROM deliveries AS d
          WHERE d.destination = $1 AND d.state = 'pending' AND d.next_attempt_at <= now_ms()
            AND NOT EXISTS (SELECT 1 FROM deliveries AS e WHERE e.destination = d.destination AND e.key = d.key
              AND e.id < d.id AND e.state IN ('pending', 'in_flight', 'parked'))
          ORDER BY d.next_attempt_at, d.id LIMIT $2)
        UPDATE deliveries SET state = 'in_flight', lease_no = lease_no + 1, lease_owner = $3,
          lease_until = now_ms() + 30000, changed_at = now_ms()
        WHERE id IN (SELECT due FROM c)
        RETURNING id, event_id, key, attempt, lease_no, outcome_unknown, next_attempt_at
        """

    /// Puts off held rows that are found due until their head may be done: else they would be looked at by every take.
    /// A hint only: what may be taken is asked when taking.
    static let putOffHeld = """
        WITH c(held, head) AS MATERIALIZED (SELECT d.id, (SELECT MIN(e.id) FROM deliveries AS e
            WHERE e.destination = d.destination AND e.key = d.key AND e.state IN ('pending', 'in_flight', 'parked'))
          FROM deliveries AS d
          WHERE d.destination = $1 AND d.state = 'pending' AND d.next_attempt_at <= now_ms()
          ORDER BY d.next_attempt_at, d.id LIMIT $2)
        UPDATE deliveries SET next_attempt_at = (SELECT CASE
            WHEN h.state = 'pending' THEN h.next_attempt_at
            WHEN h.state = 'in_flight' THEN h.lease_until
            ELSE now_ms() + 300000 END FROM c JOIN deliveries AS h ON h.id = c.head WHERE c.held = deliveries.id)
        WHERE id IN (SELECT c.held FROM c WHERE c.head < c.held)
        """

    /// The destinations that a worker ever planned for, those with pending rows, and when their earliest is due.
    static let pendingDestinations = """
        SELECT b.destination, b.due_at FROM (SELECT k.destination, (SELECT MIN(d.next_attempt_at) FROM deliveries AS d
            WHERE d.destination = k.destination AND d.state = 'pending') AS due_at
          FROM (SELECT DISTINCT destination FROM books WHERE worker = $1) AS k) AS b
        WHERE b.due_at IS NOT NULL ORDER BY b.due_at, b.destination
        """

    /// Notes attempts, those whose lease is still held.
    static let attempts = RowsStatement(
        """
        INSERT INTO attempts(delivery, lease_no, started_at, took_ms, class, answer)
        SELECT v.delivery, v.lease_no, v.started_at, v.took_ms, v.class, v.answer
        FROM (WITH r(delivery, lease_no, owner, started_at, took_ms, class, answer) AS (VALUES
        """, types: ["bigint", "bigint", "text", "bigint", "bigint", "text", "text"],
        after: """
            ) SELECT * FROM r) AS v JOIN deliveries AS d ON d.id = v.delivery AND d.lease_no = v.lease_no
            WHERE d.state = 'in_flight' AND d.lease_owner = v.owner
            ORDER BY v.delivery ON CONFLICT (delivery, lease_no) DO NOTHING
            """)

    /// Writes outcomes, each under the owner and lease number with which its row was taken.
    static let complete = RowsStatement(
        """
        UPDATE deliveries SET state = v.state, attempt = attempt + v.attempted, given_back = given_back + 1 - v.attempted,
          next_attempt_at = CASE WHEN v.delay_ms IS NULL THEN next_attempt_at ELSE now_ms() + v.delay_ms END,
          lease_owner = NULL, lease_until = NULL, outcome_unknown = v.outcome_unknown, changed_at = now_ms(),
          reason = v.reason, receipt = COALESCE(v.receipt, deliveries.receipt)
        FROM (WITH r(delivery, lease_no, owner, state, attempted, delay_ms, outcome_unknown, reason, receipt) AS (VALUES
        """, types: ["bigint", "bigint", "text", "text", "bigint", "bigint", "bigint", "text", "text"],
        after: """
            ) SELECT * FROM r) AS v
            WHERE deliveries.id = v.delivery AND deliveries.lease_no = v.lease_no
              AND deliveries.state = 'in_flight' AND deliveries.lease_owner = v.owner
            RETURNING id
            """)

    /// Pulls the next of a key forward that was put off, where its head has closed.
    static let pullForward = RowsStatement(
        """
        UPDATE deliveries SET next_attempt_at = now_ms()
        WHERE state = 'pending' AND attempt = 0 AND next_attempt_at > now_ms()
          AND id IN (SELECT (SELECT MIN(e.id) FROM deliveries AS e WHERE e.destination = h.destination AND e.key = h.key
              AND e.state IN ('pending', 'in_flight', 'parked'))
            FROM deliveries AS h WHERE h.state IN ('done', 'dead', 'skipped') AND h.id IN (
        """, types: ["bigint"], after: "))")

    static let renew = RowsStatement(
        """
        UPDATE deliveries SET lease_until = now_ms() + 30000
        FROM (WITH r(delivery, lease_no, owner) AS (VALUES
        """, types: ["bigint", "bigint", "text"],
        after: """
            ) SELECT * FROM r) AS v
            WHERE deliveries.id = v.delivery AND deliveries.lease_no = v.lease_no
              AND deliveries.state = 'in_flight' AND deliveries.lease_owner = v.owner
            RETURNING id
            """)

    /// A row whose leases were lost three times without an attempt is parked: its worker died with it.
    static let rescue = """
        UPDATE deliveries SET
          state = CASE WHEN lease_no - given_back - attempt >= 3 THEN 'parked' ELSE 'pending' END,
          reason = CASE WHEN lease_no - given_back - attempt >= 3 THEN 'worker died with it' ELSE reason END,
          lease_owner = NULL, lease_until = NULL, outcome_unknown = 1, next_attempt_at = now_ms(), changed_at = now_ms()
        WHERE state = 'in_flight' AND lease_until <= now_ms() AND worker = $1
        RETURNING state
        """

    static let leased = """
        SELECT id, destination, event_id, key, attempt, lease_no, outcome_unknown FROM deliveries
        WHERE state = 'in_flight' AND lease_owner = $1 AND worker = $2 ORDER BY id LIMIT 100000
        """

    /// Counters and rows in one statement, so that both are of one instant.
    static let books = """
        SELECT destination, '' AS state, CAST(SUM(planned) AS bigint), CAST(SUM(removed) AS bigint) FROM books
        WHERE worker = $1 GROUP BY destination
        UNION ALL
        SELECT destination, state, count(*), 0 FROM deliveries WHERE worker = $1 GROUP BY destination, state
        """

    static let markCopied = RowsStatement(
        "UPDATE deliveries SET copied_at = now_ms() WHERE state = 'dead' AND copied_at IS NULL AND id IN (",
        types: ["bigint"], after: ")")
}
