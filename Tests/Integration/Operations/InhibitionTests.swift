import Foundation
import Support
import Testing

/// The deployed routes and inhibitions in a real Alertmanager, with alerts labelled as the rules label them.
@Suite("What Alertmanager sends", .enabled(if: Monitoring.isHere), .serialized)
struct InhibitionTests {
    /// An alert that fires, what is not sent beside it, and what is, though it looks alike.
    struct Case: Sendable, CustomTestStringConvertible {
        var source: [String: String]
        var follow: [[String: String]]
        var others: [[String: String]]
        var testDescription: String { "\(Alert(labels: source))" }
    }

    private static func alert(_ name: String, _ labels: [String: String] = [:]) -> [String: String] {
        ["alertname": name, "severity": "page"].merging(labels) { $1 }
    }

    private static func of(_ worker: String, _ names: String...) -> [[String: String]] {
        names.map { alert($0, ["worker": worker]) }
    }

    private static func place(_ worker: String, _ partition: Int) -> [String: String] {
        ["worker": worker, "topic": "orders", "partition": "\(partition)"]
    }

    private static func notReady(_ job: String) -> [String: String] {
        alert("NotReady", ["job": job, "instance": "a", "part": "ledger", "severity": "ticket"])
    }

    private static let email = ["worker": "confirmations", "kind": "email"]
    private static let hubspot = ["worker": "crm", "kind": "hubspot"]

    static let cases = [
        Case(
            source: alert("LedgerAway", ["worker": "crm"]),
            follow: [
                alert("Behind", ["worker": "analytics", "topic": "orders"]), alert("NobodyReads", place("crm", 3)),
                alert("DeliveriesOverdue", email), alert("ConfirmationsLate"), alert("BooksUnread"),
                alert("CanaryMissing", ["worker": "crm"]), notReady("ingest"), alert("LedgerSlow"),
            ],
            others: [
                alert("BooksOpen", hubspot), alert("DataLossNear", place("crm", 3)), alert("ReceiverAway", hubspot),
            ]),
        Case(
            source: alert("NobodyTakesOrders"),
            follow: [
                alert("IngestBudgetBurnsFast"), notReady("ingest"), notReady("crm"), alert("BooksUnread"),
                alert("CanaryMissing", ["worker": "analytics"]),
            ], others: of("crm", "Behind") + [alert("LimiterDistrusts"), alert("ProcessRestarts", ["job": "crm"])]),
        Case(
            source: alert("NobodyTakesOrders"), follow: [alert("IngestBudgetBurns")],
            others: [alert("AcknowledgementSlow")]),
        Case(
            source: alert("ProcessGone", ["job": "ingest"]),
            follow: of("analytics", "CanaryMissing") + [notReady("ingest")],
            others: [notReady("crm"), alert("BooksUnread")] + of("crm", "Behind")),
        Case(
            source: alert("ProcessGone", ["job": "auditor"]), follow: of("crm", "CanaryMissing"),
            others: of("crm", "NobodyReads")),
        Case(
            source: alert("ProcessGone", ["job": "confirmations"]),
            follow: of("confirmations", "Behind", "NobodyReads", "DeliveriesOverdue", "CanaryMissing")
                + [alert("ConfirmationsLate")],
            others: of("crm", "Behind", "CanaryMissing") + of("confirmations", "UnreadableOrContradicting")),
        Case(
            source: alert("ProcessGone", ["job": "analytics"]),
            follow: of("analytics", "Behind", "NobodyReads", "CanaryMissing"),
            others: of("crm", "Behind", "NobodyReads") + [alert("ConfirmationsLate")]),
        Case(
            source: alert("ProcessGone", ["job": "crm"]),
            follow: of("crm", "Behind", "NobodyReads", "DeliveriesOverdue", "CanaryMissing"),
            others: of("confirmations", "Behind", "NobodyReads", "DeliveriesOverdue") + [alert("ConfirmationsLate")]),
        Case(
            source: alert("PartitionStopped", place("crm", 3)), follow: [alert("NobodyReads", place("crm", 3))],
            others: [alert("NobodyReads", place("crm", 4)), alert("NobodyReads", place("analytics", 3))]),
        Case(
            source: alert("ReceiverAway", email), follow: [alert("ConfirmationsLate")],
            others: [alert("DeliveriesOverdue", email)]),
        Case(source: alert("ReceiverAway", hubspot), follow: [], others: [alert("ConfirmationsLate")]),
        Case(
            source: alert("ReceiverRefusesUs", hubspot), follow: [alert("ReceiverAway", hubspot)],
            others: [alert("ReceiverAway", email), alert("DeliveriesDying", ["worker": "crm"])]),
        Case(
            source: alert("IngestBudgetBurnsFast"), follow: [alert("IngestBudgetBurns")],
            others: [alert("AcknowledgementSlow")]),
    ]

    @Test("each inhibition that is declared has its case, with each alert that it names")
    func complete() throws {
        let text = try Monitoring.deployed("alertmanager/alertmanager.yml")
        let rule =
            #/source_matchers: \[alertname="(\w+)"(?:, (\w+)=~?"([^"]+)")?\]\n +target_matchers: \[alertname=~?"([^"]+)"/#
        let rules = text.matches(of: rule)
        #expect(rules.count > 5 && rules.count == text.matches(of: /source_matchers/).count)
        for rule in rules {
            for value in (rule.3 ?? "").split(separator: "|", omittingEmptySubsequences: false) {
                let cases = Self.cases.filter { one in
                    one.source["alertname"].map { $0 == rule.1 } ?? false
                        && (rule.2.map { one.source[String($0)].map { $0 == value } ?? false } ?? true)
                }
                for target in rule.4.split(separator: "|") {
                    #expect(
                        cases.contains { $0.follow.contains { $0["alertname"].map { $0 == target } ?? false } },
                        "no case of \(rule.1) \(value) with \(target)")
                }
            }
        }
    }

    @Test("what follows from an alert is not sent beside it, what only looks alike is", .timeLimit(.minutes(2)))
    func inhibitions() async throws {
        // So fast that a group is sent again at once when something comes to it.
        let alertmanager = try await AlertmanagerServer(factor: 1_000)
        for (number, one) in Self.cases.enumerated() {
            func own(_ alerts: [[String: String]]) -> [[String: String]] {
                alerts.map { $0.merging(["case": "\(number)"]) { own, _ in own } }
            }
            let (source, follow, others) = (own([one.source]), own(one.follow), own(one.others))
            // The deployed wait of 15 s, in which what belongs together arrives, is 15 ms here: the source comes first.
            try await alertmanager.post(source)
            try await expectNotified(of: source, case: number, by: alertmanager)
            try await alertmanager.post(follow + others)
            try await expect(follow, inhibitedBy: source[0], on: alertmanager)
            let standings = try await alertmanager.alerts()
            for standing in standings where (source + others).contains(standing.labels) {
                #expect(!standing.isInhibited, "\(standing.alert) is inhibited beside \(one.testDescription)")
            }
            try await expectNotified(of: others, case: number, by: alertmanager)
            let notified = try Self.notified(by: alertmanager, case: number)
            #expect(follow.allSatisfy { !notified.contains($0) }, "\(notified)")

            try await alertmanager.post(source, areOver: true)
            try await eventually("what followed from \(one.testDescription) stands alone") {
                let standings = try await alertmanager.alerts().filter { follow.contains($0.labels) }
                return standings.count == follow.count && standings.allSatisfy { !$0.isInhibited }
            }
            try await alertmanager.post(follow + others, areOver: true)
            try await eventually("all are over") { try await alertmanager.alerts().isEmpty }
        }
        await alertmanager.stop()
    }

    @Test("a page, a ticket and the watchdog leave, each for its receiver", .timeLimit(.minutes(2)))
    func routes() async throws {
        let alertmanager = try await AlertmanagerServer(factor: 1_000)
        try await alertmanager.post([
            Self.alert("ProcessGone", ["job": "crm"]), Self.notReady("ingest"),
            Self.alert("Watchdog", ["severity": "none"]),
        ])
        let expected: Set = ["page ProcessGone", "ticket NotReady", "watchdog Watchdog"]
        try await eventually("each of three receivers is notified") {
            try alertmanager.receiver.notifications().count >= expected.count
        }
        let notified = try alertmanager.receiver.notifications().map { "\($0.receiver) \($0.alert.name)" }
        #expect(Set(notified) == expected)
        await alertmanager.stop()
    }

    private func expect(
        _ alerts: [[String: String]], inhibitedBy source: [String: String], on alertmanager: AlertmanagerServer
    ) async throws {
        let said = Shared("")
        try await eventually("\(Alert(labels: source)) inhibits what follows from it: \(said.now)") {
            let standings = try await alertmanager.alerts()
            said.now = "\(standings.map { "\($0.alert) \($0.status)" })"
            guard let fingerprint = standings.first(where: { $0.labels == source })?.fingerprint else { return false }
            return alerts.allSatisfy { alert in
                standings.contains { $0.labels == alert && $0.status.inhibitedBy.contains(fingerprint) }
            }
        }
    }

    private func expectNotified(
        of alerts: [[String: String]], case number: Int, by alertmanager: AlertmanagerServer
    ) async throws {
        try await eventually("\(alerts) of case \(number) are notified of") {
            let notified = try Self.notified(by: alertmanager, case: number)
            return alerts.allSatisfy(notified.contains)
        }
    }

    private static func notified(by alertmanager: AlertmanagerServer, case number: Int) throws -> Set<[String: String]>
    {
        Set(
            try alertmanager.receiver.notifications().filter { $0.isFiring && $0.alert.labels["case"] == "\(number)" }
                .map(\.alert.labels))
    }
}
