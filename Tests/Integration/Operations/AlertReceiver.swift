import Foundation
import HTTP
import Support

/// Who is notified by Alertmanager: a webhook, under a path for each receiver.
final class AlertReceiver: Sendable {
    /// An alert in a notification.
    struct Notification: Sendable {
        /// `page`, `ticket` or `watchdog`.
        var receiver: String
        var alert: Alert
        var isFiring: Bool
    }

    private final class Webhook: Application {
        let bodies = Shared<[(receiver: String, body: [UInt8])]>([])
        func admit(_ head: RequestHead) async -> Admission<Void> { .read(bodyLimit: 1 << 20, context: ()) }
        func respond(to request: Request, context: Void) async -> Response {
            bodies.change { $0.append((String(request.head.path.dropFirst()), request.body)) }
            return Response(status: 200)
        }
        func refusal(status: Int, reason: String, context: Void?) -> Response { Response(status: status) }
    }

    private struct Message: Decodable {
        struct Part: Decodable {
            var status: String
            var labels: [String: String]
        }
        var alerts: [Part]
    }

    private let webhook = Webhook()
    private let server: Server
    var port: Int { server.port }

    init() throws { server = try Server(ServerSettings(listen: "127.0.0.1:0"), application: webhook) }

    /// How many messages have come.
    var count: Int { webhook.bodies.now.count }

    /// What has come, but for so many messages.
    func notifications(after count: Int = 0) throws -> [Notification] {
        try webhook.bodies.now.dropFirst(count).flatMap { receiver, body in
            try JSONDecoder().decode(Message.self, from: Data(body)).alerts.map {
                Notification(receiver: receiver, alert: Alert(labels: $0.labels), isFiring: $0.status == "firing")
            }
        }
    }

    /// The messages as they came.
    var messages: [Haystack] { webhook.bodies.now.map { Haystack("a notification", $0.body) } }

    func stop() async { await server.stop(timeout: .seconds(1)) }
}
