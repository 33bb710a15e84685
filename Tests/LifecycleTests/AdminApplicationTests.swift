import Foundation
import HTTP
import Synchronization
import Telemetry
import Testing

@testable import Lifecycle

@Suite struct AdminApplicationTests {
    private func ask(_ application: AdminApplication, _ path: String, _ method: HTTP.Method = .get) async -> Response {
        await application.respond(to: Request(head: RequestHead(method: method, path: path)), context: ())
    }

    @Test("/readyz is 503 with each service's reason until all serve")
    func ready() async throws {
        let application = AdminApplication(metrics: Metrics(), pages: [])
        #expect(await ask(application, "/readyz").status == 503)
        application.readiness.withLock { $0 = { [("kafka", nil), ("ledger", "database is \"away\"")] } }
        let waiting = await ask(application, "/readyz")
        #expect(waiting.status == 503)
        let report = try JSONDecoder().decode(ReadinessReport.self, from: Data(waiting.body))
        #expect(!report.ready)
        #expect(report.services.map(\.reason) == [nil, "database is \"away\""])
        application.readiness.withLock { $0 = { [("kafka", nil)] } }
        let ready = await ask(application, "/readyz")
        #expect(ready.status == 200)
        #expect(
            String(decoding: ready.body, as: UTF8.self)
                == "{\"ready\":true,\"services\":[{\"name\":\"kafka\",\"ready\":true}]}\n")
    }

    @Test("/metrics is Prometheus' text format, /healthz says ok, other paths and methods are refused")
    func standingPages() async {
        let metrics = Metrics()
        metrics.counter("x_total", "X.").add(3)
        let application = AdminApplication(metrics: metrics, pages: [])
        let answer = await ask(application, "/metrics")
        #expect(answer.fields["content-type"] == "text/plain; version=0.0.4; charset=utf-8")
        #expect(String(decoding: answer.body, as: UTF8.self).contains("x_total 3\n"))
        #expect(await ask(application, "/healthz").status == 200)
        #expect(await ask(application, "/nothing").status == 404)
        let refused = await ask(application, "/metrics", .post)
        #expect(refused.status == 405 && refused.fields["Allow"] == "GET, HEAD")
    }

    @Test("a further page answers its path and all below it; the longest that fits")
    func pages() async {
        let application = AdminApplication(
            metrics: Metrics(),
            pages: [
                AdminPage("/mailbox") { Response(status: 200, body: Array(("box " + $0.head.path).utf8)) },
                AdminPage("/mailbox/raw") { _ in Response(status: 200, body: Array("raw".utf8)) },
            ])
        func body(_ path: String) async -> String { String(decoding: await ask(application, path).body, as: UTF8.self) }
        #expect(await body("/mailbox") == "box /mailbox")
        #expect(await body("/mailbox/7") == "box /mailbox/7")
        #expect(await body("/mailbox/raw") == "raw")
        #expect(await ask(application, "/mailboxes").status == 404)
    }
}
