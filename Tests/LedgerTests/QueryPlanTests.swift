import Database
import Testing

@testable import Ledger

/// What is asked at every order must not read a whole table, however the planner thinks without statistics.
@Suite("Query plans") struct QueryPlanTests {
    /// Statements on the way of an order, and the indexes that they must go by.
    static let plans: [(name: String, text: String, indexes: [String])] = [
        ("take", DeliveryStatements.take, ["deliveries_due", "deliveries_open"]),
        ("put off", DeliveryStatements.putOffHeld, ["deliveries_due", "deliveries_open"]),
        ("pending destinations", DeliveryStatements.pendingDestinations, ["deliveries_due"]),
        ("rescue", DeliveryStatements.rescue, ["deliveries_by_state (worker=? AND state=?)"]),
        ("leased", DeliveryStatements.leased, ["deliveries_by_state (worker=? AND state=?)"]),
        ("books", DeliveryStatements.books, ["COVERING INDEX deliveries_by_state"]),
        ("complete", text(DeliveryStatements.complete), ["PRIMARY KEY"]),
        ("attempts", text(DeliveryStatements.attempts), ["PRIMARY KEY"]),
        ("pull forward", text(DeliveryStatements.pullForward), ["PRIMARY KEY", "deliveries_open"]),
        ("renew", text(DeliveryStatements.renew), ["PRIMARY KEY"]),
        ("plan", text(IntakeStatements.plan), ["deliveries_open"]),
        ("known", text(IntakeStatements.known), ["worker=? AND event_id=?"]),
        ("event", EventStatements.one, ["worker=? AND event_id=?"]),
        ("events of a key", EventStatements.ofKey, ["events_by_key"]),
        ("dead letters", EventStatements.deadLetters, ["deliveries_dead", "worker=? AND event_id=?"]),
        ("timeline's events", TimelineStatements.events, ["events_by_key"]),
        ("timeline's folds", TimelineStatements.folds, ["folds_by_key"]),
        ("timeline's deliveries", TimelineStatements.deliveries, ["deliveries_by_key"]),
        ("timeline's attempts", TimelineStatements.attempts, ["deliveries_by_key", "PRIMARY KEY (delivery=?)"]),
        ("states", text(TimelineStatements.states), ["deliveries_by_key"]),
        ("orders by time", OrderStatements.byTime.page, ["orders_by_time"]),
        ("orders by time, counted", OrderStatements.byTime.count, ["COVERING INDEX orders_by_time"]),
        ("orders by number", OrderStatements.byExternalID.page, ["orders_by_external_id"]),
        ("orders by e-mail", OrderStatements.byEmail.page, ["orders_by_email"]),
        ("orders in all", OrderStatements.total, ["COVERING INDEX"]),
        ("statistics", OrderStatements.statistics, ["PRIMARY KEY (account=? AND minute>? AND minute<?)"]),
        ("buyers", OrderStatements.uniqueBuyers, ["PRIMARY KEY (account=? AND day>? AND day<?)"]),
        ("tokens", ConfigurationStatements.tokensOfAccount, ["tokens_by_account"]),
    ]

    static func text(_ rows: RowsStatement) -> String {
        let width = rows.texts[0].count { $0 == "$" }
        precondition(width > 0)
        return rows.texts[3]
    }

    @Test("each statement goes by its index, and scans no large table", arguments: plans)
    func plan(name: String, text: String, indexes: [String]) async throws {
        let fixture = try await Fixture()
        let count = Set(text.matches(of: /\$(\d+)/).map { Int($0.1)! }).count
        let values = [Value](repeating: .null, count: count)
        let rows = try await fixture.database.transaction([Statement("EXPLAIN QUERY PLAN \(text)", values)])[0]
        let plan = rows.compactMap { $0[3].text }
        for index in indexes {
            #expect(plan.contains { $0.contains(index) }, "\(name): \(plan)")
        }
        let large = ["deliveries", "events", "attempts", "orders", "folds", "stats", "buyers", "d", "e", "h", "a"]
        let scans = plan.filter { line in large.contains { line == "SCAN \($0)" } }
        #expect(scans.isEmpty, "\(name): \(plan)")
    }
}
