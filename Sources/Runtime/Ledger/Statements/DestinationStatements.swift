import Database

/// The statements of how destinations stand: bounded, however many rows there are.
enum DestinationStatements {
    /// Rows that are counted of one destination and state at most.
    static let countMaximum = 100_000
    /// Closed rows, the newest of all destinations, among which the last answers are looked for.
    static let closedMaximum: Int64 = 10_000
    /// Rows that wait for longest from now on, among which one that was attempted is looked for.
    private static let waitingMaximum = 100

    private static func count(_ table: String, _ state: String) -> String {
        """
        (SELECT count(*) FROM (SELECT d.id FROM \(table) AS d
          WHERE d.worker = $1 AND d.destination = k.destination AND d.state = '\(state)' LIMIT \(countMaximum)) AS c)
        """
    }

    /// A worker's destinations, along the key of `books` from one to the next, with what is open of each. Those in flight
    /// are few: as many as processes hold.
    static let all = """
        WITH RECURSIVE k(destination) AS (
          SELECT MIN(b.destination) FROM books AS b WHERE b.worker = $1
          UNION ALL
          SELECT (SELECT MIN(b.destination) FROM books AS b WHERE b.worker = $1 AND b.destination > k.destination)
          FROM k WHERE k.destination IS NOT NULL)
        SELECT k.destination, \(count("deliveries", "pending")), \(count("deliveries", "parked")),
          \(count("history", "dead")),
          (SELECT MIN(d.next_attempt_at) FROM deliveries AS d
            WHERE d.worker = $1 AND d.destination = k.destination AND d.state = 'pending'),
          (SELECT MAX(w.id) FROM (SELECT d.id, d.attempt FROM deliveries AS d
            WHERE d.worker = $1 AND d.destination = k.destination AND d.state = 'pending'
            ORDER BY d.next_attempt_at DESC, d.id DESC LIMIT \(waitingMaximum)) AS w WHERE w.attempt > 0)
        FROM k WHERE k.destination IS NOT NULL ORDER BY k.destination
        """

    static let inFlight = """
        SELECT d.destination, count(*) FROM deliveries AS d WHERE d.worker = $1 AND d.state = 'in_flight'
        GROUP BY d.destination
        """

    static let newestClosed = "SELECT MAX(h.id) FROM history AS h"

    /// The newest closed row of each destination that has one among these. Values: worker, the id after which it begins, and the
    /// last one.
    static let lastClosed = """
        SELECT h.destination, MAX(h.id) FROM history AS h WHERE h.id > $2 AND h.id <= $3 AND h.worker = $1
        GROUP BY h.destination
        """

    /// The attempts of each of these rows, of which there are a few.
    static let attempts = SQL(
        postgreSQL: attempts(
            "rows AS v CROSS JOIN LATERAL (SELECT * FROM attempts WHERE attempts.delivery = v.id OFFSET 0) AS a"),
        sqlite: attempts("rows AS v CROSS JOIN attempts AS a ON a.delivery = v.id"), rows: ["id": .integer])

    private static func attempts(_ source: String) -> String {
        "SELECT v.id, a.started_at, a.class, a.answer FROM \(source) ORDER BY v.id, a.lease_no"
    }

    /// Of these connections, those that are there. A subquery a row: a join would be planned by statistics that a fresh
    /// database does not have.
    static let connections = SQL(
        """
        SELECT v.id, (SELECT c.kind FROM connections AS c WHERE c.id = v.id),
          (SELECT c.account FROM connections AS c WHERE c.id = v.id),
          (SELECT c.enabled FROM connections AS c WHERE c.id = v.id) FROM rows AS v
        """, rows: ["id": .text])
}
