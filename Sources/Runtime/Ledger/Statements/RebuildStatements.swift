import Database

/// The statements of counting again, and of comparing what comes out with what stands in the ledger.
enum RebuildStatements {
    static let count = OrderStatements.count(into: "rebuild_stats")
    static let buyer = OrderStatements.buyer(into: "rebuild_buyers")

    static let clear = [
        "rebuild_positions", "rebuild_stats_before", "rebuild_stats", "rebuild_buyers_before", "rebuild_buyers",
    ].map { "DELETE FROM \($0)" }

    private static let key = "account, minute, currency, offer, source, part"
    private static let figures = "orders, sales, total_sale, total_ordered"
    private static let buyerKey = "account, minute, offer, source, buyer"

    private static let positionsCopied = """
        INSERT INTO rebuild_positions(cluster, topic, part, next_offset, planned)
        SELECT cluster, topic, part, next_offset, planned FROM positions WHERE worker = $1
        """
    private static let statsCopied = """
        INSERT INTO rebuild_stats_before(\(key), \(figures)) SELECT \(key), \(figures) FROM stats
        """
    private static let buyersCopied = """
        INSERT INTO rebuild_buyers_before(\(buyerKey)) SELECT \(buyerKey) FROM sale_buyers
        """

    /// Copies positions, statistics and buyers as of one instant: on PostgreSQL only one statement has that.
    static let copy = SQL(
        postgreSQL: "WITH p AS (\(positionsCopied)), s AS (\(statsCopied)) \(buyersCopied)",
        sqlite: positionsCopied, statsCopied, buyersCopied)

    static let positions = "SELECT cluster, topic, part, next_offset, planned FROM rebuild_positions"

    /// The next keys of events: along the index from one to the next.
    static let keys = """
        WITH RECURSIVE k(key, number) AS (
          SELECT MIN(e.key), CAST(1 AS bigint) FROM events AS e WHERE e.key > $1
          UNION ALL
          SELECT (SELECT MIN(e.key) FROM events AS e WHERE e.key > k.key), k.number + 1
          FROM k WHERE k.key IS NOT NULL AND k.number < $2)
        SELECT k.key FROM k WHERE k.key IS NOT NULL ORDER BY k.number
        """

    /// Of so many keys together; more are a fault of whoever writes them.
    static let eventsMaximum = 50_000

    /// Events of these keys that were counted, or were conflicts.
    static let events = SQL(
        postgreSQL: """
            SELECT \(EventStatements.columns), e.reason FROM rows AS v CROSS JOIN LATERAL (SELECT * FROM events
              WHERE events.key = v.key AND events.worker = $1 OFFSET 0) AS e
            WHERE e.disposition = 'planned' AND e.body IS NOT NULL LIMIT \(eventsMaximum)
            """,
        sqlite: """
            SELECT \(EventStatements.columns), e.reason FROM rows AS v CROSS JOIN events AS e
            WHERE e.key = v.key AND e.worker = $1 AND e.disposition = 'planned' AND e.body IS NOT NULL
            LIMIT \(eventsMaximum)
            """, rows: ["key": .text])

    /// A bucket in which nothing is left is none.
    private static let isSomething = "orders <> 0 OR sales <> 0 OR total_sale <> 0 OR total_ordered <> 0"

    private static func buckets(of table: String, butNotOf other: String) -> String {
        """
        SELECT \(key), \(figures) FROM \(table) WHERE \(isSomething)
        EXCEPT SELECT \(key), \(figures) FROM \(other) WHERE \(isSomething)
        """
    }

    private static func buyers(of table: String, butNotOf other: String) -> String {
        "SELECT \(buyerKey) FROM \(table) EXCEPT SELECT \(buyerKey) FROM \(other)"
    }

    private static let wrongBuckets = buckets(of: "rebuild_stats_before", butNotOf: "rebuild_stats")
    private static let rightBuckets = buckets(of: "rebuild_stats", butNotOf: "rebuild_stats_before")
    private static let wrongBuyers = buyers(of: "rebuild_buyers_before", butNotOf: "rebuild_buyers")
    private static let rightBuyers = buyers(of: "rebuild_buyers", butNotOf: "rebuild_buyers_before")

    /// The first bucket that differs: as it stands in the ledger (side 0), as it was counted (side 1), or both.
    static let firstBuckets = """
        SELECT \(key), \(figures), side FROM (
          SELECT \(key), \(figures), 0 AS side FROM (\(wrongBuckets)) AS w
          UNION ALL SELECT \(key), \(figures), 1 AS side FROM (\(rightBuckets)) AS r) AS d
        ORDER BY \(key), side LIMIT 2
        """
    static let firstBuyer = """
        SELECT \(buyerKey), side FROM (
          SELECT \(buyerKey), 0 AS side FROM (\(wrongBuyers)) AS w
          UNION ALL SELECT \(buyerKey), 1 AS side FROM (\(rightBuyers)) AS r) AS d
        ORDER BY \(buyerKey) LIMIT 1
        """

    /// How many buckets, and how many buyers, differ.
    static let differences = """
        SELECT (SELECT count(*) FROM (SELECT DISTINCT \(key) FROM (
            SELECT \(key) FROM (\(wrongBuckets)) AS w UNION ALL SELECT \(key) FROM (\(rightBuckets)) AS r) AS b) AS n),
          (SELECT count(*) FROM (\(wrongBuyers)) AS w) + (SELECT count(*) FROM (\(rightBuyers)) AS r)
        """

    /// Adds to each bucket what it lacks, or takes away what it has too much: what was counted since the copy stays.
    static let applyBuckets = """
        INSERT INTO stats(\(key), \(figures))
        SELECT \(key), CAST(SUM(d.orders) AS bigint), CAST(SUM(d.sales) AS bigint), CAST(SUM(d.total_sale) AS bigint),
          CAST(SUM(d.total_ordered) AS bigint)
        FROM (SELECT \(key), \(figures) FROM rebuild_stats
          UNION ALL
          SELECT \(key), -orders, -sales, -total_sale, -total_ordered FROM rebuild_stats_before) AS d
        GROUP BY \(key)
        HAVING SUM(d.orders) <> 0 OR SUM(d.sales) <> 0 OR SUM(d.total_sale) <> 0 OR SUM(d.total_ordered) <> 0
        ORDER BY \(key)
        \(OrderStatements.adding(to: "stats"))
        """

    static let applyBuyers = [
        """
        INSERT INTO sale_buyers(\(buyerKey)) SELECT \(buyerKey) FROM (\(rightBuyers)) AS d WHERE true
        ORDER BY \(buyerKey) ON CONFLICT (\(buyerKey)) DO NOTHING
        """,
        "DELETE FROM sale_buyers WHERE (\(buyerKey)) IN (\(wrongBuyers))",
    ]
}
