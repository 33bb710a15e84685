import Database

/// The statements of a prune that deletes rows. Each goes over a stretch of a key that a page has found before, so that it
/// reads and removes no more than was asked for.
enum RetentionStatements {
    static let lease = "retention"

    static let setting = "SELECT days, orders_days, audit_days, now_ms() FROM retention"
    /// Only where it is still as in the last three values.
    static let set = """
        UPDATE retention SET days = $1, orders_days = $2, audit_days = $3
        WHERE days = $4 AND COALESCE(orders_days, 0) = $5 AND COALESCE(audit_days, 0) = $6
        """

    // MARK: How much there is

    /// The first and the last key; a row of two NULL where there are no rows.
    static func ends(of table: String, _ key: String) -> String { "SELECT MIN(\(key)), MAX(\(key)) FROM \(table)" }

    /// The first row from `$1` on: its key, and its time.
    static func next(of table: String, _ key: String, _ time: String) -> String {
        "SELECT \(key), \(time) FROM \(table) WHERE \(key) >= $1 ORDER BY \(key) LIMIT 1"
    }

    // MARK: Closed deliveries

    /// The last id of the next `$2` rows after `$1`, and how many they are, those planned before `$3`: ids are given out in the
    /// order of planning, so that fewer than `$2` are the last ones.
    static let historyPage = """
        SELECT MAX(p.id), count(*) FROM (SELECT id, planned_at FROM history WHERE id > $1 ORDER BY id LIMIT $2) AS p
        WHERE p.planned_at < $3
        """

    /// A dead row goes once it is on topic `dead-letters`. What is counted as removed goes with its partition.
    private static let isOld = """
        id > $1 AND id <= $2 AND changed_at < $3 AND (state <> 'dead' OR copied_at IS NOT NULL)
          AND changed_at >= (SELECT counted_before FROM retention WHERE one = 1)
        """

    /// Removes closed rows with their attempts, and counts them in `books`; rows whose sum is their number. On PostgreSQL they are
    /// counted in `removals`, beside `books`: an intake changes those, and would wait until the rows are deleted.
    static let removeHistory = SQL(
        postgreSQL: """
            WITH gone AS (DELETE FROM history WHERE \(isOld) RETURNING id, worker, destination, part),
              attempted AS (DELETE FROM attempts AS a USING gone WHERE a.delivery = gone.id),
              counted AS (SELECT worker, destination, part, count(*) AS removed FROM gone
                GROUP BY worker, destination, part ORDER BY worker, destination, part),
              noted AS (INSERT INTO removals(worker, destination, part, removed)
                SELECT worker, destination, part, removed FROM counted
                ON CONFLICT (worker, destination, part) DO UPDATE SET removed = removals.removed + excluded.removed)
            SELECT CAST(removed AS bigint) FROM counted
            """,
        sqlite: "DELETE FROM attempts WHERE delivery IN (SELECT id FROM history WHERE \(isOld))",
        """
        UPDATE books AS b SET removed = b.removed + counted.removed
        FROM (SELECT worker, destination, part, count(*) AS removed FROM history WHERE \(isOld)
          GROUP BY worker, destination, part) AS counted
        WHERE b.worker = counted.worker AND b.destination = counted.destination AND b.part = counted.part
        """,
        "DELETE FROM history WHERE \(isOld) RETURNING 1")

    static let hasUncopied = """
        SELECT 1 FROM history WHERE state = 'dead' AND copied_at IS NULL AND changed_at < $1 LIMIT 1
        """

    // MARK: Events, and records that were folded

    static let eventsPage = """
        SELECT MAX(p.seq), count(*) FROM (SELECT seq, taken_at FROM events WHERE seq > $1 ORDER BY seq LIMIT $2) AS p
        WHERE p.taken_at < $3
        """

    /// An event stays as long as one of its rows, which may be attempted or replayed.
    static let removeEvents = """
        DELETE FROM events WHERE seq > $1 AND seq <= $2 AND taken_at < $3
          AND NOT EXISTS (SELECT 1 FROM deliveries AS d
            WHERE d.key = events.key AND d.worker = events.worker AND d.event_id = events.event_id)
          AND NOT EXISTS (SELECT 1 FROM history AS h
            WHERE h.key = events.key AND h.worker = events.worker AND h.event_id = events.event_id)
        RETURNING 1
        """

    static let positions = "SELECT worker, cluster, topic, part FROM positions ORDER BY worker, cluster, topic, part"

    /// Of the first `$5` of a partition.
    static let removeFolds = """
        DELETE FROM folds WHERE worker = $1 AND cluster = $2 AND topic = $3 AND part = $4 AND taken_at < $6
          AND log_offset IN (SELECT f.log_offset FROM folds AS f
            WHERE f.worker = $1 AND f.cluster = $2 AND f.topic = $3 AND f.part = $4 ORDER BY f.log_offset LIMIT $5)
        RETURNING 1
        """

    // MARK: Replays

    /// Those that ended before `$1`, the first ones.
    static let oldReplays = """
        SELECT id FROM replays WHERE state <> 'running' AND ended_at < $1 ORDER BY made_at, id LIMIT 1000
        """

    static let removeReplayRows = """
        DELETE FROM replay_rows WHERE replay = $1 AND delivery IN (SELECT f.delivery FROM replay_rows AS f
          WHERE f.replay = $1 ORDER BY f.delivery LIMIT $2)
        RETURNING 1
        """

    static func removeReplay(_ id: Value) -> [Statement] {
        [
            Statement("DELETE FROM replay_parts WHERE replay = $1", [id]),
            Statement("DELETE FROM replays WHERE id = $1", [id]),
        ]
    }

    // MARK: The read model

    /// The accounts that a table has rows of: along the index from one to the next.
    private static func accounts(of table: String) -> String {
        """
        WITH RECURSIVE k(account) AS (SELECT MIN(account) FROM \(table)
          UNION ALL SELECT (SELECT MIN(t.account) FROM \(table) AS t WHERE t.account > k.account) FROM k
          WHERE k.account IS NOT NULL)
        SELECT account FROM k WHERE account IS NOT NULL
        """
    }

    static let accountsOfOrders = accounts(of: "orders")
    static let accountsOfBuyers = accounts(of: "sale_buyers")

    /// An account's next orders, by when they were created, after `$3` and `$4`.
    static let ordersPage = """
        SELECT id, created_at, updated_at FROM orders
        WHERE account = $1 AND created_at < $2 AND (created_at, id) > ($3, $4) ORDER BY created_at, id LIMIT $5
        """

    /// Not one that has changed meanwhile.
    static let removeOrders = SQL(
        "DELETE FROM orders WHERE id IN (SELECT v.id FROM rows AS v) AND updated_at < $1 RETURNING 1",
        rows: ["id": .text])

    static let buyersPage = """
        SELECT MAX(p.minute), count(*) FROM (SELECT minute FROM sale_buyers WHERE account = $1 AND minute < $2
          ORDER BY minute LIMIT $3) AS p
        """

    static let removeBuyers = "DELETE FROM sale_buyers WHERE account = $1 AND minute <= $2 RETURNING 1"
}
