import Database

extension Schema {
    /// Rows that keep `deliveries` from ever being empty, on PostgreSQL.
    ///
    /// A vacuum that finds no row there notes that the table has none, and so does an index of it. From then on the planner takes
    /// reading a whole index for as cheap as looking for one key, and what is planned then is kept while the next rows come: each
    /// outcome read whole indexes, until the next vacuum happened to find rows. With these rows it is never told so. They belong to
    /// no worker and are never due. Their ids are below those that are given out, and no two have a value in common that
    /// statements look for, so that a look for one is expected to find one.
    static let ballast = Migration(
        name: "016 ballast",
        postgreSQL: [
            """
            INSERT INTO deliveries(id, worker, destination, event_id, key, part, state, next_attempt_at, planned_at, changed_at)
            OVERRIDING SYSTEM VALUE
            SELECT -n, '', 'ballast/' || n, 'ballast/' || n, 'ballast/' || n, 0, 'pending', 9000000000000000, 0, 0
            FROM generate_series(1, \(ballastRows)) AS n
            """,
            // A vacuum that gives the table's end back holds all writers up meanwhile, and the room is needed again.
            "ALTER TABLE deliveries SET (vacuum_truncate = false)",
            // Else the planner guesses until autovacuum comes by.
            "ANALYZE deliveries",
        ], sqlite: [])

    /// So many that reading them all costs more than looking for as many rows as a statement is expected to be given.
    static let ballastRows = 1_000
}
