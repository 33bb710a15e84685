extension Schema {
    static func gettingWellAgain(_ words: SchemaWords) -> [String] {
        let text = words.text
        let bucket = """
            account \(text) NOT NULL, minute BIGINT NOT NULL, currency \(text) NOT NULL, offer \(text) NOT NULL,
              source \(text) NOT NULL, part BIGINT NOT NULL, orders BIGINT NOT NULL, sales BIGINT NOT NULL,
              total_sale BIGINT NOT NULL, total_ordered BIGINT NOT NULL,
              PRIMARY KEY (account, minute, currency, offer, source, part)
            """
        let buyer = """
            account \(text) NOT NULL, minute BIGINT NOT NULL, offer \(text) NOT NULL, source \(text) NOT NULL,
              buyer \(text) NOT NULL, PRIMARY KEY (account, minute, offer, source, buyer)
            """
        return [
            // Up to there the log's records may have been taken in by a ledger that this one, restored from a backup, took
            // the place of.
            "ALTER TABLE positions ADD COLUMN repeats_until BIGINT",
            // Of one rebuild at a time; empty otherwise. `…_before` is what stood there when it began, at these positions.
            """
            CREATE TABLE rebuild_positions (cluster \(text) NOT NULL, topic \(text) NOT NULL, part BIGINT NOT NULL,
              next_offset BIGINT NOT NULL, planned BIGINT NOT NULL, PRIMARY KEY (cluster, topic, part)) \(words.byKey)
            """,
            "CREATE TABLE rebuild_stats_before (\(bucket)) \(words.byKey)",
            "CREATE TABLE rebuild_stats (\(bucket)) \(words.byKey)",
            "CREATE TABLE rebuild_buyers_before (\(buyer)) \(words.byKey)",
            "CREATE TABLE rebuild_buyers (\(buyer)) \(words.byKey)",
        ]
    }
}
