import Database

/// The statements of accounts, tokens, connections, leases, links and processes.
enum ConfigurationStatements {
    /// Writes version `$2` where none, or the version before it, is there; else changes no row.
    static let putAccount = """
        INSERT INTO accounts(id, version, record) VALUES ($1, $2, $3)
        ON CONFLICT (id) DO UPDATE SET version = excluded.version, record = excluded.record
        WHERE accounts.version = excluded.version - 1
        """
    static let putToken = """
        INSERT INTO tokens(id, account, version, record) VALUES ($1, $2, $3, $4)
        ON CONFLICT (id) DO UPDATE SET account = excluded.account, version = excluded.version, record = excluded.record
        WHERE tokens.version = excluded.version - 1
        """
    static let putLimit = """
        INSERT INTO limits(id, version, record) VALUES ($1, $2, $3)
        ON CONFLICT (id) DO UPDATE SET version = excluded.version, record = excluded.record
        WHERE limits.version = excluded.version - 1
        """
    static let account = "SELECT record FROM accounts WHERE id = $1"
    static let accounts = "SELECT record FROM accounts ORDER BY id LIMIT 100000"
    static let token = "SELECT record FROM tokens WHERE id = $1"
    static let tokens = "SELECT record FROM tokens ORDER BY id LIMIT 100000"
    static let tokensOfAccount = "SELECT record FROM tokens WHERE account = $1 ORDER BY id LIMIT 100000"

    static let limit = "SELECT record FROM limits WHERE id = $1"
    static let limits = "SELECT record FROM limits ORDER BY id LIMIT 100000"

    static let putConnection = """
        INSERT INTO connections(id, account, kind, url, secret, enabled, since, options)
          VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
        ON CONFLICT (id) DO UPDATE SET account = excluded.account, kind = excluded.kind, url = excluded.url,
          secret = excluded.secret, enabled = excluded.enabled, since = excluded.since, options = excluded.options
        """
    /// Only where it still has the options `$2`.
    static let setOptions = "UPDATE connections SET options = $3 WHERE id = $1 AND options = $2"
    static let connection = """
        SELECT id, account, kind, url, secret, enabled, since, options FROM connections WHERE id = $1
        """
    static let connections = """
        SELECT id, account, kind, url, secret, enabled, since, options FROM connections ORDER BY id LIMIT 100000
        """
    static let connectionsOfAccount = """
        SELECT id, account, kind, url, secret, enabled, since, options FROM connections WHERE account = $1 ORDER BY id LIMIT 100000
        """

    /// The next `$2` after an id.
    static let sealed = "SELECT id, secret FROM connections WHERE id > $1 ORDER BY id LIMIT $2"
    /// Only where the secret is still the one that was opened.
    static let reseal = SQL(
        "UPDATE connections AS c SET secret = v.sealed FROM rows AS v WHERE c.id = v.id AND c.secret = v.opened",
        rows: ["id": .text, "opened": .blob, "sealed": .blob])

    static let noteChange = "INSERT INTO outbox(key, value, noted_at) VALUES ($1, $2, now_ms())"
    static let outbox = "SELECT id, key, value FROM outbox ORDER BY id LIMIT $1"
    static let removeFromOutbox = SQL(
        "DELETE FROM outbox WHERE id IN (SELECT v.id FROM rows AS v)", rows: ["id": .integer])
    static let republishAccounts = """
        INSERT INTO outbox(key, value, noted_at) SELECT 'account/' || id, record, now_ms() FROM accounts ORDER BY id
        """
    static let republishTokens = """
        INSERT INTO outbox(key, value, noted_at) SELECT 'token/' || id, record, now_ms() FROM tokens ORDER BY id
        """
    static let republishLimits = """
        INSERT INTO outbox(key, value, noted_at) SELECT 'limit/' || id, record, now_ms() FROM limits ORDER BY id
        """

    /// A row comes back where the lease is held by `$2` now.
    static let takeLease = """
        INSERT INTO leases(name, owner, held_until) VALUES ($1, $2, now_ms() + $3)
        ON CONFLICT (name) DO UPDATE SET owner = excluded.owner, held_until = excluded.held_until
        WHERE leases.owner = excluded.owner OR leases.held_until <= now_ms()
        RETURNING owner
        """

    static let link = "SELECT theirs FROM links WHERE connection = $1 AND ours = $2"
    static let putLink = """
        INSERT INTO links(connection, ours, theirs) VALUES ($1, $2, $3)
        ON CONFLICT (connection, ours) DO UPDATE SET theirs = excluded.theirs
        """

    static let heartbeat = """
        INSERT INTO processes(process, worker, heartbeat_at) VALUES ($1, $2, now_ms())
        ON CONFLICT (process, worker) DO UPDATE SET heartbeat_at = excluded.heartbeat_at
        """
    /// Moves on every five seconds while any worker runs, however many there are.
    static let moveBeat = """
        INSERT INTO beat(one, count, moved_at) VALUES (1, 1, now_ms())
        ON CONFLICT (one) DO UPDATE SET count = beat.count + 1, moved_at = excluded.moved_at
        WHERE beat.moved_at <= excluded.moved_at - 5000
        """
    static let beat = "SELECT count FROM beat"
    static let beatMovedAt = "SELECT moved_at FROM beat"
    /// Never back: workers compare it with the highest that they have seen.
    static let raiseBeat = """
        INSERT INTO beat(one, count, moved_at) VALUES (1, $1, now_ms())
        ON CONFLICT (one) DO UPDATE SET
          count = CASE WHEN beat.count < excluded.count THEN excluded.count ELSE beat.count END
        """
    static let aliveProcesses = """
        SELECT worker, process FROM processes WHERE \(isAlive) ORDER BY worker, process LIMIT 1000
        """
    static let forgetProcesses = """
        DELETE FROM processes WHERE (process, worker) IN (SELECT p.process, p.worker FROM processes AS p
          WHERE p.heartbeat_at < now_ms() - 60000 FOR UPDATE OF p SKIP LOCKED)
        """
    /// Of a row of `processes`: three heartbeats may be missed.
    static let isAlive = "heartbeat_at > now_ms() - 15000"
    static let liveProcesses = "SELECT count(*) FROM processes WHERE worker = $1 AND \(isAlive)"
}
