import Foundation
import Support
import Testing

/// The canary, through all processes that it flies through.
@Suite("A canary on Kafka", .needsRealKafka, .serialized, .timeLimit(.minutes(3)))
struct CanaryOnKafkaTests {
    @Test("its order is done by every worker, also where the mail server is away, and nobody gets a message")
    func flies() async throws {
        let relay = Relay(
            on: try await RealKafka.ownCluster(),
            ["SMTP_URL": "smtp://127.0.0.1:1?tls=never", "MAIL_FROM": "orders@shop.example"])
        _ = try await relay.told("topics", "create")
        let account = try await relay.told("account", "create", "canary")
        let token = try await relay.told("token", "create", "--account", "canary")
        let port = FreePorts.take(1)[0]
        let ingest = try relay.start("ingest", ["HTTP_LISTEN": "127.0.0.1:\(port)"])
        let workers = try ["confirmations", "analytics", "crm"].map {
            try relay.start($0, ["CANARY_ACCOUNT": account])
        }
        try await relay.waitUntilReady(ingest, workers[0], workers[1], workers[2])
        for worker in workers {
            #expect(try await worker.metric("orderrelay_canary_last_done_timestamp_seconds") == 0)
        }
        let auditor = try relay.start(
            "auditor", ["CANARY_URL": "http://127.0.0.1:\(port)/api/v2", "CANARY_TOKEN": token])
        let began = Date().timeIntervalSince1970
        for worker in workers {
            try await eventually("\(worker.name) is done with it") {
                try await worker.metric("orderrelay_canary_last_done_timestamp_seconds") >= began
            }
            #expect(try await worker.metric("orderrelay_canary_latency_seconds") < 60)
            let done = try await worker.metric(
                "orderrelay_delivery_attempts_total", having: #"kind="canary",outcome="done""#)
            #expect(done >= 1)
            #expect(try await worker.metric("orderrelay_delivery_attempts_total") == done, "it goes nowhere else")
        }
        #expect(try await auditor.metric("orderrelay_canary_posted_total", having: #"outcome="accepted""#) >= 1)
        let destinations = try await relay.told("destinations").split(separator: "\n").dropFirst()
        #expect(destinations.count == 3, "\(destinations)")
        for line in destinations { #expect(line.contains("\tcanary\tcanary\t-\tidle\t0\t0\t0\t0\t-\t"), "\(line)") }
        try await relay.stop(auditor, workers[0], workers[1], workers[2], ingest)
        relay.kafka.wipe()
    }
}
