import Assembly
import CommandLine
import Configuration
import Foundation
import Testing

@testable import Door

/// What messages and documentation name is there.
@Suite("What is named exists")
struct DocumentationTests {
    @Test("the documentation's table of settings has every setting, with its default, and no other")
    func settings() throws {
        let table = try Tree.text("Sources/OrderRelay/OrderRelay.docc/Configuration.md")
        var rows: [String: String] = [:]
        // What the compose file has beside, its own section says.
        let own = table.prefix(upTo: table.firstRange(of: "## docker compose")?.lowerBound ?? table.endIndex)
        for row in own.matches(of: /(?m)^\| (`[A-Z_`, ]+`) \|([^|]*)\|/) {
            for name in row.1.matches(of: /[A-Z_]+/) {
                rows[String(name.0)] = row.2.trimmingCharacters(in: .whitespaces)
            }
        }
        for setting in Processes.settings {
            let shown = try #require(rows[setting.name], "Configuration.md lacks \(setting.name)")
            if let value = setting.defaultValue { #expect(shown == "`\(value)`", "\(setting.name)") }
        }
        #expect(Set(rows.keys) == Set(Processes.settings.map(\.name)))
    }

    @Test("every command that is named can be called, with the options that it is named with")
    func commands() throws {
        var found = 0
        for (path, text) in try Tree.sources() + Tree.documentation() {
            // In the sources only what stands in quotes of some kind; elsewhere a line of a shell counts, too.
            let isSource = path.hasSuffix(".swift")
            let pattern = isSource ? /[`'"]orderrelay ([a-z][^`'"\n]*)[`'"]/ : /(?m)(?:`|^)orderrelay ([a-z][^`\n]*)/
            for match in text.matches(of: pattern) {
                let words = match.1.split(separator: " ").map(String.init)
                let called = words.prefix { $0.wholeMatch(of: /[a-z-]+/) != nil && !$0.hasPrefix("-") }
                let command = Action.all.map(\.command).filter { called.starts(with: $0.path) }.max {
                    $0.path.count < $1.path.count
                }
                let isGroup = Action.all.contains { $0.command.path.starts(with: called) }
                #expect(command != nil || isGroup && !called.isEmpty, "\(path) names `orderrelay \(match.1)`")
                found += 1
                guard let command else { continue }
                for option in words where option.hasPrefix("--") && option.wholeMatch(of: /--[a-z-]+/) != nil {
                    let known = command.options.map { "--" + $0.name } + ["--help"]
                    #expect(known.contains(option), "\(path) names `orderrelay \(match.1)`")
                }
            }
        }
        #expect(found > 10)
    }

    @Test("every call of the API that is named is one")
    func paths() throws {
        let calls = Set(
            try Tree.files(in: "Sources/Processes/Ingest/API", endingIn: ".swift").flatMap { _, text in
                text.matches(of: /path: "(\/[^"]*)", scope:/).map { Self.form(of: "/api/v2" + $0.1) }
            })
        #expect(calls.count > 5)
        var found = 0
        for (path, text) in try Tree.sources() + Tree.documentation() where !path.contains("/CRM/") {
            let named =
                text.matches(of: /\/api\/v2(\/[A-Za-z0-9\/{}_.-]*[A-Za-z0-9}])/).map { String($0.1) }
                + text.matches(of: /`(?:[A-Z]+(?: or [A-Z]+)*) (\/(?!api|crm|sandbox)[a-z][^`?\s]*)`/).map {
                    String($0.1)
                }
            for name in named {
                #expect(calls.contains(Self.form(of: "/api/v2" + name)), "\(path) names \(name)")
                found += 1
            }
        }
        #expect(found > 20)
    }

    /// With a mark in the place of what varies: `/api/v2/orders/*`.
    private static func form(of path: String) -> String {
        path.split(separator: "/").map { part in
            part.hasPrefix("{") || part.wholeMatch(of: /[0-9a-f]{24}/) != nil ? "*" : String(part)
        }.joined(separator: "/")
    }

    private struct Registration {
        var name: String
        /// What holds it in the program.
        var property: String
        /// The folder of the target that registers it.
        var room: String
    }

    private func registered() throws -> [Registration] {
        let pattern = /(\w+)\s*=\s*(?:\w+\.)*(?:counter|gauge|histogram)\(\s*"([a-z_]+)"/
        return try Tree.sources().flatMap { path, text in
            text.matches(of: pattern).map {
                let room = path.split(separator: "/").prefix(3).joined(separator: "/")
                return Registration(name: String($0.2), property: String($0.1), room: room + "/")
            }
        }
    }

    @Test("every metric that is named is registered")
    func metrics() throws {
        let pattern = /(?:^|[^a-z_])((?:orderrelay|ratelimit)_[a-z_]+[a-z])/
        let known = Set(try registered().map(\.name) + ["orderrelay_build_info", "orderrelay_memory_limit_bytes"])
        #expect(known.count > 40)
        let others = [
            "Tests/Benchmarks/README.md", "deploy/prometheus/rules.yml",
        ]
        let dashboards = try Tree.files(in: "deploy/grafana/dashboards", endingIn: ".json")
        #expect(!dashboards.isEmpty)
        let written = try Tree.documentation() + dashboards + others.map { ($0, try Tree.text($0)) }
        var named = written.flatMap { path, text in text.matches(of: pattern).map { (path, String($0.1)) } }
        // Among the sources' names are those of C functions, too.
        named += try Tree.sources().flatMap { path, text in
            text.matches(of: pattern).map { (path, String($0.1)) }.filter {
                $0.1.contains(/_(total|seconds|records)$/)
            }
        }
        for (path, name) in named {
            let bare = name.replacing(/_(bucket|sum|count)$/, with: "")
            #expect(known.contains(name) || known.contains(bare), "\(path) names \(name)")
        }
    }

    @Test("every metric that is registered is recorded somewhere")
    func recorded() throws {
        let sources = try Tree.sources()
        for metric in try registered() {
            let use = try Regex("[^A-Za-z]\(metric.property)\\??\\.(add|set|record|labelled)[^A-Za-z]")
            #expect(
                sources.contains { $0.path.hasPrefix(metric.room) && $0.text.contains(use) },
                "\(metric.name) is registered and never recorded")
        }
    }
}
