import Database

/// The statements of the read model.
enum OrderStatements {
    private static let columns = """
        id, account, created_at, updated_at, status, price, currency, payment_date, user_comments, sold_at, body
        """

    static let put = SQL(
        """
        INSERT INTO orders(id, account, created_at, updated_at, status, external_id, email, price, currency, payment_date,
          user_comments, sold_at, body)
        SELECT v.id, v.account, v.created_at, v.updated_at, v.status, v.external_id, v.email, v.price, v.currency,
          v.payment_date, v.user_comments, v.sold_at, v.body
        FROM rows AS v WHERE true
        ON CONFLICT (id) DO UPDATE SET account = excluded.account, created_at = excluded.created_at,
          updated_at = excluded.updated_at, status = excluded.status, external_id = excluded.external_id,
          email = excluded.email, price = excluded.price, currency = excluded.currency,
          payment_date = excluded.payment_date, user_comments = excluded.user_comments, sold_at = excluded.sold_at,
          body = excluded.body
        """,
        rows: [
            "id": .text, "account": .text, "created_at": .integer, "updated_at": .integer, "status": .text,
            "external_id": .text, "email": .text, "price": .integer, "currency": .text, "payment_date": .integer,
            "user_comments": .text, "sold_at": .integer, "body": .blob,
        ])

    static let count = count(into: "stats")
    static let buyer = buyer(into: "sale_buyers")

    /// What is added where a bucket is there already.
    static func adding(to table: String) -> String {
        """
        ON CONFLICT (account, minute, currency, offer, source, part) DO UPDATE SET
          orders = \(table).orders + excluded.orders, sales = \(table).sales + excluded.sales,
          total_sale = \(table).total_sale + excluded.total_sale,
          total_ordered = \(table).total_ordered + excluded.total_ordered
        """
    }

    /// Rows come in aggregated and sorted by their primary key.
    static func count(into table: String) -> SQL {
        SQL(
            """
            INSERT INTO \(table)(account, minute, currency, offer, source, part, orders, sales, total_sale, total_ordered)
            SELECT v.account, v.minute, v.currency, v.offer, v.source, v.part, v.orders, v.sales, v.total_sale,
              v.total_ordered
            FROM rows AS v WHERE true
            \(adding(to: table))
            """,
            rows: [
                "account": .text, "minute": .integer, "currency": .text, "offer": .text, "source": .text,
                "part": .integer, "orders": .integer, "sales": .integer, "total_sale": .integer,
                "total_ordered": .integer,
            ])
    }

    /// Partitions share these rows: they come in sorted, so that two transactions never wait for each other.
    static func buyer(into table: String) -> SQL {
        SQL(
            """
            INSERT INTO \(table)(account, minute, offer, source, buyer)
            SELECT v.account, v.minute, v.offer, v.source, v.buyer FROM rows AS v WHERE true
            ON CONFLICT (account, minute, offer, source, buyer) DO NOTHING
            """, rows: ["account": .text, "minute": .integer, "offer": .text, "source": .text, "buyer": .text])
    }

    static let one = "SELECT \(columns) FROM orders WHERE id = $1 AND account = $2"

    private static let ids: KeyValuePairs<String, SQL.Column.Kind> = ["id": .text]

    static let some = SQL(
        postgreSQL: """
            SELECT \(columns) FROM (SELECT o.* FROM rows AS v CROSS JOIN LATERAL (
              SELECT * FROM orders WHERE orders.id = v.id OFFSET 0) AS o) AS found
            """,
        sqlite: "SELECT \(columns) FROM orders WHERE id IN (SELECT v.id FROM rows AS v)", rows: ids)

    static let accounts = SQL(
        "SELECT v.id, (SELECT o.account FROM orders AS o WHERE o.id = v.id) FROM rows AS v", rows: ids)

    /// How many orders are counted at most; a count of so many means "at least".
    static let countMaximum = 100_000

    /// A filter's rows and their number, newest first. Values: account, from, to, status or NULL, what narrows, and, sorted
    /// by their change, the oldest one; a page's are these and its limits, the next page's in addition the time and the id
    /// that it comes after.
    struct Selection: Sendable {
        let page: String
        let nextPage: String
        let count: String

        /// - Parameters:
        ///   - narrowing: a condition on `$5` and `$6`.
        ///   - isIndexed: whether that has an index; else the sort's has to do. A time with a sign is no column, so that
        ///     a database does not go by it.
        private init(_ narrowing: String, isIndexed: Bool, _ sort: OrderFilter.Sort) {
            let (created, time, since, own) =
                switch sort {
                case .created: ("created_at", isIndexed ? "+created_at" : "created_at", "", 6)
                case .updated: ("+created_at", "updated_at", "AND updated_at >= $7", 7)
                }
            let byChange = sort == .updated && !isIndexed ? "AND \(Schema.isChangeListed)" : ""
            let condition = """
                FROM orders WHERE account = $1 AND \(created) >= $2 AND \(created) < $3
                  AND (CAST($4 AS text) IS NULL OR status = $4) AND \(narrowing) \(since) \(byChange)
                """
            let column = sort == .created ? "created_at" : "updated_at"
            let order = "ORDER BY \(column) DESC, id DESC LIMIT $\(own + 1) OFFSET $\(own + 2)"
            page = "SELECT \(columns) \(condition) \(order)"
            nextPage = "SELECT \(columns) \(condition) AND (\(time), id) < ($\(own + 3), $\(own + 4)) \(order)"
            count = "SELECT count(*) FROM (SELECT 1 \(condition) LIMIT \(countMaximum)) AS counted"
        }

        /// The same narrowing, sorted by either time.
        struct Sorted: Sendable {
            private let created: Selection
            private let updated: Selection

            fileprivate init(_ narrowing: String, isIndexed: Bool) {
                created = Selection(narrowing, isIndexed: isIndexed, .created)
                updated = Selection(narrowing, isIndexed: isIndexed, .updated)
            }

            subscript(_ sort: OrderFilter.Sort) -> Selection {
                switch sort {
                case .created: created
                case .updated: updated
                }
            }
        }

        static let byTime = Sorted("(CAST($5 AS text) IS NULL AND CAST($6 AS text) IS NULL)", isIndexed: false)
        static let byExternalID = Sorted(
            "external_id = $5 AND (CAST($6 AS text) IS NULL OR email = $6)", isIndexed: true)
        static let byEmail = Sorted("CAST($5 AS text) IS NULL AND email = $6", isIndexed: true)

        /// The one that has an index for what the filter names.
        static func of(_ filter: OrderFilter) -> Selection {
            let narrowed = filter.externalID != nil ? byExternalID : filter.email != nil ? byEmail : byTime
            return narrowed[filter.sort]
        }
    }

    static let total = """
        SELECT count(*) FROM (SELECT 1 FROM orders WHERE account = $1 LIMIT \(countMaximum)) AS counted
        """

    /// What every figure of statistics is asked by. Values: account, minutes from and to, offer and source or NULL.
    private static let asked = """
        account = $1 AND minute >= $2 AND minute < $3
          AND (CAST($4 AS text) IS NULL OR offer = $4) AND (CAST($5 AS text) IS NULL OR source = $5)
        """

    /// Buckets over all partitions. NULL for an offer or source: every one.
    static let statistics = """
        SELECT minute, currency, offer, source, CAST(SUM(orders) AS bigint), CAST(SUM(sales) AS bigint),
          CAST(SUM(total_sale) AS bigint), CAST(SUM(total_ordered) AS bigint)
        FROM stats WHERE \(asked)
        GROUP BY minute, currency, offer, source ORDER BY minute, currency, offer, source
        """

    static let uniqueBuyers = """
        SELECT count(*) FROM (SELECT DISTINCT buyer FROM sale_buyers WHERE \(asked)) AS distinct_ones
        """
}
