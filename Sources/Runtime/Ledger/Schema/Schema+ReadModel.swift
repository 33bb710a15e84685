extension Schema {
    static func readModel(_ words: SchemaWords) -> [String] {
        let text = words.text
        return [
            // `body` is the value of the event that created the order; `email` is lower-cased, for looking up only.
            """
            CREATE TABLE orders (id \(text) NOT NULL PRIMARY KEY, account \(text) NOT NULL, created_at BIGINT NOT NULL,
              updated_at BIGINT NOT NULL, status \(text) NOT NULL, external_id \(text), email \(text), price BIGINT,
              currency \(text), payment_date BIGINT, user_comments \(text), sold_at BIGINT, body \(words.bytes) NOT NULL)
            """,
            // With the status, so that counting what a filter keeps reads nothing but the index.
            "CREATE INDEX orders_by_time ON orders(account, created_at, id, status)",
            """
            CREATE INDEX orders_by_external_id ON orders(account, external_id, created_at, id)
              WHERE external_id IS NOT NULL
            """,
            "CREATE INDEX orders_by_email ON orders(account, email, created_at, id) WHERE email IS NOT NULL",
            """
            CREATE TABLE stats (account \(text) NOT NULL, minute BIGINT NOT NULL, currency \(text) NOT NULL,
              offer \(text) NOT NULL, source \(text) NOT NULL, part BIGINT NOT NULL, orders BIGINT NOT NULL,
              sales BIGINT NOT NULL, total_sale BIGINT NOT NULL, total_ordered BIGINT NOT NULL,
              PRIMARY KEY (account, minute, currency, offer, source, part)) \(words.hot)
            """,
            """
            CREATE TABLE buyers (account \(text) NOT NULL, day BIGINT NOT NULL, buyer \(text) NOT NULL,
              PRIMARY KEY (account, day, buyer)) \(words.byKey)
            """,
        ]
    }

    /// By minute, offer and source, as statistics are. What was noted by day only keeps its day, and has no offer or source
    /// that a filter could ask for.
    static func buyersOfSales(_ words: SchemaWords) -> [String] {
        let text = words.text
        return [
            """
            CREATE TABLE sale_buyers (account \(text) NOT NULL, minute BIGINT NOT NULL, offer \(text) NOT NULL,
              source \(text) NOT NULL, buyer \(text) NOT NULL, PRIMARY KEY (account, minute, offer, source, buyer))
            \(words.byKey)
            """,
            """
            INSERT INTO sale_buyers(account, minute, offer, source, buyer)
              SELECT account, day * 1440, '', '', buyer FROM buyers
            """,
            "DROP TABLE buyers",
        ]
    }

    /// What a statement must say to go by `orders_by_change`: all rows are so.
    static let isChangeListed = "updated_at > 0"

    /// For programs that ask for what has changed. The index is partial so that no other statement goes by it: without
    /// statistics it looks as good as any that begins with the account.
    static func ordersByChange(_: SchemaWords) -> [String] {
        ["CREATE INDEX orders_by_change ON orders(account, updated_at, id, status) WHERE \(isChangeListed)"]
    }
}
