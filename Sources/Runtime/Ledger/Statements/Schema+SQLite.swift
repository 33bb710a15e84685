import Database

/// The ledger's tables on SQLite.
///
/// Migrations have a text per database; the statements beside this file have one for all. A migration that has been
/// released is never changed: what comes later is a migration of its own.
enum SQLiteSchema {
    static let migrations = [
        Migration(name: "001 configuration", statements: configuration),
        Migration(name: "002 intake", statements: intake),
        Migration(name: "003 deliveries", statements: deliveries),
        Migration(name: "004 read model", statements: readModel),
        Migration(name: "005 beat", statements: beat),
        Migration(name: "006 limits", statements: limits),
    ]

    private static let beat = [
        "CREATE TABLE beat (one BIGINT NOT NULL PRIMARY KEY CHECK (one = 1), count BIGINT NOT NULL, moved_at BIGINT NOT NULL)"
    ]

    private static let limits = [
        "CREATE TABLE limits (id TEXT NOT NULL PRIMARY KEY, version BIGINT NOT NULL, record BLOB NOT NULL)"
    ]

    private static let configuration = [
        // `record` is what goes to topic control, byte by byte.
        """
        CREATE TABLE accounts (id TEXT NOT NULL PRIMARY KEY, version BIGINT NOT NULL, record BLOB NOT NULL)
        """,
        """
        CREATE TABLE tokens (id TEXT NOT NULL PRIMARY KEY, account TEXT NOT NULL, version BIGINT NOT NULL,
          record BLOB NOT NULL)
        """,
        "CREATE INDEX tokens_by_account ON tokens(account, id)",
        // `secret` is sealed for the connection's id.
        """
        CREATE TABLE connections (id TEXT NOT NULL PRIMARY KEY, account TEXT NOT NULL, kind TEXT NOT NULL,
          url TEXT NOT NULL, secret BLOB NOT NULL, enabled BIGINT NOT NULL, since BIGINT NOT NULL)
        """,
        "CREATE INDEX connections_by_account ON connections(account, id)",
        """
        CREATE TABLE outbox (id INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT NOT NULL, value BLOB, noted_at BIGINT NOT NULL)
        """,
        "CREATE TABLE leases (name TEXT NOT NULL PRIMARY KEY, owner TEXT NOT NULL, held_until BIGINT NOT NULL)",
        """
        CREATE TABLE processes (process TEXT NOT NULL, worker TEXT NOT NULL, heartbeat_at BIGINT NOT NULL,
          PRIMARY KEY (process, worker)) WITHOUT ROWID
        """,
        """
        CREATE TABLE links (connection TEXT NOT NULL, ours TEXT NOT NULL, theirs TEXT NOT NULL,
          PRIMARY KEY (connection, ours)) WITHOUT ROWID
        """,
    ]

    private static let intake = [
        // The books of a partition close, or the transaction does not hold. The fence leans on it.
        """
        CREATE TABLE positions (worker TEXT NOT NULL, cluster TEXT NOT NULL, topic TEXT NOT NULL, part BIGINT NOT NULL,
          base_offset BIGINT NOT NULL, next_offset BIGINT NOT NULL, planned BIGINT NOT NULL DEFAULT 0,
          folded BIGINT NOT NULL DEFAULT 0, skipped BIGINT NOT NULL DEFAULT 0, lost BIGINT NOT NULL DEFAULT 0,
          last_event TEXT, last_time BIGINT,
          PRIMARY KEY (worker, cluster, topic, part),
          CONSTRAINT closed_books CHECK (
            next_offset >= base_offset AND next_offset - base_offset = planned + folded + skipped + lost)) WITHOUT ROWID
        """,
        // `body` is the event's JSON value; NULL for a record that is no event this program reads.
        """
        CREATE TABLE events (seq INTEGER PRIMARY KEY AUTOINCREMENT, worker TEXT NOT NULL, event_id TEXT NOT NULL,
          account TEXT, key TEXT NOT NULL, cluster TEXT NOT NULL, topic TEXT NOT NULL, part BIGINT NOT NULL,
          log_offset BIGINT NOT NULL, type TEXT, happened_at BIGINT NOT NULL, taken_at BIGINT NOT NULL,
          disposition TEXT NOT NULL, reason TEXT, digest BLOB, traceparent TEXT, body BLOB,
          UNIQUE (worker, event_id))
        """,
        "CREATE INDEX events_by_key ON events(key, seq)",
        // One row for each record that was folded: the event's own row tells of its first.
        """
        CREATE TABLE folds (worker TEXT NOT NULL, cluster TEXT NOT NULL, topic TEXT NOT NULL, part BIGINT NOT NULL,
          log_offset BIGINT NOT NULL, event_id TEXT NOT NULL, key TEXT NOT NULL, taken_at BIGINT NOT NULL,
          PRIMARY KEY (worker, cluster, topic, part, log_offset)) WITHOUT ROWID
        """,
        "CREATE INDEX folds_by_key ON folds(key)",
        """
        CREATE TABLE books (worker TEXT NOT NULL, destination TEXT NOT NULL, part BIGINT NOT NULL,
          planned BIGINT NOT NULL DEFAULT 0, removed BIGINT NOT NULL DEFAULT 0,
          PRIMARY KEY (worker, destination, part)) WITHOUT ROWID
        """,
    ]

    private static let deliveries = [
        // `given_back` counts leases that ended without an attempt on purpose, so that only lost ones park a row.
        """
        CREATE TABLE deliveries (id INTEGER PRIMARY KEY AUTOINCREMENT, worker TEXT NOT NULL, destination TEXT NOT NULL,
          event_id TEXT NOT NULL, key TEXT NOT NULL, part BIGINT NOT NULL, state TEXT NOT NULL,
          attempt BIGINT NOT NULL DEFAULT 0, next_attempt_at BIGINT NOT NULL,
          lease_no BIGINT NOT NULL DEFAULT 0, lease_owner TEXT, lease_until BIGINT, given_back BIGINT NOT NULL DEFAULT 0,
          outcome_unknown BIGINT NOT NULL DEFAULT 0, planned_at BIGINT NOT NULL, changed_at BIGINT NOT NULL,
          copied_at BIGINT, reason TEXT, receipt TEXT,
          UNIQUE (destination, event_id),
          CONSTRAINT known_state CHECK (state IN ('pending', 'in_flight', 'done', 'dead', 'parked', 'skipped')),
          CONSTRAINT leased_in_flight CHECK ((state = 'in_flight') = (lease_owner IS NOT NULL)))
        """,
        "CREATE INDEX deliveries_due ON deliveries(destination, next_attempt_at, id) WHERE state = 'pending'",
        """
        CREATE INDEX deliveries_open ON deliveries(destination, key, id)
          WHERE state IN ('pending', 'in_flight', 'parked')
        """,
        "CREATE INDEX deliveries_by_key ON deliveries(key)",
        // For the books (counting a million rows takes 0.1 s by it, 1 s without), and for rows in flight.
        "CREATE INDEX deliveries_by_state ON deliveries(worker, state, destination)",
        "CREATE INDEX deliveries_dead ON deliveries(worker, id) WHERE state = 'dead' AND copied_at IS NULL",
        """
        CREATE TABLE attempts (delivery BIGINT NOT NULL, lease_no BIGINT NOT NULL, started_at BIGINT NOT NULL,
          took_ms BIGINT NOT NULL, class TEXT NOT NULL, answer TEXT NOT NULL,
          PRIMARY KEY (delivery, lease_no)) WITHOUT ROWID
        """,
    ]

    private static let readModel = [
        // `body` is the order's draft as an event's JSON value; `email` is lower-cased, for looking up only.
        """
        CREATE TABLE orders (id TEXT NOT NULL PRIMARY KEY, account TEXT NOT NULL, created_at BIGINT NOT NULL,
          updated_at BIGINT NOT NULL, status TEXT NOT NULL, external_id TEXT, email TEXT, price BIGINT, currency TEXT,
          payment_date BIGINT, user_comments TEXT, sold_at BIGINT, body BLOB NOT NULL)
        """,
        // With the status, so that counting what a filter keeps reads nothing but the index.
        "CREATE INDEX orders_by_time ON orders(account, created_at, id, status)",
        "CREATE INDEX orders_by_external_id ON orders(account, external_id, created_at, id) WHERE external_id IS NOT NULL",
        "CREATE INDEX orders_by_email ON orders(account, email, created_at, id) WHERE email IS NOT NULL",
        """
        CREATE TABLE stats (account TEXT NOT NULL, minute BIGINT NOT NULL, currency TEXT NOT NULL, offer TEXT NOT NULL,
          source TEXT NOT NULL, part BIGINT NOT NULL, orders BIGINT NOT NULL, sales BIGINT NOT NULL,
          total_sale BIGINT NOT NULL, total_ordered BIGINT NOT NULL,
          PRIMARY KEY (account, minute, currency, offer, source, part)) WITHOUT ROWID
        """,
        """
        CREATE TABLE buyers (account TEXT NOT NULL, day BIGINT NOT NULL, buyer TEXT NOT NULL,
          PRIMARY KEY (account, day, buyer)) WITHOUT ROWID
        """,
    ]
}
