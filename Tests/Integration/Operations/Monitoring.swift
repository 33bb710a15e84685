import Foundation
import HTTP
import Support
import Testing

/// A real Prometheus and a real Alertmanager with the deployed settings, in which time runs faster, and somebody who is notified.
final class Monitoring: Sendable {
    /// Whether both can be started here; says so once where they cannot.
    static let isHere: Bool = {
        let programs = ["prometheus", "prometheus-alertmanager", "promtool"]
        if programs.allSatisfy({ FileManager.default.isExecutableFile(atPath: "/usr/bin/\($0)") }) { return true }
        print(
            "SKIPPED: no Prometheus or Alertmanager: install the Debian packages prometheus and prometheus-alertmanager"
        )
        let environment = ProcessInfo.processInfo.environment
        precondition(
            environment["ORDERRELAY_CI"] == nil || environment["ALLOW_SKIP"] == "1",
            "tests of alerts must not be skipped here; ALLOW_SKIP=1 permits it")
        return false
    }()

    /// Much shorter than the shortest `for:`, so that one late scrape is no fault.
    private static let interval = "500ms"

    let alertmanager: AlertmanagerServer
    private let folder: TemporaryFolder
    private let url: String
    private let server: KeptServer
    private let client = Client()

    /// Starts both, with no process to watch yet.
    ///
    /// - Parameter factor: how much faster time runs.
    init(factor: Int) async throws {
        alertmanager = try await AlertmanagerServer(factor: factor)
        folder = try TemporaryFolder("prometheus")
        let port = FreePorts.take(1)[0]
        url = "http://127.0.0.1:\(port)"
        try Shortened.rules(Self.deployed("prometheus/rules.yml"), by: factor)
            .write(toFile: folder.file("rules.yml"), atomically: false, encoding: .utf8)
        try Self.settings(try Self.deployed("prometheus/prometheus.yml"), folder, alertmanager: alertmanager.port)
            .write(toFile: folder.file("prometheus.yml"), atomically: false, encoding: .utf8)
        server = try KeptServer(
            [
                "/usr/bin/prometheus", "--config.file=\(folder.file("prometheus.yml"))",
                "--storage.tsdb.path=\(folder.file("data"))", "--web.listen-address=127.0.0.1:\(port)",
                "--log.level=warn",
            ], log: folder.file("prometheus.log"))
        try await eventually("Prometheus is ready") {
            (try? await client.send(ClientRequest(.get, "\(url)/-/ready")))?.status == 200
        }
    }

    /// A file of the folder `deploy`.
    static func deployed(_ path: String) throws -> String {
        var root = URL(filePath: #filePath)
        for _ in 0..<4 { root.deleteLastPathComponent() }
        return try String(contentsOf: root.appending(path: "deploy/\(path)"), encoding: .utf8)
    }

    /// The deployed settings, in which files stand for Docker's DNS: what a file no longer names has no `up` any more, as a
    /// container that is gone.
    private static func settings(_ text: String, _ folder: TemporaryFolder, alertmanager: Int) -> String {
        text.replacing(/_interval: 10s|_timeout: 5s/) { match in
            "\(match.0.prefix { $0 != ":" }): \(interval)"
        }
        .replacing(
            "    - dns_sd_configs: [{names: [alertmanager], type: A, port: 9093, refresh_interval: 5s}]",
            with: "    - static_configs: [{targets: [\"127.0.0.1:\(alertmanager)\"]}]", maxReplacements: 1
        )
        .replacing(/dns_sd_configs: \[\{names: \[(\w+)\][^\n]*/) {
            "file_sd_configs: [{files: [\"\(folder.path)/targets-\($0.1).json\"]}]"
        }
    }

    // MARK: What is watched

    /// Has Prometheus ask the processes of a job on these admin ports from now on, and no others.
    func watch(_ job: String, on ports: [Int]) throws {
        let targets = [["targets": ports.map { "127.0.0.1:\($0)" }]]
        try JSONSerialization.data(withJSONObject: targets)
            .write(to: folder.url.appending(path: "targets-\(job).json"), options: .atomic)
    }

    /// The alerts that fire now, but for the watchdog.
    func firing() async throws -> Set<Alert> {
        try await query(#"ALERTS{alertstate="firing",alertname!="Watchdog"}"#)
    }

    /// The alerts that fired at any time since then, but for the watchdog.
    func fired(since began: ContinuousClock.Instant) async throws -> Set<Alert> {
        let milliseconds = Int((ContinuousClock.now - began) / .milliseconds(1))
        return try await query(
            #"count_over_time(ALERTS{alertstate="firing",alertname!="Watchdog"}[\#(milliseconds)ms])"#)
    }

    /// The value of an expression that has one; nil where it has none.
    func value(_ expression: String) async throws -> Double? {
        try await results(expression).first?.value.last?.text.flatMap { Double($0) }
    }

    private func query(_ expression: String) async throws -> Set<Alert> {
        Set(try await results(expression).map { Alert(labels: $0.metric) })
    }

    private func results(_ expression: String) async throws -> [Answer.Result] {
        let escaped = expression.addingPercentEncoding(withAllowedCharacters: .alphanumerics)!
        let answer = try await client.send(ClientRequest(.get, "\(url)/api/v1/query?query=\(escaped)"))
        try #require(answer.status == 200, "\(String(decoding: answer.body, as: UTF8.self))")
        return try JSONDecoder().decode(Answer.self, from: Data(answer.body)).data.result
    }

    private struct Answer: Decodable {
        struct Values: Decodable { var result: [Result] }
        struct Result: Decodable {
            var metric: [String: String]
            /// The time, and the value as a text.
            var value: [Part]
        }
        struct Part: Decodable {
            var text: String?
            init(from decoder: any Decoder) throws { text = try? decoder.singleValueContainer().decode(String.self) }
        }
        var data: Values
    }

    /// What both programs logged.
    var logs: [Haystack] {
        [Haystack("Prometheus' log", server.said), Haystack("Alertmanager's log", alertmanager.said)]
    }

    /// Ends both.
    func stop() async {
        server.stop()
        await alertmanager.stop()
        client.close()
    }
}
