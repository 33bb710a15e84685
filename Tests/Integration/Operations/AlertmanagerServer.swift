import Foundation
import HTTP
import Support
import Testing

/// A real Alertmanager with the deployed routes and inhibitions, whose receivers are a webhook.
final class AlertmanagerServer: Sendable {
    /// What it makes of an alert that it knows.
    struct Standing: Decodable {
        struct Status: Decodable {
            /// `active`, `suppressed`, or `unprocessed` where it has just come.
            var state: String
            /// The alerts, by their fingerprints, that it is not sent beside.
            var inhibitedBy: [String]
        }
        var labels: [String: String]
        var status: Status
        var fingerprint: String
        var alert: Alert { Alert(labels: labels) }
        var isInhibited: Bool { !status.inhibitedBy.isEmpty }
    }

    let port = FreePorts.take(1)[0]
    let receiver: AlertReceiver
    private let folder: TemporaryFolder
    private let server: KeptServer
    private let client = Client()
    private var url: String { "http://127.0.0.1:\(port)" }

    init(factor: Int) async throws {
        receiver = try AlertReceiver()
        folder = try TemporaryFolder("alertmanager")
        try Self.settings(factor: factor, webhook: receiver.port)
            .write(toFile: folder.file("alertmanager.yml"), atomically: false, encoding: .utf8)
        server = try KeptServer(
            [
                "/usr/bin/prometheus-alertmanager", "--config.file=\(folder.file("alertmanager.yml"))",
                "--storage.path=\(folder.file("data"))", "--web.listen-address=127.0.0.1:\(port)",
                "--cluster.listen-address=", "--log.level=warn",
            ], log: folder.file("alertmanager.log"))
        try await eventually("Alertmanager is ready") {
            (try? await client.send(ClientRequest(.get, "\(url)/-/ready")))?.status == 200
        }
    }

    /// The deployed settings, which notify nobody, with the webhook for each receiver.
    static func settings(factor: Int, webhook: Int) throws -> String {
        Shortened.routes(try Monitoring.deployed("alertmanager/alertmanager.yml"), by: factor)
            .replacing(/(?m)^  - name: (\w+)$/) {
                "\($0.0)\n    webhook_configs: [{url: \"http://127.0.0.1:\(webhook)/\($0.1)\"}]"
            }
    }

    /// All alerts that it has and that are not over.
    func alerts() async throws -> [Standing] {
        let answer = try await client.send(ClientRequest(.get, "\(url)/api/v2/alerts"))
        try #require(answer.status == 200, "\(String(decoding: answer.body, as: UTF8.self))")
        return try JSONDecoder().decode([Standing].self, from: Data(answer.body))
    }

    /// Gives it alerts, as Prometheus does.
    ///
    /// - Parameter areOver: whether they have ended.
    func post(_ alerts: [[String: String]], areOver: Bool = false) async throws {
        let now = Date.now
        let times = ["startsAt": now.addingTimeInterval(-60), "endsAt": now.addingTimeInterval(areOver ? -1 : 300)]
            .mapValues { $0.formatted(.iso8601) }
        let body = alerts.map { labels in ["labels": labels as Any].merging(times) { own, _ in own } }
        let answer = try await client.send(
            ClientRequest(
                .post, "\(url)/api/v2/alerts", fields: ["Content-Type": "application/json"],
                body: Array(try JSONSerialization.data(withJSONObject: body))))
        try #require(answer.status == 200, "\(String(decoding: answer.body, as: UTF8.self))")
    }

    var said: String { server.said }

    func stop() async {
        server.stop()
        await receiver.stop()
        client.close()
    }
}
