import Assembly
import Foundation
import Testing

@testable import Door

/// The alerts of deploy/prometheus, their pages in the documentation, and what Prometheus asks for its metrics.
@Suite("Alerts")
struct AlertTests {
    private static let folder = "deploy/prometheus"
    private static let pages = "Sources/OrderRelay/OrderRelay.docc/Alerts"

    /// Each alert's lines in the file of rules, by its name.
    private func alerts() throws -> [String: Substring] {
        let parts = try Tree.text("\(Self.folder)/rules.yml").split(separator: "- alert: ").dropFirst()
        let named = parts.map { (String($0.prefix { !$0.isWhitespace }), $0) }
        let alerts = Dictionary(named) { first, _ in first }
        #expect(alerts.count == named.count, "two alerts have one name")
        return alerts
    }

    @Test("each has a severity, a summary, a description with its value, and its page")
    func complete() throws {
        let alerts = try alerts()
        #expect(alerts.count > 20)
        for (name, text) in alerts {
            #expect(text.contains(/labels: \{severity: (page|ticket|none)\}/), "\(name) has no severity")
            #expect(text.contains("        summary: "), "\(name) has no summary")
            #expect(text.contains(/description:[^§]*\{\{ \$value/), "the description of \(name) lacks its value")
            #expect(text.contains("runbook: OrderRelay.docc/Alerts/\(name).md"), "\(name) does not name its page")
        }
    }

    @Test("each has a page in the documentation, and each page its alert; the list has all")
    func paged() throws {
        let names = try alerts().keys.sorted()
        let pages = try Tree.files(in: Self.pages, endingIn: ".md").map { path, text in
            (name: String(path.split(separator: "/").last!.dropLast(3)), text: text)
        }.sorted { $0.name < $1.name }
        #expect(pages.map(\.name) == names)
        let list = try Tree.text("Sources/OrderRelay/OrderRelay.docc/Alerts.md")
        for (name, text) in pages {
            #expect(text.hasPrefix("# \(name)\n"), "the page of \(name) has another title")
            for part in ["**What it means.**", "**How to look.**", "**What to do.**"] {
                #expect(text.contains(part), "the page of \(name) lacks \(part)")
            }
            #expect(list.contains("<doc:\(name)>"), "the list of alerts lacks \(name)")
        }
    }

    @Test("each is seen firing and silent in the tests of rules")
    func tested() throws {
        let tests = try ["rules_test.yml", "slow_rules_test.yml"].map { try Tree.text("\(Self.folder)/\($0)") }.joined()
        for name in try alerts().keys {
            #expect(tests.contains("alertname: \(name)\n        exp_alerts:"), "\(name) is never seen firing")
            // The watchdog is never silent.
            #expect(name == "Watchdog" || tests.contains("alertname: \(name)}"), "\(name) is never seen silent")
        }
    }

    @Test("Prometheus asks every process that lasts, by the name of its command, and ProcessGone misses each")
    func jobs() throws {
        let lasting = Processes.all.map(\.name).filter { $0 != "sandbox" }
        let settings = try Tree.text("\(Self.folder)/prometheus.yml")
        let jobs = settings.matches(
            of: /job_name: (\w+)\n    dns_sd_configs: \[\{names: \[(\w+)\], type: A, port: 9100/)
        #expect(jobs.map { String($0.1) } == lasting)
        for job in jobs { #expect(job.1 == job.2, "\(job.1) asks another service") }
        let gone = try #require(try alerts()["ProcessGone"])
        #expect(gone.contains("up{job=~\"\(lasting.joined(separator: "|"))\"}"))
        for name in lasting {
            #expect(gone.contains("absent(up{job=\"\(name)\"})"), "ProcessGone is silent without any \(name)")
        }
    }
}
