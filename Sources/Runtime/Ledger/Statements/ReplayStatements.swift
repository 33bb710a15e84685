import Database

/// The statements that look for rows to be replayed, decide about them and open them again.
///
/// A page's rows are a hint only: what holds is decided again in the step's transaction, under the destination's lock.
enum ReplayStatements {
    /// Rows that one page looks at.
    static let pageMaximum = 500
    /// Ids that one page of done rows spans.
    static let spanMaximum = 5_000

    // MARK: What a row is

    /// Whether the receiver may have had a closed row. Where it was not noted when the row was closed its attempts tell, and a
    /// lease without one.
    private static let doubtOfClosed = """
        CASE WHEN h.state = 'done' OR h.outcome_unknown = 1 THEN 1 WHEN h.outcome_unknown = 0 THEN 0
          WHEN h.lease_no > h.attempt THEN 1
          WHEN EXISTS (SELECT 1 FROM attempts AS a WHERE a.delivery = h.id AND a.class = 'unknown') THEN 1 ELSE 0 END
        """

    private static let closed = """
        h.id, h.worker, h.destination, h.event_id, h.key, h.state, h.reason, h.planned_at, h.changed_at,
          h.attempts_before + h.attempt AS attempts, \(doubtOfClosed) AS in_doubt
        """
    private static let open = """
        d.id, d.worker, d.destination, d.event_id, d.key, d.state, d.reason, d.planned_at, d.changed_at,
          d.attempts_before + d.attempt AS attempts, d.outcome_unknown AS in_doubt
        """

    /// The first later row of the key `r` that its receiver may have had, or is getting: after it `r` would come too late.
    /// A row that was declined at its first attempt, or is still to be attempted for the first time, is none. `+ 0` keeps the
    /// planner from going along all later ids until one has the key.
    private static let supersededBy = """
        COALESCE(
          (SELECT MIN(e.id) FROM deliveries AS e WHERE e.key = r.key AND e.destination = r.destination AND e.id > r.id
            AND (e.state = 'in_flight' OR e.attempts_before + e.attempt > 0 OR e.outcome_unknown = 1)),
          (SELECT MIN(g.id + 0) FROM history AS g WHERE g.key = r.key AND g.destination = r.destination AND g.id > r.id
            AND (g.state <> 'skipped' OR g.attempts_before + g.attempt > 1 OR g.outcome_unknown = 1)))
        """

    /// Whose event it is; NULL where the event is not kept any more.
    private static let account = """
        (SELECT COALESCE(e.account, '') FROM events AS e WHERE e.worker = r.worker AND e.event_id = r.event_id
          AND e.body IS NOT NULL)
        """

    private static func judged(_ rows: String) -> String {
        """
        SELECT r.id, r.worker, r.destination, r.event_id, r.key, r.state, r.reason, r.planned_at, r.changed_at, r.in_doubt,
          \(account), \(supersededBy)
        FROM (\(rows)) AS r ORDER BY r.id
        """
    }

    // MARK: Pages

    /// Values: worker, destination, the id after which it begins.
    static let dead = judged(
        """
        SELECT \(closed) FROM history AS h WHERE h.worker = $1 AND h.destination = $2 AND h.state = 'dead' AND h.id > $3
        ORDER BY h.id LIMIT \(pageMaximum)
        """)

    static let parked = judged(
        """
        SELECT \(open) FROM deliveries AS d
        WHERE d.worker = $1 AND d.destination = $2 AND d.state = 'parked' AND d.id > $3
        ORDER BY d.id LIMIT \(pageMaximum)
        """)

    /// Done rows have no index of their own: they are read along the ids, so many at a time. Values: worker, destination, the
    /// id after which it begins, and that of ``span``.
    static let done = judged(
        """
        SELECT \(closed) FROM history AS h
        WHERE h.id > $3 AND h.id <= $4 AND h.worker = $1 AND h.destination = $2 AND h.state = 'done'
        """)

    /// Up to which id a page of done rows reaches; NULL where none is left.
    static let span = """
        SELECT MAX(s.id) FROM (SELECT h.id FROM history AS h WHERE h.id > $1 ORDER BY h.id LIMIT \(spanMaximum)) AS s
        """

    static let plannedAfter = "SELECT h.planned_at FROM history AS h WHERE h.id > $1 ORDER BY h.id LIMIT 1"

    private static let keys: KeyValuePairs<String, SQL.Column.Kind> = ["key": .text]

    /// The rows of some keys after an id, whatever their state. Values: that id, and worker and destination or NULL.
    static let ofKeys = SQL(
        postgreSQL: judged(
            """
            SELECT t.* FROM (SELECT s.* FROM rows AS v CROSS JOIN LATERAL (
              SELECT \(closed) FROM history AS h WHERE h.key = v.key AND h.id > $1 OFFSET 0) AS s
            UNION ALL
            SELECT s.* FROM rows AS v CROSS JOIN LATERAL (
              SELECT \(open) FROM deliveries AS d WHERE d.key = v.key AND d.id > $1 OFFSET 0) AS s) AS t
            WHERE \(isAsked)
            """),
        sqlite: judged(
            """
            SELECT t.* FROM (
              SELECT \(closed) FROM rows AS v CROSS JOIN history AS h WHERE h.key = v.key AND h.id > $1
              UNION ALL
              SELECT \(open) FROM rows AS v CROSS JOIN deliveries AS d WHERE d.key = v.key AND d.id > $1) AS t
            WHERE \(isAsked)
            """), rows: keys)
    private static let isAsked = """
        (CAST($2 AS text) IS NULL OR t.worker = $2) AND (CAST($3 AS text) IS NULL OR t.destination = $3)
        """

    /// The destinations that ever had a row, and that may have one to be replayed: a conflict has no receiver.
    static let destinations = """
        SELECT DISTINCT worker, destination FROM books WHERE destination <> 'conflict' ORDER BY worker, destination
        """

    /// The latest id.
    static let lastRow = """
        SELECT COALESCE(MAX(m.id), 0) FROM (SELECT MAX(h.id) AS id FROM history AS h
          UNION ALL SELECT MAX(d.id) AS id FROM deliveries AS d) AS m
        WHERE m.id > 0
        """

    // MARK: A step

    private static let chosen: KeyValuePairs<String, SQL.Column.Kind> = [
        "id": .integer, "state": .text, "changed_at": .integer,
    ]

    /// Whether a closed row belongs to a period that is being removed, and its event with it.
    private static let leaves = """
        (j.state <> 'parked' AND j.changed_at < (SELECT r.closed_before FROM retention AS r WHERE r.one = 1))
        """

    /// Decides about rows that are still as they were read, and notes it. Values: replay, whether what the receiver may have
    /// had is meant too (1) or not (0), and the worker whose receivers are buyers.
    static let decide = SQL(
        """
        INSERT INTO replay_rows(replay, delivery, worker, destination, event_id, key, decided_at, fate, state, changed_at,
          attempts, reason, superseded_by)
        SELECT $1, j.id, j.worker, j.destination, j.event_id, j.key, now_ms(),
          CASE WHEN j.account IS NULL OR \(leaves) THEN 'without_event' WHEN j.superseded_by IS NOT NULL THEN 'superseded'
            WHEN j.in_doubt = 1 AND CAST($2 AS bigint) = 0 AND j.worker = $3 THEN 'in_doubt' ELSE 'replayed' END,
          j.state, j.changed_at, j.attempts, j.reason, j.superseded_by
        FROM (SELECT r.id, r.worker, r.destination, r.event_id, r.key, r.state, r.changed_at, r.attempts, r.reason, r.in_doubt,
            \(account) AS account, \(supersededBy) AS superseded_by
          FROM (SELECT \(closed) FROM rows AS v CROSS JOIN history AS h
              WHERE h.id = v.id AND h.state = v.state AND h.changed_at = v.changed_at
            UNION ALL
            SELECT \(open) FROM rows AS v CROSS JOIN deliveries AS d
              WHERE d.id = v.id AND d.state = v.state AND d.changed_at = v.changed_at) AS r) AS j
        WHERE true ORDER BY j.id ON CONFLICT (replay, delivery) DO NOTHING RETURNING fate
        """, rows: chosen)

    private static let isReplayed = """
        EXISTS (SELECT 1 FROM replay_rows AS f WHERE f.replay = $1 AND f.delivery = v.id AND f.fate = 'replayed')
        """

    private static let moved = """
        id, worker, destination, event_id, key, part, lease_no, planned_at, receipt, state, next_attempt_at, changed_at,
          given_back, attempts_before, outcome_unknown
        """
    /// It has all its attempts again, and the leases of before are not held against it. The doubt about it stays.
    private static let reopened = """
        h.id, h.worker, h.destination, h.event_id, h.key, h.part, h.lease_no, h.planned_at, h.receipt,
          'pending' AS state, now_ms() AS next_attempt_at, now_ms() AS changed_at, h.lease_no AS given_back,
          h.attempts_before + h.attempt AS attempts_before, \(doubtOfClosed) AS outcome_unknown
        """

    /// Moves closed rows back among the open ones, under their ids.
    static let reopen = SQL(
        postgreSQL: """
            WITH gone AS (DELETE FROM history AS h USING rows AS v WHERE h.id = v.id AND \(isReplayed)
              RETURNING \(reopened))
            INSERT INTO deliveries(\(moved)) OVERRIDING SYSTEM VALUE SELECT \(moved) FROM gone ORDER BY id
            """,
        sqlite: """
            INSERT INTO deliveries(\(moved))
            SELECT \(reopened) FROM rows AS v CROSS JOIN history AS h WHERE h.id = v.id AND \(isReplayed) ORDER BY h.id
            """,
        """
        DELETE FROM history WHERE id IN (SELECT v.id FROM rows AS v WHERE \(isReplayed))
        """, rows: chosen)

    /// Lets parked rows go.
    static let release = SQL(
        """
        UPDATE deliveries AS d SET state = 'pending', reason = NULL, next_attempt_at = now_ms(), changed_at = now_ms(),
          given_back = d.lease_no, attempts_before = d.attempts_before + d.attempt, attempt = 0
        FROM rows AS v WHERE d.id = v.id AND v.state = 'parked' AND d.state = v.state AND \(isReplayed)
        """, rows: chosen)

    private static func count(_ fate: String) -> String {
        """
        (SELECT count(*) FROM rows AS v CROSS JOIN replay_rows AS f
          WHERE f.replay = $1 AND f.delivery = v.id AND f.fate = '\(fate)')
        """
    }

    /// Adds what was decided to the part's figures. Values: replay, worker, destination.
    static let note = SQL(
        """
        UPDATE replay_parts SET replayed = replayed + \(count("replayed")), superseded = superseded + \(count("superseded")),
          in_doubt = in_doubt + \(count("in_doubt")), without_event = without_event + \(count("without_event"))
        WHERE replay = $1 AND worker = $2 AND destination = $3
        """, rows: chosen)

    /// The fence of a step: the replay still runs. Its row is locked, so that whoever ends it waits for the step.
    static let running = "UPDATE replays SET state = 'running' WHERE id = $1 AND state = 'running'"

    /// Moves a part on from where it was. Values: replay, worker, destination, position, next position, whether it stays open.
    static let move = """
        UPDATE replay_parts SET position = $5, is_open = $6
        WHERE replay = $1 AND worker = $2 AND destination = $3 AND position = $4 AND is_open = 1
        """

    /// When the next step of a worker's parts is due: a replay's rate is one for all of them.
    static let delay = """
        UPDATE replay_parts SET due_at = now_ms() + CAST($3 AS bigint) WHERE replay = $1 AND worker = $2 AND is_open = 1
        """

    static let endIfDone = """
        UPDATE replays SET state = 'done', ended_at = now_ms()
        WHERE id = $1 AND state = 'running'
          AND NOT EXISTS (SELECT 1 FROM replay_parts AS p WHERE p.replay = $1 AND p.is_open = 1)
        """

    /// The worker's part that is due first, in how many milliseconds.
    static let next = """
        SELECT p.replay, p.destination, p.position, p.last_row, p.due_at - now_ms(), r.made_at, r.account, r.rate, r.selection
        FROM replay_parts AS p JOIN replays AS r ON r.id = p.replay
        WHERE p.worker = $1 AND p.is_open = 1 ORDER BY p.due_at, p.replay, p.destination LIMIT 1
        """

    static let hasOpen = "SELECT 1 FROM replay_parts WHERE worker = $1 AND is_open = 1 LIMIT 1"

    // MARK: Replays

    static let make = """
        INSERT INTO replays(id, name, author, account, made_at, selection, counts, rate, state)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'running')
        """

    /// Values: replay, the last row that is meant.
    static let makeParts = SQL(
        """
        INSERT INTO replay_parts(replay, worker, destination, position, last_row, due_at)
        SELECT $1, v.worker, v.destination, v.position, CAST($2 AS bigint), now_ms() FROM rows AS v
        """, rows: ["worker": .text, "destination": .text, "position": .integer])

    private static let columns = """
        r.id, r.name, r.author, r.account, r.made_at, r.rate, r.state, r.ended_at, r.ended_by, r.selection, r.counts
        """
    static let one = "SELECT \(columns) FROM replays AS r WHERE r.id = $1"
    static let list = "SELECT \(columns) FROM replays AS r ORDER BY r.made_at DESC, r.id LIMIT $1"
    static let parts = """
        SELECT worker, destination, is_open, replayed, superseded, in_doubt, without_event FROM replay_parts
        WHERE replay = $1 ORDER BY worker, destination LIMIT 100000
        """

    /// Rows that were not replayed, and why.
    static let leftOut = """
        SELECT f.key, f.event_id, f.worker, f.destination, f.state, f.fate
        FROM replay_rows AS f WHERE f.replay = $1 AND f.fate <> 'replayed' ORDER BY f.delivery LIMIT $2
        """

    static let setRate = "UPDATE replays SET rate = $2 WHERE id = $1 AND state = 'running'"
    static let abort = """
        UPDATE replays SET state = 'aborted', ended_at = now_ms(), ended_by = $2 WHERE id = $1 AND state = 'running'
        """
    static let closeParts = """
        UPDATE replay_parts SET is_open = 0 WHERE replay = $1 AND is_open = 1
          AND EXISTS (SELECT 1 FROM replays AS r WHERE r.id = $1 AND r.state <> 'running')
        """
    static let now = "SELECT now_ms()"
}
