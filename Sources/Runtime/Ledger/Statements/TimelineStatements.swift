/// What the timeline of one order is made of. Each part is bounded; the oldest are shown.
enum TimelineStatements {
    static let events = """
        SELECT worker, event_id, account, topic, part, log_offset, type, happened_at, taken_at, disposition, reason
        FROM events WHERE key = $1 ORDER BY seq LIMIT 2000
        """

    static let folds = """
        SELECT worker, event_id, topic, part, log_offset, taken_at FROM folds WHERE key = $1
        ORDER BY taken_at, worker, log_offset LIMIT 1000
        """

    static let deliveries = """
        SELECT id, worker, destination, event_id, state, attempt, planned_at, changed_at, reason, receipt
        FROM deliveries WHERE key = $1 ORDER BY id LIMIT 2000
        """

    static let attempts = """
        SELECT a.delivery, a.started_at, a.took_ms, a.class, a.answer
        FROM deliveries AS d JOIN attempts AS a ON a.delivery = d.id
        WHERE d.key = $1 ORDER BY a.delivery, a.lease_no LIMIT 5000
        """

    /// The order's account and currency, for its bucket of the statistics.
    static let order = "SELECT account, currency FROM orders WHERE id = $1"

    static let states = RowsStatement(
        "SELECT key, worker, destination, state FROM deliveries WHERE key IN (", types: ["text"],
        after: ") ORDER BY id")
}
