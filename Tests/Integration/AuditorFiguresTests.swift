import Foundation
import HTTP
import Support
import Testing

/// What `auditor` shows of the workers, on a real Kafka.
@Suite("The auditor looks from outside", .needsRealKafka, .serialized, .timeLimit(.minutes(4)))
struct AuditorFiguresTests {
    private static let analytics = #"worker="analytics""#

    @Test(
        "a worker that is gone is seen to lag, by records and seconds, and its records to near their deletion",
        arguments: LedgerMaker.shared)
    func lag(maker: LedgerMaker) async throws {
        let relay = Relay(
            on: try await RealKafka.ownCluster(), ["BOOKS_INTERVAL_SECONDS": "1"], ledger: try await maker.url())
        _ = try await relay.told("topics", "create")
        let token = try await relay.token()
        let (ingest, analytics) = (try relay.start("ingest"), try relay.start("analytics"))
        let auditors = [try relay.start("auditor"), try relay.start("auditor")]
        try await relay.waitUntilReady(ingest, analytics, auditors[0], auditors[1])
        try await order(1...24, ingest, token)

        var (auditor, other) = (auditors[0], auditors[1])
        try await eventually("one of them shows that all is read") {
            if try await end(of: auditor) == 0 { swap(&auditor, &other) }
            guard try await end(of: auditor) == 24 else { return false }
            return try await figure("position_lag_records", of: auditor) == 0
        }
        #expect(try await figure("position_next_offset", of: auditor) == 24)
        #expect(try await figure("position_lag_seconds", of: auditor) == 0)
        #expect(try await figure("position_unaccounted", of: auditor) == 0)
        #expect(try await figure("retention_headroom_seconds", of: auditor) == 12 * 604_800)
        #expect(!(try await other.page("/metrics")).contains("\norderrelay_position_"), "two show the same")
        #expect(!(try await auditor.page("/metrics")).contains(#"orderrelay_position_next_offset{worker="crm""#))

        try await relay.stop(analytics)
        try await order(25...36, ingest, token)
        try await eventually("what nobody reads is lag") { try await figure("position_lag_records", of: auditor) == 12 }
        try await eventually("it grows old") { try await figure("position_lag_seconds", of: auditor) > 3 }
        let headroom = try await figure("retention_headroom_seconds", of: auditor)
        #expect((12 * 604_700..<12 * 604_800).contains(headroom))

        // The other takes over at once, since the first one has given its lease up.
        try await relay.stop(auditor)
        try await eventually("the other shows it", within: .seconds(20)) {
            try await figure("position_lag_records", of: other) == 12
        }
        let again = try relay.start("analytics")
        try await eventually("it is read") { try await figure("position_lag_records", of: other) == 0 }
        try await eventually("nothing is old") { try await figure("position_lag_seconds", of: other) == 0 }
        #expect(try await other.metric("orderrelay_books_failures_total") == 0, "\(other.program.errors)")
        try await relay.stop(again, other, ingest)
        relay.kafka.wipe()
    }

    @Test("the limit is recounted also while the ledger is away")
    func ledgerAway() async throws {
        let relay = Relay(
            on: try await RealKafka.ownCluster(), ["BOOKS_INTERVAL_SECONDS": "1"],
            ledger: "postgresql://nobody@127.0.0.1:\(FreePorts.take(1)[0])/nothing")
        let kafka = try await relay.run("topics", "create")
        #expect(kafka.status == 0, "\(kafka.errors)")
        let auditor = try relay.start("auditor")
        try await eventually("the limit's part serves") {
            (try? await auditor.metric("orderrelay_ready", having: #"part="auditor""#)) == 1
        }
        #expect(try await auditor.metric("orderrelay_ready", having: #"part="ledger""#) == 0)
        try await eventually("it says what it waits for") {
            await auditor.readiness().text.contains("waits for the ledger")
        }
        #expect(!auditor.lines(with: "waits for the ledger").isEmpty)
        #expect(try await auditor.metric("orderrelay_ready", having: #"part="auditor""#) == 1)
        #expect(try await auditor.metric("orderrelay_books_read_timestamp_seconds") == 0)
        #expect(!(try await auditor.page("/metrics")).contains("\norderrelay_position_"))
        try await relay.stop(auditor)
        relay.kafka.wipe()
    }

    private func order(_ numbers: ClosedRange<Int>, _ ingest: Member, _ token: String) async throws {
        for number in numbers {
            #expect(try await ingest.send(.post, "/orders", token: token, Cluster.order(number)).status == 201)
        }
    }

    private func figure(_ name: String, of auditor: Member) async throws -> Double {
        try await auditor.metric("orderrelay_\(name)", having: Self.analytics)
    }

    private func end(of auditor: Member) async throws -> Double { try await figure("position_end_offset", of: auditor) }
}
