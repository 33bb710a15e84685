extension Schema {
    static func configuration(_ words: SchemaWords) -> [String] {
        let (text, bytes) = (words.text, words.bytes)
        return [
            // `record` is what goes to topic control, byte by byte.
            "CREATE TABLE accounts (id \(text) NOT NULL PRIMARY KEY, version BIGINT NOT NULL, record \(bytes) NOT NULL)",
            """
            CREATE TABLE tokens (id \(text) NOT NULL PRIMARY KEY, account \(text) NOT NULL, version BIGINT NOT NULL,
              record \(bytes) NOT NULL)
            """,
            "CREATE INDEX tokens_by_account ON tokens(account, id)",
            // `secret` is sealed for the connection's id.
            """
            CREATE TABLE connections (id \(text) NOT NULL PRIMARY KEY, account \(text) NOT NULL, kind \(text) NOT NULL,
              url \(text) NOT NULL, secret \(bytes) NOT NULL, enabled BIGINT NOT NULL, since BIGINT NOT NULL)
            """,
            "CREATE INDEX connections_by_account ON connections(account, id)",
            """
            CREATE TABLE outbox (id \(words.numbered), key \(text) NOT NULL, value \(bytes), noted_at BIGINT NOT NULL)
            """,
            """
            CREATE TABLE leases (name \(text) NOT NULL PRIMARY KEY, owner \(text) NOT NULL, held_until BIGINT NOT NULL)
            """,
            """
            CREATE TABLE processes (process \(text) NOT NULL, worker \(text) NOT NULL, heartbeat_at BIGINT NOT NULL,
              PRIMARY KEY (process, worker)) \(words.hot)
            """,
            """
            CREATE TABLE links (connection \(text) NOT NULL, ours \(text) NOT NULL, theirs \(text) NOT NULL,
              PRIMARY KEY (connection, ours)) \(words.byKey)
            """,
        ]
    }

    static func limits(_ words: SchemaWords) -> [String] {
        [
            """
            CREATE TABLE limits (id \(words.text) NOT NULL PRIMARY KEY, version BIGINT NOT NULL,
              record \(words.bytes) NOT NULL)
            """
        ]
    }

    static func optionsOfConnections(_ words: SchemaWords) -> [String] {
        ["ALTER TABLE connections ADD COLUMN options \(words.text) NOT NULL DEFAULT '{}'"]
    }
}
