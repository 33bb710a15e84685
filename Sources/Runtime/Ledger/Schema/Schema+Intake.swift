extension Schema {
    static func intake(_ words: SchemaWords) -> [String] {
        let (text, bytes) = (words.text, words.bytes)
        return [
            // The books of a partition close, or the transaction does not hold. The fence leans on it.
            """
            CREATE TABLE positions (worker \(text) NOT NULL, cluster \(text) NOT NULL, topic \(text) NOT NULL,
              part BIGINT NOT NULL, base_offset BIGINT NOT NULL, next_offset BIGINT NOT NULL,
              planned BIGINT NOT NULL DEFAULT 0, folded BIGINT NOT NULL DEFAULT 0, skipped BIGINT NOT NULL DEFAULT 0,
              lost BIGINT NOT NULL DEFAULT 0, last_event \(text), last_time BIGINT,
              PRIMARY KEY (worker, cluster, topic, part),
              CONSTRAINT closed_books CHECK (next_offset >= base_offset
                AND next_offset - base_offset = planned + folded + skipped + lost)) \(words.hot)
            """,
            // `body` is the record's value as it lay on the topic; NULL for a record that is no event this program reads.
            """
            CREATE TABLE events (seq \(words.numbered), worker \(text) NOT NULL, event_id \(text) NOT NULL,
              account \(text), key \(text) NOT NULL, cluster \(text) NOT NULL, topic \(text) NOT NULL, part BIGINT NOT NULL,
              log_offset BIGINT NOT NULL, type \(text), happened_at BIGINT NOT NULL, taken_at BIGINT NOT NULL,
              disposition \(text) NOT NULL, reason \(text), digest \(bytes), traceparent \(text), body \(bytes),
              UNIQUE (worker, event_id))
            """,
            "CREATE INDEX events_by_key ON events(key, seq)",
            // One row for each record that was folded: the event's own row tells of its first.
            """
            CREATE TABLE folds (worker \(text) NOT NULL, cluster \(text) NOT NULL, topic \(text) NOT NULL,
              part BIGINT NOT NULL, log_offset BIGINT NOT NULL, event_id \(text) NOT NULL, key \(text) NOT NULL,
              taken_at BIGINT NOT NULL, PRIMARY KEY (worker, cluster, topic, part, log_offset)) \(words.byKey)
            """,
            "CREATE INDEX folds_by_key ON folds(key)",
            """
            CREATE TABLE books (worker \(text) NOT NULL, destination \(text) NOT NULL, part BIGINT NOT NULL,
              planned BIGINT NOT NULL DEFAULT 0, removed BIGINT NOT NULL DEFAULT 0,
              PRIMARY KEY (worker, destination, part)) \(words.hot)
            """,
        ]
    }

    static func beat(_ words: SchemaWords) -> [String] {
        [
            """
            CREATE TABLE beat (one BIGINT NOT NULL PRIMARY KEY CHECK (one = 1), count BIGINT NOT NULL,
              moved_at BIGINT NOT NULL)
            """
        ]
    }

    /// `next_offset` is the worker's position when it stopped: where it has moved since, the row says nothing any more.
    static func stoppedPartitions(_ words: SchemaWords) -> [String] {
        let text = words.text
        return [
            """
            CREATE TABLE stopped_partitions (worker \(text) NOT NULL, topic \(text) NOT NULL, part BIGINT NOT NULL,
              cluster \(text) NOT NULL, next_offset BIGINT NOT NULL, why \(text) NOT NULL, since BIGINT NOT NULL,
              PRIMARY KEY (topic, part, worker)) \(words.byKey)
            """
        ]
    }
}
