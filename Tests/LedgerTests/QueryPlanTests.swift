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
            "states", TimelineStatements.states, sqlite: ["deliveries_open", "history_by_key"],
            postgreSQL: ["deliveries_open", "history_by_key"]),
        Expected(
            "timelines' accounts", TimelineStatements.accounts, sqlite: ["events_by_key"],
            postgreSQL: ["events_by_key"]),
        Expected("present orders", OrderStatements.some, sqlite: ["id=?"], postgreSQL: ["orders_pkey"]),
        Expected("orders' accounts", OrderStatements.accounts, sqlite: ["id=?"], postgreSQL: ["orders_pkey"]),
        Expected(
            "orders by time", OrderStatements.byTime.page, sqlite: ["orders_by_time"], postgreSQL: ["orders_by_time"]),
        Expected(
            "orders by time, counted", OrderStatements.byTime.count, sqlite: ["COVERING INDEX orders_by_time"],
            postgreSQL: ["orders_by_time"]),
        Expected(
            "orders by number", OrderStatements.byExternalID.page, sqlite: ["orders_by_external_id"],
            postgreSQL: ["orders_by_external_id"]),
        Expected(
            "orders by e-mail", OrderStatements.byEmail.page, sqlite: ["orders_by_email"],
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
            "tokens", ConfigurationStatements.tokensOfAccount, sqlite: ["tokens_by_account"],
            postgreSQL: ["tokens_by_account"]),
    ]

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
                "deliveries", "history", "events", "attempts", "orders", "folds", "stats", "sale_buyers", "d", "e", "h",
                "a",
            ]
            let scans = plan.filter { line in large.contains { line == "SCAN \($0)" } }
            #expect(scans.isEmpty, "\(expected.name): \(plan)")
        }
    }

    @Test(
        "PostgreSQL goes by each statement's index, and scans no table", .enabled(if: PostgreSQLServer.isHere),
        arguments: plans)
    func postgreSQL(expected: Expected) async throws {
        let server = try await PostgreSQLServer.shared()
        let name = try await LedgerMaker.template.value
        let sql = expected.sql
        for text in sql.postgreSQL {
            let rendered = try PostgreSQLText(text: text, columns: sql.columns).rendered()
            let count = StatementText.parameterCount(of: rendered.text)
            let isWriting = text.contains(/\b(INSERT|UPDATE|DELETE)\b(?!\s+OF)/)
            let settings = isWriting ? SessionSettings.plans.map { "SET \($0.name) = \($0.value);" } : []
            let given = count == 0 ? "" : "(\(Array(repeating: "NULL", count: count).joined(separator: ", ")))"
            let plan = try await server.sql(
                """
                \(settings.joined(separator: " "))
                SET plan_cache_mode = force_generic_plan;
                PREPARE asked AS \(rendered.text);
                EXPLAIN EXECUTE asked\(given);
                """, database: name)
            for index in expected.postgreSQL { #expect(plan.contains(index), "\(expected.name): \(plan)") }
            #expect(!plan.contains("Seq Scan"), "\(expected.name): \(plan)")
        }
    }
}
