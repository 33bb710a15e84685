/// The statements of the read model.
enum OrderStatements {
    private static let columns = """
        id, account, created_at, updated_at, status, price, currency, payment_date, user_comments, sold_at, body
        """

    static let put = RowsStatement(
        """
        INSERT INTO orders(id, account, created_at, updated_at, status, external_id, email, price, currency, payment_date,
          user_comments, sold_at, body) VALUES
        """,
        types: [
            "text", "text", "bigint", "bigint", "text", "text", "text", "bigint", "text", "bigint", "text", "bigint",
            "blob",
        ],
        after: """
            ON CONFLICT (id) DO UPDATE SET account = excluded.account, created_at = excluded.created_at,
              updated_at = excluded.updated_at, status = excluded.status, external_id = excluded.external_id,
              email = excluded.email, price = excluded.price, currency = excluded.currency,
              payment_date = excluded.payment_date, user_comments = excluded.user_comments, sold_at = excluded.sold_at,
              body = excluded.body
            """)

    /// Rows come in aggregated and sorted by their primary key.
    static let count = RowsStatement(
        "INSERT INTO stats(account, minute, currency, offer, source, part, orders, sales, total_sale, total_ordered) VALUES",
        types: ["text", "bigint", "text", "text", "text", "bigint", "bigint", "bigint", "bigint", "bigint"],
        after: """
            ON CONFLICT (account, minute, currency, offer, source, part) DO UPDATE SET
              orders = stats.orders + excluded.orders, sales = stats.sales + excluded.sales,
              total_sale = stats.total_sale + excluded.total_sale,
              total_ordered = stats.total_ordered + excluded.total_ordered
            """)

    static let buyer = RowsStatement(
        "INSERT INTO buyers(account, day, buyer) VALUES", types: ["text", "bigint", "text"],
        after: "ON CONFLICT (account, day, buyer) DO NOTHING")

    static let one = "SELECT \(columns) FROM orders WHERE id = $1 AND account = $2"

    static let some = RowsStatement("SELECT \(columns) FROM orders WHERE id IN (", types: ["text"], after: ")")

    /// How many orders are counted at most; a count of so many means "at least".
    static let countMax = 100_000

    /// A filter's rows and their number, newest first. Values: account, from, to, status or NULL, and what narrows.
    struct Selection: Sendable {
        let page: String
        let count: String

        /// - Parameter narrowing: a condition on `$5` and `$6` that has an index, or always holds.
        init(_ narrowing: String) {
            let condition = """
                FROM orders WHERE account = $1 AND created_at >= $2 AND created_at < $3
                  AND (CAST($4 AS text) IS NULL OR status = $4) AND \(narrowing)
                """
            page = "SELECT \(columns) \(condition) ORDER BY created_at DESC, id DESC LIMIT $7 OFFSET $8"
            count = "SELECT count(*) FROM (SELECT 1 \(condition) LIMIT \(countMax)) AS counted"
        }
    }

    static let byTime = Selection("(CAST($5 AS text) IS NULL AND CAST($6 AS text) IS NULL)")
    static let byExternalID = Selection("external_id = $5 AND (CAST($6 AS text) IS NULL OR email = $6)")
    static let byEmail = Selection("CAST($5 AS text) IS NULL AND email = $6")

    static let total = """
        SELECT count(*) FROM (SELECT 1 FROM orders WHERE account = $1 LIMIT \(countMax)) AS counted
        """

    /// Buckets over all partitions. NULL for an offer or source: every one.
    static let statistics = """
        SELECT minute, currency, offer, source, CAST(SUM(orders) AS bigint), CAST(SUM(sales) AS bigint),
          CAST(SUM(total_sale) AS bigint), CAST(SUM(total_ordered) AS bigint)
        FROM stats WHERE account = $1 AND minute >= $2 AND minute < $3
          AND (CAST($4 AS text) IS NULL OR offer = $4) AND (CAST($5 AS text) IS NULL OR source = $5)
        GROUP BY minute, currency, offer, source ORDER BY minute, currency, offer, source
        """

    static let uniqueBuyers = """
        SELECT count(*) FROM (SELECT DISTINCT buyer FROM buyers WHERE account = $1 AND day >= $2 AND day < $3) AS distinct_ones
        """
}
