import Database

extension Schema {
    /// What an operator has asked to be delivered once more, and what has become of it.
    static let replays = Migration(
        name: "011 replays", postgreSQL: replayColumns + replayTables(.postgreSQL),
        sqlite: replayColumns + replayTables(.sqlite) + replayIndexes)

    /// On PostgreSQL by themselves: `history` is large.
    static let indexesForReplays = Migration(
        name: "011 replays, indexes",
        postgreSQL: replayIndexes.map { $0.replacing("INDEX", with: "INDEX CONCURRENTLY") },
        sqlite: [], isAlone: true)

    /// `attempt` counts from the last replay, since a row has all its attempts again; together the two count them all. A
    /// closed row's `outcome_unknown` is NULL where a program closed it that did not note it: see
    /// ``ReplayStatements``.
    private static let replayColumns = [
        "ALTER TABLE deliveries ADD COLUMN attempts_before BIGINT NOT NULL DEFAULT 0",
        "ALTER TABLE history ADD COLUMN attempts_before BIGINT NOT NULL DEFAULT 0",
        "ALTER TABLE history ADD COLUMN outcome_unknown BIGINT",
    ]

    private static func replayTables(_ words: SchemaWords) -> [String] {
        let text = words.text
        return [
            // `selection` and `counts` are JSON: they are read as a whole, by who steps it or shows it.
            """
            CREATE TABLE replays (id \(text) NOT NULL PRIMARY KEY, name \(text) NOT NULL, author \(text) NOT NULL,
              account \(text), made_at BIGINT NOT NULL, selection \(text) NOT NULL, counts \(text) NOT NULL,
              rate BIGINT NOT NULL, state \(text) NOT NULL, ended_at BIGINT, ended_by \(text),
              CONSTRAINT replay_state CHECK (state IN ('running', 'done', 'aborted')),
              CONSTRAINT replay_ended CHECK ((state = 'running') = (ended_at IS NULL)))
            """,
            "CREATE INDEX replays_by_time ON replays(made_at, id)",
            // `position` is the id of the last row that was looked at; rows after `last_row` are not meant.
            """
            CREATE TABLE replay_parts (replay \(text) NOT NULL, worker \(text) NOT NULL, destination \(text) NOT NULL,
              position BIGINT NOT NULL, last_row BIGINT NOT NULL, is_open BIGINT NOT NULL DEFAULT 1,
              due_at BIGINT NOT NULL, replayed BIGINT NOT NULL DEFAULT 0, superseded BIGINT NOT NULL DEFAULT 0,
              in_doubt BIGINT NOT NULL DEFAULT 0, without_event BIGINT NOT NULL DEFAULT 0,
              PRIMARY KEY (replay, worker, destination)) \(words.hot)
            """,
            "CREATE INDEX replay_parts_open ON replay_parts(worker, due_at) WHERE is_open = 1",
            // One for each row that was decided about, with what the row was before.
            """
            CREATE TABLE replay_rows (replay \(text) NOT NULL, delivery BIGINT NOT NULL, worker \(text) NOT NULL,
              destination \(text) NOT NULL, event_id \(text) NOT NULL, key \(text) NOT NULL, decided_at BIGINT NOT NULL,
              fate \(text) NOT NULL, state \(text) NOT NULL, changed_at BIGINT NOT NULL, attempts BIGINT NOT NULL,
              reason \(text), superseded_by BIGINT, PRIMARY KEY (replay, delivery)) \(words.byKey)
            """,
            "CREATE INDEX replay_rows_by_key ON replay_rows(key)",
        ]
    }

    /// What may be replayed, in the order of a replay. Such rows are few.
    private static let replayIndexes = [
        "CREATE INDEX history_replayable ON history(worker, destination, id) WHERE state = 'dead'",
        "CREATE INDEX deliveries_parked ON deliveries(worker, destination, id) WHERE state = 'parked'",
    ]
}
