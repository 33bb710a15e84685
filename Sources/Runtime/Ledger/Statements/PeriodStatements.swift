import Database

/// The statements that make partitions and let go of them. PostgreSQL alone has any.
enum PeriodStatements {
    private static let tables = Schema.partitioned.map(\.key)

    static let periods = "SELECT name, from_ms, to_ms FROM periods ORDER BY to_ms"

    /// Two processes that make the same one: the second waits here, and changes no row.
    static let note = """
        INSERT INTO periods(name, from_ms, to_ms) VALUES ($1, $2, $3) ON CONFLICT (name) DO NOTHING
        """

    /// Makes a period's tables after those of the one before, and has them take rows: nobody waits for that, as they would
    /// for a table that is made as a partition.
    static func make(_ period: Period, after last: Period) -> [Statement] {
        tables.flatMap { table in
            [
                Statement("CREATE TABLE \(table)_\(period.name) (LIKE \(table)_\(last.name) INCLUDING ALL)"),
                Statement(
                    """
                    ALTER TABLE \(table) ATTACH PARTITION \(table)_\(period.name)
                    FOR VALUES FROM (\(last.to)) TO (\(period.to))
                    """),
            ]
        }
    }

    static let progress = "SELECT closed_before, counted_before FROM retention"

    /// Nothing that is older is brought back from now on; a row says that it is so. None does while a dead row waits for its
    /// copy.
    static let close = """
        UPDATE retention SET closed_before = GREATEST(closed_before, $1)
        WHERE one = 1 AND (closed_before >= $1 OR NOT EXISTS (SELECT 1 FROM history AS h
          WHERE h.state = 'dead' AND h.copied_at IS NULL AND h.changed_at < $1))
        RETURNING closed_before
        """

    /// Counts a period's next `$2` rows after `$1`.
    static func count(_ period: Period) -> String {
        """
        SELECT p.worker, p.destination, p.part, count(*), MAX(p.id)
        FROM (SELECT id, worker, destination, part FROM history_\(period.name) WHERE id > $1 ORDER BY id LIMIT $2) AS p
        GROUP BY p.worker, p.destination, p.part
        """
    }

    static let noteCounted = """
        UPDATE retention SET counted_before = $1 WHERE counted_before < $1 AND closed_before >= $1
        """

    /// All of a period's at once, beside `books`: an intake, which changes those, does not wait for it.
    static let addRemovals = SQL(
        """
        INSERT INTO removals(worker, destination, part, removed)
        SELECT v.worker, v.destination, v.part, v.removed FROM rows AS v WHERE true
        ON CONFLICT (worker, destination, part) DO UPDATE SET removed = removals.removed + excluded.removed
        """, rows: ["worker": .text, "destination": .text, "part": .integer, "removed": .integer])

    /// Brings `$1` of them to the books, in the order in which an intake asks for those rows. How many they were.
    static let bookRemovals = """
        WITH gone AS (DELETE FROM removals AS r USING (SELECT f.worker, f.destination, f.part FROM removals AS f
              ORDER BY f.worker, f.destination, f.part LIMIT $1) AS n
            WHERE r.worker = n.worker AND r.destination = n.destination AND r.part = n.part
            RETURNING r.worker, r.destination, r.part, r.removed),
          sorted AS MATERIALIZED (SELECT worker, destination, part, removed FROM gone
            ORDER BY worker, destination, part),
          booked AS (UPDATE books AS b SET removed = b.removed + sorted.removed FROM sorted
            WHERE b.worker = sorted.worker AND b.destination = sorted.destination AND b.part = sorted.part)
        SELECT count(*) FROM sorted
        """

    /// Looks at the next `$2` rows of a table after `$1` that were planned before `$4`, and moves their events that lie before
    /// `$3` on to the present period. The last id, how many rows those were, and how many events moved.
    static func moveEvents(ofRowsIn table: String) -> String {
        """
        WITH page AS MATERIALIZED (SELECT p.id, p.worker, p.event_id, p.planned_at FROM \(table) AS p
            WHERE p.id > $1 ORDER BY p.id LIMIT $2),
          moved AS (UPDATE events AS e SET filed_at = now_ms() FROM page
            WHERE e.worker = page.worker AND e.event_id = page.event_id AND e.filed_at < $3 AND page.planned_at < $4
            RETURNING 1)
        SELECT MAX(page.id), count(*), (SELECT count(*) FROM moved) FROM page WHERE page.planned_at < $4
        """
    }

    /// Takes a period's table out and drops it; others go on meanwhile.
    static func drop(_ period: Period, of table: String) -> [String] {
        [
            "ALTER TABLE \(table) DETACH PARTITION \(table)_\(period.name) CONCURRENTLY",
            "DROP TABLE IF EXISTS \(table)_\(period.name)",
        ]
    }

    static let forget = "DELETE FROM periods WHERE name = $1"
}
