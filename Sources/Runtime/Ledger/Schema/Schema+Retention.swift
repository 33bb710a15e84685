extension Schema {
    static func retention(_ words: SchemaWords) -> [String] {
        [
            // One row. What a prune has closed is not opened any more; what it has counted is in `books` as removed, and
            // left out where the rows are counted, until it has been dropped.
            """
            CREATE TABLE retention (one BIGINT NOT NULL PRIMARY KEY CHECK (one = 1), days BIGINT NOT NULL,
              orders_days BIGINT, closed_before BIGINT NOT NULL DEFAULT 0, counted_before BIGINT NOT NULL DEFAULT 0)
            """,
            "INSERT INTO retention(one, days) VALUES (1, \(Retention.standard.days))",
            // What is removed and has not been added to `books` yet, where an intake would wait for it.
            """
            CREATE TABLE removals (worker \(words.text) NOT NULL, destination \(words.text) NOT NULL, part BIGINT NOT NULL,
              removed BIGINT NOT NULL, PRIMARY KEY (worker, destination, part)) \(words.byKey)
            """,
        ]
    }
}
