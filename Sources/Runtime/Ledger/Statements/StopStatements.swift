/// The statements of stopped partitions. Their first values are worker, cluster, topic and partition, those of them that
/// each asks for.
enum StopStatements {
    /// A position that the ledger does not know is -1. Where the worker stopped at the same one before, it is the same stop, and keeps its time.
    static let note = """
        INSERT INTO stopped_partitions(worker, cluster, topic, part, next_offset, why, since)
        VALUES ($1, $2, $3, $4, COALESCE((SELECT p.next_offset FROM positions AS p
          WHERE p.worker = $1 AND p.cluster = $2 AND p.topic = $3 AND p.part = $4), -1), $5, now_ms())
        ON CONFLICT (topic, part, worker) DO UPDATE SET
          since = CASE WHEN stopped_partitions.cluster = excluded.cluster
            AND stopped_partitions.next_offset = excluded.next_offset THEN stopped_partitions.since ELSE excluded.since END,
          cluster = excluded.cluster, next_offset = excluded.next_offset, why = excluded.why
        """

    /// Only where the worker has stopped at this position and said so.
    static let end = """
        DELETE FROM stopped_partitions
        WHERE worker = $1 AND cluster = $2 AND topic = $3 AND part = $4 AND next_offset = $5
        """

    static let isNoted = "SELECT 1 FROM stopped_partitions WHERE worker = $1 AND topic = $2 AND part = $3"
    static let forget = "DELETE FROM stopped_partitions WHERE worker = $1 AND topic = $2 AND part = $3"

    /// Only those whose position has not moved since: a process that stopped may say so after another has gone on.
    static let stops = """
        SELECT s.worker, s.cluster, s.next_offset, s.why, s.since FROM stopped_partitions AS s
        WHERE s.topic = $1 AND s.part = $2 AND s.next_offset = COALESCE((SELECT p.next_offset FROM positions AS p
          WHERE p.worker = s.worker AND p.cluster = s.cluster AND p.topic = s.topic AND p.part = s.part), -1)
        ORDER BY s.worker
        """

    static let allStops = """
        SELECT s.worker, s.cluster, s.topic, s.part, s.next_offset, s.why, s.since FROM stopped_partitions AS s
        WHERE s.next_offset = COALESCE((SELECT p.next_offset FROM positions AS p
          WHERE p.worker = s.worker AND p.cluster = s.cluster AND p.topic = s.topic AND p.part = s.part), -1)
        ORDER BY s.worker, s.topic, s.part LIMIT 10000
        """

    static let readers = """
        SELECT count(DISTINCT r.worker) FROM processes AS r
        WHERE r.\(ConfigurationStatements.isAlive)
          AND EXISTS (SELECT 1 FROM positions AS p
            WHERE p.worker = r.worker AND p.cluster = $1 AND p.topic = $2 AND p.part = $3)
          AND NOT EXISTS (SELECT 1 FROM stopped_partitions AS s
            WHERE s.worker = r.worker AND s.topic = $2 AND s.part = $3)
        """
}
