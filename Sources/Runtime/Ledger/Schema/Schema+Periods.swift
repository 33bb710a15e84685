import Database

extension Schema {
    /// Which periods PostgreSQL's partitions are of; SQLite has none. `from_ms` is NULL for what was there before.
    static func periods(_ words: SchemaWords) -> [String] {
        [
            """
            CREATE TABLE periods (name \(words.text) NOT NULL PRIMARY KEY, from_ms BIGINT, to_ms BIGINT NOT NULL)
            """
        ]
    }

    /// Makes PostgreSQL's large tables partitioned by time. What is in them becomes their first partition as it is, so that
    /// nothing is copied; it is read once, to check that it is of the past.
    ///
    /// Each partition has indexes of its own, made after those of the one before: a key that holds over all of them would
    /// have to hold the time.
    static let partitions = Migration(
        name: "014 partitions by time",
        postgreSQL: [refusingOthers, times, firstPeriod, bound, each(validating), apart], sqlite: [],
        isAlone: true)

    /// The tables with the column that says when a row was written, by the server's clock.
    static let partitioned: KeyValuePairs = ["history": "changed_at", "events": "filed_at", "attempts": "noted_at"]

    /// What their first partition, and the constraint that bounds it meanwhile, are called.
    static let first = "p0"
    private static let boundName = "before_periods"

    /// A row of an attempt is written by a statement that partitions do not understand in the version before.
    private static let refusingOthers = """
        DO $$ BEGIN
          IF to_regclass('events_\(first)') IS NULL
            AND EXISTS (SELECT 1 FROM processes WHERE \(ConfigurationStatements.isAlive)) THEN
            RAISE EXCEPTION USING ERRCODE = '55006', MESSAGE =
              'migration 014 waits until no process of the version before runs: stop them; it goes on 15 s later';
          END IF;
        END $$
        """

    /// An event that is kept beyond its time moves on to a later partition, and an attempt's time is its process's. So both
    /// have a time besides that says where they lie.
    private static let times = """
        DO $$ BEGIN
          PERFORM set_config('lock_timeout', '5s', true);
          IF to_regclass('events_\(first)') IS NULL THEN
            ALTER TABLE events ADD COLUMN IF NOT EXISTS filed_at BIGINT NOT NULL DEFAULT now_ms();
            ALTER TABLE attempts ADD COLUMN IF NOT EXISTS noted_at BIGINT NOT NULL DEFAULT now_ms();
          END IF;
        END $$
        """

    /// To the end of tomorrow, anew where the migration is run again.
    private static let firstPeriod = """
        INSERT INTO periods(name, to_ms) VALUES ('\(first)', (now_ms() / 86400000 + 2) * 86400000)
        ON CONFLICT (name) DO UPDATE SET to_ms = excluded.to_ms WHERE to_regclass('events_\(first)') IS NULL
        """

    private static let bound = each(
        """
        EXECUTE format('ALTER TABLE %I DROP CONSTRAINT IF EXISTS \(boundName)', t.name);
        EXECUTE format('ALTER TABLE %I ADD CONSTRAINT \(boundName) CHECK (%I < %s) NOT VALID', t.name, t.key, before);
        """)

    /// Reads whole tables, and holds nobody up.
    private static let validating = "EXECUTE format('ALTER TABLE %I VALIDATE CONSTRAINT \(boundName)', t.name);"

    /// In one transaction, which reads no rows.
    private static let apart = each(
        """
        EXECUTE format('ALTER TABLE %I RENAME TO %I', t.name, t.name || '_\(first)');
        EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING IDENTITY
          INCLUDING STORAGE) PARTITION BY RANGE (%I)', t.name, t.name || '_\(first)', t.key);
        EXECUTE format('ALTER TABLE %I DROP CONSTRAINT \(boundName)', t.name);
        EXECUTE format('ALTER TABLE %I ATTACH PARTITION %I FOR VALUES FROM (MINVALUE) TO (%s)', t.name,
          t.name || '_\(first)', before);
        EXECUTE format('ALTER TABLE %I DROP CONSTRAINT \(boundName)', t.name || '_\(first)');
        FOR g IN SELECT a.privilege_type AS what,
            CASE WHEN a.grantee = 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END AS whom
          FROM pg_class AS c CROSS JOIN LATERAL aclexplode(c.relacl) AS a
          WHERE c.oid = to_regclass(t.name || '_\(first)') AND a.grantee <> c.relowner LOOP
          EXECUTE format('GRANT %s ON %I TO %s', g.what, t.name, g.whom);
        END LOOP;
        IF t.name = 'events' THEN
          PERFORM setval(pg_get_serial_sequence('events', 'seq'),
            nextval(pg_get_serial_sequence('events_\(first)', 'seq')));
          ALTER TABLE events_\(first) ALTER COLUMN seq DROP IDENTITY;
        END IF;
        """)

    /// Does something for each of the tables that has not been partitioned yet.
    private static func each(_ body: String) -> String {
        let tables = partitioned.map { "('\($0.key)', '\($0.value)')" }.joined(separator: ", ")
        return """
            DO $$ DECLARE t record; g record; before bigint; BEGIN
              PERFORM set_config('lock_timeout', '5s', true);
              SELECT to_ms INTO before FROM periods WHERE name = '\(first)';
              FOR t IN SELECT * FROM (VALUES \(tables)) AS v(name, key) LOOP
                CONTINUE WHEN to_regclass(t.name || '_\(first)') IS NOT NULL;
                \(body)
              END LOOP;
            END $$
            """
    }
}
