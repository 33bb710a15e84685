import Foundation
import HTTP
import Kafka
import Ledger
import Support
import Testing

/// Records that the topic's retention deletes before `analytics` has read them, on a real Kafka.
@Suite("Records deleted before they were read", .enabled(if: RealKafka.isHere), .serialized)
struct DeletedRecordsTests {
    @Test(
        "partitions stop and say so everywhere, with their lag; `reintake --accept-loss` gets them going, without a restart",
        .timeLimit(.minutes(3)), arguments: LedgerMaker.shared)
    func deleted(maker: LedgerMaker) async throws {
        let relay = Relay(
            on: try await onThread {
                try RealKafka(brokers: 1, options: "log.retention.check.interval.ms=200;log.initial.task.delay.ms=100")
            }, ledger: try await maker.url())
        _ = try await relay.told("topics", "create")
        let token = try await relay.token()
        let admin = try await relay.told("token", "create", "--account", "Shop", "--scope", "admin")
        var (ingest, analytics) = (try relay.start("ingest"), try relay.start("analytics"))
        try await relay.waitUntilReady(ingest, analytics)
        try await relay.stop(analytics)

        let ids = try await orders(1...40, ingest, token)
        try await deleteRecords(relay)
        analytics = try relay.start("analytics")
        try await eventually("analytics says what is wrong") {
            await analytics.readiness().text.contains("were deleted before they were read; nothing is read from it.")
        }
        #expect(await analytics.readiness().text.contains("`orderrelay reintake --accept-loss`"))
        let stopped = try await analytics.metric("orderrelay_intake_partition_stopped")
        #expect(stopped > 0)
        try await eventually("all that is not read is lag") {
            try await analytics.metric("orderrelay_intake_lag_records") == 40
        }

        // The process that accepted them remembers them; another one knows what the ledger knows.
        for part in ["", "/timeline"] {
            let answer = try await ingest.text(.get, "/orders/\(ids[0])\(part)", token: admin)
            #expect(answer.contains(#""notRead":"not read: partition stopped. "#), "\(answer)")
        }
        try await relay.stop(ingest)
        ingest = try relay.start("ingest")
        try await relay.waitUntilReady(ingest)
        for id in ids.prefix(5) {
            for part in ["", "/timeline"] {
                let asked = ContinuousClock.now
                let shops = try await ingest.send(
                    .get, "/orders/\(id)\(part)", token: token, fields: ["Prefer": "wait=5"])
                #expect(ContinuousClock.now - asked < .seconds(3), "the answer did not wait")
                let text = String(decoding: shops.body, as: UTF8.self)
                #expect(shops.status == 404 && !text.contains("moment") && !text.contains("partition"), "\(text)")
                let told = try await ingest.text(.get, "/orders/\(id)\(part)", token: admin)
                #expect(told.contains("not read: partition stopped. ") && told.contains("were deleted"), "\(told)")
            }
        }

        // More orders come: what lies unread grows.
        let more = try await orders(41...60, ingest, token)
        try await eventually("the lag grows") { try await analytics.metric("orderrelay_intake_lag_records") >= 41 }
        let grown = try await analytics.metric("orderrelay_intake_lag_records")
        let (status, _, errors) = try await relay.run("reintake", "--accept-loss", "--worker", "crm")
        #expect(status == 1 && errors.contains("crm: no worker has stopped there"), "\(errors)")
        let booked = try await relay.told("reintake", "--accept-loss").split(separator: "\n").dropFirst()
            .map { $0.split(separator: "\t", omittingEmptySubsequences: false) }
        #expect(booked.count == Int(stopped) && booked.allSatisfy { $0[0] == "analytics" }, "\(booked)")
        #expect(booked.reduce(0) { $0 + (Int($1[2]) ?? 0) } == 40, "\(booked)")
        for line in booked {
            #expect(Int(line[4])! - Int(line[3])! + 1 == Int(line[2]), "\(line)")
            #expect(line[6] == "-" || line[6] > "2026", "the time of the first order that is still there: \(line)")
        }
        #expect(try await relay.told("reintake", "--accept-loss") == "no worker has stopped at a partition")
        try await relay.waitUntilReady(analytics)
        try await eventually("the orders after the gap are shown") {
            try await ingest.send(.get, "/orders/\(more.last!)", token: token).status == 200
        }
        try await eventually("nothing lies unread") {
            try await analytics.metric("orderrelay_intake_lag_records") == 0
        }
        #expect(try await analytics.metric("orderrelay_intake_partition_stopped") == 0)
        #expect(grown > 40)
        let old = try await ingest.text(.get, "/orders/\(ids[0])", token: admin)
        #expect(!old.contains("not read"), "\(old)")
        let trail = try await relay.told("audit-trail", "--action", "reintake").split(separator: "\n")
        #expect(trail.count == booked.count && trail.allSatisfy { $0.contains("\treintake.lost\t") }, "\(trail)")
        let audit = try await relay.told("audit")
        #expect(audit.contains("unaccounted\t0"))
        let lost = audit.split(separator: "\n").filter { $0.hasPrefix("analytics\t") && $0.contains("orders/") }
            .reduce(0) { $0 + (Int($1.split(separator: "\t")[8]) ?? 0) }
        #expect(lost == 40, "\(audit)")
        try await relay.stop(ingest, analytics)
        relay.kafka.wipe()
    }

    /// Sends orders of these numbers; their ids.
    private func orders(_ numbers: ClosedRange<Int>, _ ingest: Member, _ token: String) async throws -> [String] {
        var ids: [String] = []
        for number in numbers {
            let answer = try await ingest.text(.post, "/orders", token: token, Cluster.order(number))
            ids.append(try #require(member("id", in: answer), "\(answer)"))
        }
        return ids
    }

    /// Has retention delete everything on topic `orders`, and nothing from then on.
    private func deleteRecords(_ relay: Relay) async throws {
        let topic = ["configs", "--alter", "--entity-type", "topics", "--entity-name", "orders", "--add-config"]
        try await relay.kafka.ask(topic + ["retention.ms=1"])
        let admin = try Admin(relay.kafka.properties)
        try await eventually("all records are deleted") {
            for partition: Int32 in 0..<12 {
                let place = TopicPartition(topic: "orders", partition: partition)
                guard try await admin.offsets(of: place, timeout: .seconds(5)).isEmpty else { return false }
            }
            return true
        }
        await admin.close()
        try await relay.kafka.ask(topic + ["retention.ms=604800000"])
    }
}

extension Member {
    fileprivate func text(
        _ method: HTTP.Method, _ path: String, token: String, _ body: String = ""
    ) async throws -> String {
        String(decoding: try await send(method, path, token: token, body).body, as: UTF8.self)
    }
}
