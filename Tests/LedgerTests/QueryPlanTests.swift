import Orders
import Support
import Testing

@testable import Database
@testable import Ledger

/// What is asked at every order must not read a whole table, however the planner thinks without statistics: both databases
/// are asked on tables that are empty and were never analysed, PostgreSQL for the plan that it keeps.
@Suite("Query plans") struct QueryPlanTests {
    /// A statement on the way of an order, and the indexes that it must go by.
    struct Expected: Sendable, CustomTestStringConvertible {
        let name: String
        let sql: SQL
        /// As SQLite's plan names them.
        let sqlite: [String]
        let postgreSQL: [String]
        var testDescription: String { name }

        init(_ name: String, _ sql: SQL, sqlite: [String], postgreSQL: [String]) {
            self.name = name
            self.sql = sql
            self.sqlite = sqlite
            self.postgreSQL = postgreSQL
        }

        init(_ name: String, _ text: String, sqlite: [String], postgreSQL: [String]) {
            self.init(name, SQL(text), sqlite: sqlite, postgreSQL: postgreSQL)
        }
    }

    static let plans = [
        Expected(
            "take", DeliveryStatements.take, sqlite: ["deliveries_due", "deliveries_open"],
            postgreSQL: ["deliveries_due", "deliveries_open", "deliveries_pkey"]),
        Expected(
            "put off", DeliveryStatements.putOffHeld, sqlite: ["deliveries_due", "deliveries_open"],
            postgreSQL: ["deliveries_due", "deliveries_open", "deliveries_pkey"]),
        Expected(
            "pending destinations", DeliveryStatements.pendingDestinations, sqlite: ["deliveries_due"],
            postgreSQL: ["deliveries_due"]),
        Expected(
            "rescue", DeliveryStatements.rescue, sqlite: ["deliveries_lease"],
            postgreSQL: ["deliveries_lease", "deliveries_pkey"]),
        Expected("leased", DeliveryStatements.leased, sqlite: ["deliveries_lease"], postgreSQL: ["deliveries_lease"]),
        Expected("attempts", DeliveryStatements.attempts, sqlite: ["PRIMARY KEY"], postgreSQL: ["deliveries_pkey"]),
        Expected("links", DeliveryStatements.links, sqlite: ["PRIMARY KEY"], postgreSQL: ["deliveries_pkey"]),
        Expected("reopen", DeliveryStatements.reopen, sqlite: ["PRIMARY KEY"], postgreSQL: ["deliveries_pkey"]),
        Expected("close", DeliveryStatements.close, sqlite: ["PRIMARY KEY"], postgreSQL: ["deliveries_pkey"]),
        Expected(
            "pull forward", DeliveryStatements.pullForward, sqlite: ["PRIMARY KEY", "deliveries_open"],
            postgreSQL: ["deliveries_pkey", "deliveries_open"]),
        Expected("renew", DeliveryStatements.renew, sqlite: ["PRIMARY KEY"], postgreSQL: ["deliveries_pkey"]),
        Expected("copied", DeliveryStatements.markCopied, sqlite: ["PRIMARY KEY"], postgreSQL: ["history_pkey"]),
        Expected("plan", IntakeStatements.plan, sqlite: ["deliveries_open"], postgreSQL: ["deliveries_open"]),
        Expected(
            "known", IntakeStatements.known, sqlite: ["worker=? AND event_id=?"],
            postgreSQL: ["events_worker_event_id_key"]),
        Expected(
            "positions", IntakeStatements.positions, sqlite: ["worker=? AND cluster=?"], postgreSQL: ["positions_pkey"]),
        Expected("doubt", IntakeStatements.doubt, sqlite: ["deliveries_open"], postgreSQL: ["deliveries_open"]),
        Expected(
            "leases taken away", ReintakeStatements.takeLeasesAway, sqlite: ["deliveries_lease"],
            postgreSQL: ["deliveries_lease", "deliveries_pkey"]),
        Expected(
            "parked", ReintakeStatements.park, sqlite: ["deliveries_due"],
            postgreSQL: ["deliveries_due", "deliveries_pkey"]),
        Expected(
            "orders to count again", RebuildStatements.keys, sqlite: ["events_by_key (key>?)"],
            postgreSQL: ["events_by_key"]),
        Expected(
            "counted again", RebuildStatements.events, sqlite: ["events_by_key (key=? AND worker=?)"],
            postgreSQL: ["events_by_key"]),
        Expected(
            "event", EventStatements.one, sqlite: ["worker=? AND event_id=?"],
            postgreSQL: ["events_worker_event_id_key"]),
        Expected(
            "events of a key", EventStatements.ofKey, sqlite: ["events_by_key (key=? AND worker=?)"],
            postgreSQL: ["events_by_key"]),
        Expected(
            "dead letters", EventStatements.deadLetters, sqlite: ["history_dead", "worker=? AND event_id=?"],
            postgreSQL: ["history_dead", "events_worker_event_id_key"]),
        Expected(
            "timeline's events", TimelineStatements.events, sqlite: ["events_by_key"], postgreSQL: ["events_by_key"]),
        Expected("timeline's folds", TimelineStatements.folds, sqlite: ["folds_by_key"], postgreSQL: ["folds_by_key"]),
        Expected(
            "timeline's deliveries", TimelineStatements.deliveries, sqlite: ["deliveries_open", "history_by_key"],
            postgreSQL: ["deliveries_open", "history_by_key"]),
        Expected(
            "timeline's attempts", TimelineStatements.attempts,
            sqlite: ["deliveries_open", "history_by_key", "PRIMARY KEY (delivery=?)"],
            postgreSQL: ["deliveries_open", "history_by_key", "attempts_pkey"]),
        Expected(
            "timeline's replays", TimelineStatements.replays, sqlite: ["replay_rows_by_key"],
            postgreSQL: ["replay_rows_by_key"]),
        Expected(
            "whether a replay is open", ReplayStatements.hasOpen, sqlite: ["replay_parts_open"],
            postgreSQL: ["replay_parts_open"]),
        Expected(
            "the replay that is due", ReplayStatements.next, sqlite: ["replay_parts_open"],
            postgreSQL: ["replay_parts_open"]),
        Expected(
            "dead rows to be replayed", ReplayStatements.dead,
            sqlite: ["history_replayable", "deliveries_open", "history_by_key", "worker=? AND event_id=?"],
            postgreSQL: ["history_replayable", "deliveries_open", "history_by_key", "events_worker_event_id_key"]),
        Expected(
            "parked rows to be replayed", ReplayStatements.parked, sqlite: ["deliveries_parked", "deliveries_open"],
            postgreSQL: ["deliveries_parked", "deliveries_open"]),
        Expected(
            "done rows to be replayed", ReplayStatements.done, sqlite: ["PRIMARY KEY"], postgreSQL: ["history_pkey"]),
        Expected(
            "an order's rows to be replayed", ReplayStatements.ofKeys, sqlite: ["history_by_key", "deliveries_open"],
            postgreSQL: ["history_by_key", "deliveries_open"]),
        Expected(
            "deciding about rows", ReplayStatements.decide,
            sqlite: ["PRIMARY KEY", "history_by_key", "deliveries_open"],
            postgreSQL: ["history_pkey", "deliveries_pkey", "history_by_key", "deliveries_open"]),
        Expected(
            "opening rows again", ReplayStatements.reopen, sqlite: ["PRIMARY KEY"],
            postgreSQL: ["history_pkey", "replay_rows_pkey"]),
        Expected(
            "letting parked rows go", ReplayStatements.release, sqlite: ["PRIMARY KEY"],
            postgreSQL: ["replay_rows_pkey"]),
        Expected(
            "states", TimelineStatements.states, sqlite: ["deliveries_open", "history_by_key"],
            postgreSQL: ["deliveries_open", "history_by_key"]),
        Expected(
            "timelines' accounts", TimelineStatements.accounts, sqlite: ["events_by_key"],
            postgreSQL: ["events_by_key"]),
        Expected("present orders", OrderStatements.some, sqlite: ["id=?"], postgreSQL: ["orders_pkey"]),
        Expected("orders' accounts", OrderStatements.accounts, sqlite: ["id=?"], postgreSQL: ["orders_pkey"]),
        Expected(
            "orders by time", OrderStatements.Selection.byTime[.created].page, sqlite: ["orders_by_time"],
            postgreSQL: ["orders_by_time"]),
        Expected(
            "orders by time, next", OrderStatements.Selection.byTime[.created].nextPage, sqlite: ["orders_by_time"],
            postgreSQL: ["orders_by_time"]),
        Expected(
            "orders by time, counted", OrderStatements.Selection.byTime[.created].count,
            sqlite: ["COVERING INDEX orders_by_time"],
            postgreSQL: ["orders_by_time"]),
        Expected(
            "orders by change", OrderStatements.Selection.byTime[.updated].page, sqlite: ["orders_by_change"],
            postgreSQL: ["orders_by_change"]),
        Expected(
            "orders by change, next", OrderStatements.Selection.byTime[.updated].nextPage, sqlite: ["orders_by_change"],
            postgreSQL: ["orders_by_change"]),
        Expected(
            "orders by change, counted", OrderStatements.Selection.byTime[.updated].count, sqlite: ["orders_by_change"],
            postgreSQL: ["orders_by_change"]),
        Expected(
            "orders by number, created, page", OrderStatements.Selection.byExternalID[.created].page,
            sqlite: ["orders_by_external_id"],
            postgreSQL: ["orders_by_external_id"]),
        Expected(
            "orders by e-mail, created, page", OrderStatements.Selection.byEmail[.created].page,
            sqlite: ["orders_by_email"],
            postgreSQL: ["orders_by_email"]),
        Expected(
            "orders by number, created, nextPage", OrderStatements.Selection.byExternalID[.created].nextPage,
            sqlite: ["orders_by_external_id"],
            postgreSQL: ["orders_by_external_id"]),
        Expected(
            "orders by e-mail, created, nextPage", OrderStatements.Selection.byEmail[.created].nextPage,
            sqlite: ["orders_by_email"],
            postgreSQL: ["orders_by_email"]),
        Expected(
            "orders by number, updated, page", OrderStatements.Selection.byExternalID[.updated].page,
            sqlite: ["orders_by_external_id"],
            postgreSQL: ["orders_by_external_id"]),
        Expected(
            "orders by e-mail, updated, page", OrderStatements.Selection.byEmail[.updated].page,
            sqlite: ["orders_by_email"],
            postgreSQL: ["orders_by_email"]),
        Expected(
            "orders by number, updated, nextPage", OrderStatements.Selection.byExternalID[.updated].nextPage,
            sqlite: ["orders_by_external_id"],
            postgreSQL: ["orders_by_external_id"]),
        Expected(
            "orders by e-mail, updated, nextPage", OrderStatements.Selection.byEmail[.updated].nextPage,
            sqlite: ["orders_by_email"],
            postgreSQL: ["orders_by_email"]),
        Expected("orders in all", OrderStatements.total, sqlite: ["COVERING INDEX"], postgreSQL: ["orders_by_"]),
        Expected(
            "statistics", OrderStatements.statistics, sqlite: ["PRIMARY KEY (account=? AND minute>? AND minute<?)"],
            postgreSQL: ["stats_pkey"]),
        Expected(
            "buyers", OrderStatements.uniqueBuyers, sqlite: ["PRIMARY KEY (account=? AND minute>? AND minute<?)"],
            postgreSQL: ["sale_buyers_pkey"]),
        Expected(
            "stops", StopStatements.stops, sqlite: ["PRIMARY KEY (topic=? AND part=?)"],
            postgreSQL: ["stopped_partitions_pkey"]),
        Expected(
            "prune's page of history", RetentionStatements.historyPage, sqlite: ["PRIMARY KEY (rowid>?)"],
            postgreSQL: ["history_pkey"]),
        Expected(
            "prune of history", RetentionStatements.removeHistory, sqlite: ["PRIMARY KEY (delivery=?)"],
            postgreSQL: ["history_pkey", "attempts_pkey", "removals_pkey"]),
        Expected(
            "prune's page of events", RetentionStatements.eventsPage, sqlite: ["PRIMARY KEY (rowid>?)"],
            postgreSQL: ["events_pkey"]),
        Expected(
            "prune of events", RetentionStatements.removeEvents, sqlite: ["deliveries_open", "history_by_key"],
            postgreSQL: ["events_pkey", "deliveries_open", "history_by_key"]),
        Expected(
            "prune of folds", RetentionStatements.removeFolds, sqlite: ["PRIMARY KEY"], postgreSQL: ["folds_pkey"]),
        Expected(
            "prune's page of orders", RetentionStatements.ordersPage, sqlite: ["orders_by_time"],
            postgreSQL: ["orders_by_time"]),
        Expected(
            "prune of orders", RetentionStatements.removeOrders, sqlite: ["id=?"], postgreSQL: ["orders_pkey"]),
        Expected(
            "prune's accounts", RetentionStatements.accountsOfOrders, sqlite: ["orders_by_time"],
            postgreSQL: ["orders_by_time"]),
        Expected(
            "prune of buyers", RetentionStatements.removeBuyers, sqlite: ["PRIMARY KEY (account=? AND minute<?)"],
            postgreSQL: ["sale_buyers_pkey"]),
        Expected(
            "uncopied dead rows", RetentionStatements.hasUncopied, sqlite: ["history_dead"],
            postgreSQL: ["history_replayable"]),
        Expected("audit trail", TrailStatements.page, sqlite: ["audit_by_time"], postgreSQL: ["audit_by_time"]),
        Expected(
            "prune of the audit trail", TrailStatements.remove, sqlite: ["audit_by_time", "PRIMARY KEY (rowid=?)"],
            postgreSQL: ["audit_by_time", "audit_pkey"]),
        Expected(
            "how destinations stand", DestinationStatements.all,
            sqlite: ["deliveries_due", "deliveries_parked", "history_replayable"],
            postgreSQL: ["books_pkey", "deliveries_due", "deliveries_parked", "history_replayable"]),
        Expected(
            "destinations' rows in flight", DestinationStatements.inFlight, sqlite: ["deliveries_lease"],
            postgreSQL: ["deliveries_lease"]),
        Expected(
            "destinations' last closed rows", DestinationStatements.lastClosed,
            sqlite: ["PRIMARY KEY (rowid>? AND rowid<?)"], postgreSQL: ["history_pkey"]),
        Expected(
            "destinations' attempts", DestinationStatements.attempts, sqlite: ["PRIMARY KEY (delivery=?)"],
            postgreSQL: ["attempts_pkey"]),
        Expected(
            "destinations' connections", DestinationStatements.connections, sqlite: ["id=?"],
            postgreSQL: ["connections_pkey"]),
        Expected("sealed", ConfigurationStatements.sealed, sqlite: ["id>?"], postgreSQL: ["connections_pkey"]),
        Expected("reseal", ConfigurationStatements.reseal, sqlite: ["id=?"], postgreSQL: ["connections_pkey"]),
        Expected(
            "tokens", ConfigurationStatements.tokensOfAccount, sqlite: ["tokens_by_account"],
            postgreSQL: ["tokens_by_account"]),
    ]

    /// A database like those of tests, with as many partitions as there may be.
    private static let partitioned = Task {
        let server = try await PostgreSQLServer.shared()
        let name = try await server.makeDatabase(template: try await LedgerMaker.template.value)
        let ledger = Ledger(
            database: try PostgreSQLDatabase(url: server.url(database: name), options: PostgreSQLOptions(name: "test")),
            sealing: nil)
        var now = epoch.milliseconds
        while try await ledger.periods().count < Periods.maximum {
            try await ledger.makePeriods(.standard, now: now)
            now += Periods.day
        }
        await ledger.close()
        return name
    }

    /// The same after many rows have come and gone: a vacuum has found the table of open rows empty, and has left its room.
    private static let emptied = Task {
        let server = try await PostgreSQLServer.shared()
        let name = try await server.makeDatabase(template: try await LedgerMaker.template.value)
        try await server.sql(
            """
            INSERT INTO deliveries(worker, destination, event_id, key, part, state, next_attempt_at, lease_no, lease_owner,
              lease_until, planned_at, changed_at)
            SELECT 'w', 'email', 'event ' || n, 'key ' || n, 0, CASE WHEN n % 2 = 0 THEN 'pending' ELSE 'in_flight' END, 0, 1,
              CASE WHEN n % 2 = 1 THEN 'o' END, CASE WHEN n % 2 = 1 THEN 1 END, 0, 0
            FROM generate_series(1, 50000) AS n;
            DELETE FROM deliveries WHERE worker = 'w'
            """, database: name)
        try await server.sql("VACUUM (TRUNCATE OFF, ANALYZE) deliveries", database: name)
        return name
    }

    /// Those of them that every order and every outcome goes through.
    static let queuePlans = plans.filter { plan in plan.postgreSQL.contains { $0.hasPrefix("deliveries_") } }

    @Test(
        "PostgreSQL looks for each row by its key also where a vacuum has found no open rows",
        .enabled(if: PostgreSQLServer.isHere), arguments: queuePlans, [true, false])
    func afterVacuum(expected: Expected, hasRoom: Bool) async throws {
        let server = try await PostgreSQLServer.shared()
        let name = try await (hasRoom ? Self.emptied : Self.compact).value
        for text in expected.sql.postgreSQL {
            let plan = try await Self.plan(of: text, expected.sql, server, name)
            for index in expected.postgreSQL { #expect(plan.contains(index), "\(expected.name): \(plan)") }
            let lines = plan.split(separator: "\n")
            for (line, next) in zip(lines, lines.dropFirst() + [""]) where line.contains("using deliveries_") {
                #expect(next.contains("Index Cond"), "\(expected.name) reads a whole index: \(plan)")
            }
        }
    }

    /// As a new ledger is after its first vacuum.
    private static let compact = Task {
        let server = try await PostgreSQLServer.shared()
        let name = try await server.makeDatabase(template: try await LedgerMaker.template.value)
        try await server.sql("VACUUM ANALYZE deliveries", database: name)
        return name
    }

    @Test("SQLite goes by each statement's index, and scans no large table", arguments: plans)
    func sqlite(expected: Expected) async throws {
        let fixture = try await Fixture(LedgerMaker.all[0])
        let sql = expected.sql
        for (place, text) in sql.sqlite.enumerated() {
            let count = sql.columns.isEmpty ? 0 : min(8, sql.sqliteRowsMaximum)
            let rendered = try SQLiteText(text, columns: sql.columns, rowCount: count).rendered()
            let values = [Value](repeating: .null, count: StatementText.parameterCount(of: rendered))
            let rows = try await fixture.database.transaction([Statement("EXPLAIN QUERY PLAN \(rendered)", values)])[0]
            let plan = rows.compactMap { $0[3].text }
            for index in expected.sqlite where place == 0 {
                #expect(plan.contains { $0.contains(index) }, "\(expected.name): \(plan)")
            }
            let large = [
                "deliveries", "history", "events", "attempts", "orders", "folds", "stats", "sale_buyers", "replay_rows",
                "audit", "d", "e",
                "f", "g", "h", "a",
            ]
            let scans = plan.filter { line in large.contains { line == "SCAN \($0)" } }
            #expect(scans.isEmpty, "\(expected.name): \(plan)")
        }
    }

    /// The plan that is kept for a text.
    private static func plan(
        of text: String, _ sql: SQL, _ server: PostgreSQLServer, _ database: String
    ) async throws -> String {
        let rendered = try PostgreSQLText(text: text, columns: sql.columns).rendered()
        let count = StatementText.parameterCount(of: rendered.text)
        let isWriting = text.contains(/\b(INSERT|UPDATE|DELETE)\b(?!\s+OF)/)
        let settings = isWriting ? SessionSettings.plans.map { "SET \($0.name) = \($0.value);" } : []
        // Not NULL, which is in no partition.
        let values = (0..<count).map { $0 < rendered.valueCount ? "'9000000000000'" : "NULL" }
        let given = count == 0 ? "" : "(\(values.joined(separator: ", ")))"
        return try await server.sql(
            """
            \(settings.joined(separator: " "))
            SET plan_cache_mode = force_generic_plan;
            PREPARE asked AS \(rendered.text);
            EXPLAIN EXECUTE asked\(given);
            """, database: database)
    }

    /// Of partitions, which SQLite has none of.
    static let partitionPlans = [
        Expected(
            "moving events", PeriodStatements.moveEvents(ofRowsIn: "deliveries"), sqlite: [],
            postgreSQL: ["deliveries_pkey", "events_worker_event_id_key"]),
        Expected(
            "moving events of closed rows", PeriodStatements.moveEvents(ofRowsIn: "history_p0"), sqlite: [],
            postgreSQL: ["history_pkey", "events_worker_event_id_key"]),
        Expected(
            "counting a period", PeriodStatements.count(Period(name: "p0", to: 0)), sqlite: [],
            postgreSQL: ["history_pkey"]),
        Expected("closing a period", PeriodStatements.close, sqlite: [], postgreSQL: ["history_replayable"]),
        Expected(
            "removals to the books", PeriodStatements.bookRemovals, sqlite: [],
            postgreSQL: ["removals_pkey", "books_pkey"]),
    ]

    @Test(
        "PostgreSQL goes by each statement's index, and scans no table", .enabled(if: PostgreSQLServer.isHere),
        arguments: plans + partitionPlans)
    func postgreSQL(expected: Expected) async throws {
        let server = try await PostgreSQLServer.shared()
        let name = try await Self.partitioned.value
        let sql = expected.sql
        for text in sql.postgreSQL {
            let plan = try await Self.plan(of: text, sql, server, name)
            for index in expected.postgreSQL { #expect(plan.contains(index), "\(expected.name): \(plan)") }
            #expect(!plan.contains("Seq Scan"), "\(expected.name): \(plan)")
            // Each partition goes by an index of its own.
            for table in Schema.partitioned.map(\.key)
            where plan.contains(try Regex(" on \(table)_\(Schema.first) [a-z]+_1")) {
                let scans = plan.matches(
                    of: try Regex("(Index (Only )?Scan using \(table)_p[a-z0-9_]+|Bitmap Heap Scan) on \(table)_p2"))
                #expect(scans.count.isMultiple(of: Periods.maximum - 1) && !scans.isEmpty, "\(expected.name): \(plan)")
            }
        }
    }
}
