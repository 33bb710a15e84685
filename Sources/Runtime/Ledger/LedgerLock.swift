import Database

/// Locks that stand for no row of their own, each held until its transaction ends. SQLite has one writer and needs none.
///
/// A row that is closed and opens again comes in front of others that are being taken: what a take sees of its key is as old
/// as the take's statement. So takes and intakes share the lock of a destination, and a replay has it alone. Each asks for it
/// in a statement of its own, so that the next one sees what was committed before.
enum LedgerLock {
    /// The first number of a lock, of ours among the server's: `ord1`.
    private static let destinations: Int32 = 0x6F72_6431
    /// `ord2`.
    private static let retained: Int32 = 0x6F72_6432
    /// Destinations that fall into one bucket share its lock: a take asks for so many at most.
    static let bucketCount: UInt64 = 64

    private static let share = SQL(
        postgreSQL: """
            SELECT count(pg_advisory_xact_lock_shared(\(destinations), CAST(v.bucket AS integer))) FROM rows AS v
            """, rows: ["bucket": .integer])
    private static let have = SQL(
        postgreSQL: "SELECT count(pg_advisory_xact_lock(\(destinations), CAST($1 AS integer)))")

    /// Shares the locks of these destinations with others that take or plan rows there.
    static func sharing(_ destinations: some Sequence<Destination>) -> Statement {
        // In one order everywhere, so that no two wait for each other.
        Statement(share, rows: Set(destinations.map(bucket)).sorted().map { [.integer($0)] })
    }

    /// Has a destination's lock alone: nobody takes or plans rows there meanwhile.
    static func alone(with destination: Destination) -> Statement { Statement(have, [.integer(bucket(destination))]) }

    /// Keeps a period from being closed meanwhile, after which nothing of it is opened again: who does that has this lock alone.
    static let retaining = Statement(SQL(postgreSQL: "SELECT count(pg_advisory_xact_lock_shared(\(retained), 0))"))

    /// Has all to itself what ``retaining`` shares.
    static let closing = Statement(SQL(postgreSQL: "SELECT count(pg_advisory_xact_lock(\(retained), 0))"))

    /// FNV-1a: the same in every process and version.
    static func bucket(_ destination: Destination) -> Int64 {
        let hash = destination.text.utf8.reduce(0xCBF2_9CE4_8422_2325 as UInt64) { hash, byte in
            (hash ^ UInt64(byte)) &* 0x100_0000_01B3
        }
        return Int64(hash % bucketCount)
    }
}
