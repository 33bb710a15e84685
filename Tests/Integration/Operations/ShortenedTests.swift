import Foundation
import Support
import Testing

@Suite("Rules for a faster clock")
struct ShortenedTests {
    @Test("durations, ranges and ages are divided; latencies, shares, counts, buckets and names are not")
    func divided() {
        let cases = [
            ("        for: 2m", "        for: 2000ms"), ("        for: 1h", "        for: 60000ms"),
            ("rate(a_total[5m]) > 5", "rate(a_total[5000ms]) > 5"), ("a:ratio_rate5m > 0.5", "a:ratio_rate5m > 0.5"),
            ("max by (worker) (a_lag_seconds > 120", "max by (worker) (a_lag_seconds > 2.0"),
            ("max(a_timestamp_seconds) > 90", "max(a_timestamp_seconds) > 1.5"),
            ("min by (a) (a_headroom_seconds) < 86400", "min by (a) (a_headroom_seconds) < 1440.0"),
            ("max(a_spread_seconds) > 0.05", "max(a_spread_seconds) > 0.05"), ("a_seconds > 1", "a_seconds > 1"),
            ("a_seconds > 14.4 * b", "a_seconds > 14.4 * b"), ("a_total > 120", "a_total > 120"),
            ("a_seconds_bucket{le=\"60\"}[1h]", "a_seconds_bucket{le=\"60\"}[60000ms]"),
            ("rule_files: [rules.yml]", "rule_files: [rules.yml]"),
        ]
        for (before, after) in cases { #expect(Shortened.rules(before, by: 60) == after) }
        #expect(
            Shortened.routes("  group_wait: 15s\n  repeat_interval: 24h", by: 60)
                == "  group_wait: 250ms\n  repeat_interval: 1440000ms")
    }

    @Test("nothing of the deployed rules is left as it was, and Prometheus takes them", .enabled(if: Monitoring.isHere))
    func deployed() throws {
        let text = try Monitoring.deployed("prometheus/rules.yml")
        let shortened = Shortened.rules(text, by: 60)
        let durations = /for: [0-9]+[smhd]\n|\[[0-9]+[smhd]\]/
        #expect(text.matches(of: durations).count > 40)
        #expect(shortened.matches(of: durations).isEmpty)
        let ages = /_seconds\)* [<>] ([0-9]{2,})\b(?!\.)/
        #expect(text.matches(of: ages).count == 5)
        #expect(shortened.matches(of: ages).isEmpty)
        let folder = try TemporaryFolder("rules")
        try shortened.write(toFile: folder.file("rules.yml"), atomically: false, encoding: .utf8)
        try runCommand(["promtool", "check", "rules", folder.file("rules.yml")])
    }
}
