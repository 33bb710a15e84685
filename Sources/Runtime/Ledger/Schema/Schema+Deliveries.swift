import Database

extension Schema {
    /// PostgreSQL begins with what ``openRowsApart`` makes of these tables.
    static let deliveries = Migration(
        name: "003 deliveries", postgreSQL: [attempts(.postgreSQL)] + openRows(.postgreSQL) + openIndexes + byKey,
        sqlite: [attempts(.sqlite)] + mixedRows)

    private static func attempts(_ words: SchemaWords) -> String {
        """
        CREATE TABLE attempts (delivery BIGINT NOT NULL, lease_no BIGINT NOT NULL, started_at BIGINT NOT NULL,
          took_ms BIGINT NOT NULL, class \(words.text) NOT NULL, answer \(words.text) NOT NULL,
          PRIMARY KEY (delivery, lease_no)) \(words.byKey)
        """
    }

    /// Open and closed rows together, with an index for each question.
    private static let mixedRows = [
        // `given_back` counts leases that ended without an attempt on purpose, so that only lost ones park a row.
        """
        CREATE TABLE deliveries (id INTEGER PRIMARY KEY AUTOINCREMENT, worker TEXT NOT NULL, destination TEXT NOT NULL,
          event_id TEXT NOT NULL, key TEXT NOT NULL, part BIGINT NOT NULL, state TEXT NOT NULL,
          attempt BIGINT NOT NULL DEFAULT 0, next_attempt_at BIGINT NOT NULL,
          lease_no BIGINT NOT NULL DEFAULT 0, lease_owner TEXT, lease_until BIGINT, given_back BIGINT NOT NULL DEFAULT 0,
          outcome_unknown BIGINT NOT NULL DEFAULT 0, planned_at BIGINT NOT NULL, changed_at BIGINT NOT NULL,
          copied_at BIGINT, reason TEXT, receipt TEXT,
          UNIQUE (destination, event_id),
          CONSTRAINT known_state CHECK (state IN ('pending', 'in_flight', 'done', 'dead', 'parked', 'skipped')),
          CONSTRAINT leased_in_flight CHECK ((state = 'in_flight') = (lease_owner IS NOT NULL)))
        """,
        "CREATE INDEX deliveries_due ON deliveries(destination, next_attempt_at, id) WHERE state = 'pending'",
        """
        CREATE INDEX deliveries_open ON deliveries(destination, key, id)
          WHERE state IN ('pending', 'in_flight', 'parked')
        """,
        "CREATE INDEX deliveries_by_key ON deliveries(key)",
        "CREATE INDEX deliveries_by_state ON deliveries(worker, state, destination)",
        "CREATE INDEX deliveries_dead ON deliveries(worker, id) WHERE state = 'dead' AND copied_at IS NULL",
    ]

    /// `deliveries` keeps what is still to be done, and so stays small; `history` gets what is closed. That an event causes a
    /// row of a destination once follows from `events`, which has it once, and is written in the same transaction.
    private static func openRows(_ words: SchemaWords) -> [String] {
        let text = words.text
        return [
            """
            CREATE TABLE deliveries (id \(words.numbered), worker \(text) NOT NULL, destination \(text) NOT NULL,
              event_id \(text) NOT NULL, key \(text) NOT NULL, part BIGINT NOT NULL, state \(text) NOT NULL,
              attempt BIGINT NOT NULL DEFAULT 0, next_attempt_at BIGINT NOT NULL,
              lease_no BIGINT NOT NULL DEFAULT 0, lease_owner \(text), lease_until BIGINT,
              given_back BIGINT NOT NULL DEFAULT 0, outcome_unknown BIGINT NOT NULL DEFAULT 0,
              planned_at BIGINT NOT NULL, changed_at BIGINT NOT NULL, reason \(text), receipt \(text),
              CONSTRAINT open_state CHECK (state IN ('pending', 'in_flight', 'parked')),
              CONSTRAINT leased_in_flight CHECK ((state = 'in_flight') = (lease_owner IS NOT NULL)))
            \(words.queue)
            """,
            """
            CREATE TABLE history (id \(words.integerKey) NOT NULL PRIMARY KEY, worker \(text) NOT NULL,
              destination \(text) NOT NULL, event_id \(text) NOT NULL, key \(text) NOT NULL, part BIGINT NOT NULL,
              state \(text) NOT NULL, attempt BIGINT NOT NULL DEFAULT 0, lease_no BIGINT NOT NULL DEFAULT 0,
              planned_at BIGINT NOT NULL, changed_at BIGINT NOT NULL, copied_at BIGINT, reason \(text), receipt \(text),
              CONSTRAINT closed_state CHECK (state IN ('done', 'dead', 'skipped')))
            """,
        ]
    }

    private static let openIndexes = [
        """
        CREATE INDEX deliveries_due ON deliveries(worker, destination, next_attempt_at, id) WHERE state = 'pending'
        """,
        "CREATE INDEX deliveries_open ON deliveries(key, destination, id)",
        "CREATE INDEX deliveries_lease ON deliveries(worker, lease_until) WHERE state = 'in_flight'",
        "CREATE INDEX history_by_key ON history(key)",
        "CREATE INDEX history_dead ON history(worker, id) WHERE state = 'dead' AND copied_at IS NULL",
    ]

    /// A key's events are asked for by one worker. An index that leaves the worker out reads three times as many.
    private static let byKey = [
        "DROP INDEX events_by_key", "CREATE INDEX events_by_key ON events(key, worker, seq)",
    ]

    private static let columns = """
        id, worker, destination, event_id, key, part, state, attempt, lease_no, planned_at, changed_at, reason, receipt
        """

    /// Moves closed rows out of `deliveries`, on SQLite. A program from before cannot read what it leaves.
    static let openRowsApart = Migration(
        name: "010 open rows apart", postgreSQL: [],
        sqlite: ["ALTER TABLE deliveries RENAME TO mixed_deliveries"]
            + ["due", "open", "by_key", "by_state", "dead"].map { "DROP INDEX deliveries_\($0)" }
            + openRows(.sqlite)
            + [
                """
                INSERT INTO history(\(columns), copied_at) SELECT \(columns), copied_at FROM mixed_deliveries
                WHERE state IN ('done', 'dead', 'skipped') ORDER BY id
                """,
                """
                INSERT INTO deliveries(\(columns), next_attempt_at, lease_owner, lease_until, given_back, outcome_unknown)
                SELECT \(columns), next_attempt_at, lease_owner, lease_until, given_back, outcome_unknown
                FROM mixed_deliveries WHERE state IN ('pending', 'in_flight', 'parked') ORDER BY id
                """,
                // Ids go on where they were, also where the last ones are closed.
                "DELETE FROM sqlite_sequence WHERE name = 'deliveries'",
                """
                INSERT INTO sqlite_sequence(name, seq)
                SELECT 'deliveries', seq FROM sqlite_sequence WHERE name = 'mixed_deliveries'
                """,
                "DROP TABLE mixed_deliveries",
            ] + openIndexes + byKey,
        rewriting: Migration.Rewriting(
            content: "SELECT 1 FROM positions LIMIT 1",
            users: "SELECT process FROM processes WHERE \(ConfigurationStatements.isAlive) LIMIT 1"))
}
