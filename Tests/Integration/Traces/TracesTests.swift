import Foundation
import HTTP
import Support
import Testing

/// One trace over all processes, as a real collector sees it.
@Suite(
    "Traces over process borders", .needsRealKafka, .enabled(if: Collector.isHere), .serialized,
    .timeLimit(.minutes(4)))
struct TracesTests {
    private static let trace = "0af7651916cd43dd8448eb211c80319c"
    private static let caller = "b7ad6b7169203331"

    /// All processes but the auditor, with a CRM and a mail server that answer as the real ones do.
    private struct Scene {
        let relay: Relay
        let collector: Collector
        let token: String
        let ingest: Member
        let workers: [Member]
        private let sandbox: Member

        init() async throws {
            let ports = FreePorts.take(2)
            let folder = MailTools.temporaryFolder("collector")
            collector = try await Collector(in: folder)
            relay = Relay(
                on: try await RealKafka.ownCluster(),
                [
                    "SMTP_URL": "smtp://127.0.0.1:\(ports[0])?tls=never", "MAIL_FROM": "orders@shop.example",
                    "SANDBOX_SMTP_LISTEN": "127.0.0.1:\(ports[0])", "SANDBOX_HTTP_LISTEN": "127.0.0.1:\(ports[1])",
                    "SANDBOX_CRM_TOKEN": "secret-of-crm", "LOG_LEVEL": "debug",
                    "OTEL_EXPORTER_OTLP_ENDPOINT": collector.endpoint, "OTEL_TRACES_SAMPLER_ARG": "0",
                ])
            _ = try await relay.told("topics", "create")
            token = try await relay.token()
            let secret = relay.folder.appending(path: "crm-token")
            try Data("secret-of-crm\n".utf8).write(to: secret)
            _ = try await relay.told(
                "connection", "create", "--account", "Shop", "--kind", "hubspot", "--url",
                "http://127.0.0.1:\(ports[1])", "--secret-file", secret.path)
            sandbox = try relay.start("sandbox", ["OTEL_EXPORTER_OTLP_ENDPOINT": ""])
            ingest = try relay.start("ingest")
            workers = try ["confirmations", "analytics", "crm"].map { [relay] in try relay.start($0) }
            try await relay.waitUntilReady(sandbox, ingest, workers[0], workers[1], workers[2])
        }

        func send(_ number: Int, _ fields: [String: String] = [:]) async throws -> Response {
            let response = try await ingest.send(
                .post, "/orders", token: token, Cluster.order(number), fields: fields)
            try #require(response.status == 201, "\(String(decoding: response.body, as: UTF8.self))")
            return response
        }

        func stop() async throws {
            try await relay.stop(ingest, workers[0], workers[1], workers[2], sandbox)
            relay.kafka.wipe()
        }
    }

    @Test(
        "caller → request → publishing → intake of each worker → attempt → call is one trace, and what was not asked for is none"
    )
    func oneTrace() async throws {
        let scene = try await Scene()
        _ = try await scene.send(1)
        let sent = try await scene.send(2, ["traceparent": "00-\(Self.trace)-\(Self.caller)-01"])
        let order = try #require(member("id", in: String(decoding: sent.body, as: UTF8.self)))
        var spans: [CollectedSpan] = []
        try await eventually("everything has been exported: \(spans.map(\.name))") {
            spans = try scene.collector.spans()
            let names = spans.map(\.name)
            return names.count { $0 == "process orders" } == 3 && names.contains("attempt email")
                && names.contains("attempt hubspot") && names.contains("POST /api/v2/orders")
        }
        #expect(Set(spans.map(\.trace)) == [Self.trace], "the order without a traceparent was not sampled")

        func only(_ name: String, of service: String) throws -> CollectedSpan {
            let found = spans.filter { $0.name == name && $0.service == service }
            try #require(found.count == 1, "\(name) of \(service): \(spans)")
            return found[0]
        }
        let request = try only("POST /api/v2/orders", of: "ingest")
        #expect(request.parent == Self.caller && request.kind == "Server" && !request.isFailed)
        #expect(request.attributes["http.response.status_code"] == "Int(201)")
        let publishing = try only("send orders", of: "ingest")
        #expect(publishing.parent == request.id && publishing.kind == "Producer")
        #expect(publishing.attributes["orderrelay.order.id"] == "Str(\(order))")
        let offset = try #require(publishing.attributes["messaging.kafka.offset"])
        let intakes = try ["confirmations", "analytics", "crm"].map { try only("process orders", of: $0) }
        for intake in intakes {
            #expect(intake.parent == publishing.id && intake.kind == "Consumer", "\(intake)")
            #expect(intake.attributes["messaging.kafka.offset"] == offset)
            #expect(intake.attributes["orderrelay.order.id"] == "Str(\(order))")
            #expect(intake.attributes["orderrelay.disposition"] == "Str(planned)")
        }
        let mail = try only("attempt email", of: "confirmations")
        #expect(mail.parent == intakes[0].id && mail.attributes["orderrelay.outcome"] == "Str(done)")
        let deal = try only("attempt hubspot", of: "crm")
        #expect(deal.parent == intakes[2].id && deal.attributes["orderrelay.attempt"] == "Int(1)")
        let calls = spans.filter { $0.kind == "Client" }
        #expect(calls.allSatisfy { $0.parent == deal.id && $0.service == "crm" }, "\(calls)")
        #expect(calls.contains { $0.name == "POST /crm/v3/objects/deals/batch/upsert" }, "\(calls)")
        #expect(Set(spans.map(\.id)).count == spans.count && spans.count == 7 + calls.count)

        try await exportsAreCounted(scene, spans)
        for member in [scene.ingest] + scene.workers {
            #expect(
                !member.lines(with: "\"traceId\":\"\(Self.trace)\"").isEmpty,
                "\(member.name) names the trace in its log")
        }
        try await scene.stop()
    }

    private func exportsAreCounted(_ scene: Scene, _ spans: [CollectedSpan]) async throws {
        for member in [scene.ingest] + scene.workers {
            let mine = spans.count { $0.service == member.name }
            try await eventually("\(member.name) has counted its spans") {
                try await member.metric("orderrelay_trace_spans_exported_total") == Double(mine)
            }
            #expect(try await member.metric("orderrelay_trace_spans_dropped_total") == 0, "\(member.name)")
        }
    }
}
