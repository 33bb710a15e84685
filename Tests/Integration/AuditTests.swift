import Books
import Database
import Door
import Intake
import Kafka
import Ledger
import Orders
import Support
import Testing

/// `orderrelay audit` on a real Kafka, with `analytics` as a process of its own.
@Suite("The audit of the books", .needsRealKafka, .serialized)
struct AuditTests {
    @Test(
        "beside a worker under full load no audit finds a difference; a record that the ledger has lost is found and named",
        .timeLimit(.minutes(3)), arguments: LedgerMaker.shared)
    func audits(maker: LedgerMaker) async throws {
        let scene = try await AuditScene(maker)
        let isOver = Shared(false)
        let publishing = Task { try await scene.publish(until: isOver) }
        let worker = try scene.relay.start("analytics")
        try await scene.relay.waitUntilReady(worker)
        var looked: [Int64] = []
        while looked.count(where: { $0 > 0 }) < 5 {
            let report = try await scene.audit()
            #expect(report.unaccounted == 0, "\(report)")
            looked.append(report.checked)
        }
        // Each fell into the middle of it.
        #expect(Set(looked.suffix(5)).count == 5, "\(looked)")
        isOver.now = true
        let count = try await publishing.value
        try await eventually("all is taken in") { try await scene.takenIn() == count }
        let last = try await scene.audit()
        #expect(last.checked == count && last.unaccounted == 0, "\(last)")
        try await scene.relay.stop(worker)

        let lost = event(77)
        try await scene.forget(lost.id)
        let report = try await scene.audit()
        let missing = report.partitions.filter { $0.records?.missing != 0 }
        #expect(missing.map(\.records?.missing) == [1] && report.unaccounted == 1, "\(missing)")
        let place = try #require(missing.first)
        let offset = try #require(place.records?.firstMissing)
        let record = try await scene.admin.record(at: offset, of: place.place, timeout: .seconds(10))
        #expect(record?.key == lost.encoded().key)

        let (status, output, errors) = try await scene.relay.run("audit")
        #expect(status == 1 && output.contains("unaccounted\t1"), "\(output)")
        #expect(output.contains("the first that analytics does not know\t\(place.place)\t\(offset)"), "\(output)")
        #expect(errors.contains("the books do not balance: 1 unaccounted for"), "\(errors)")
        // Counters alone do not tell.
        let sums = try await scene.relay.run("audit", "--sums")
        #expect(sums.status == 0 && sums.output.contains("unaccounted\t0"), "\(sums)")
        await scene.end()
    }
}

/// Orders on a topic, and a ledger that a worker takes them into.
private final class AuditScene: Sendable {
    let relay: Relay
    let admin: Admin
    private let ledger: Ledger
    private let database: any Database

    init(_ maker: LedgerMaker) async throws {
        relay = Relay(on: try await onThread { try RealKafka(brokers: 1) }, ledger: try await maker.url())
        _ = try await relay.told("topics", "create")
        _ = try await relay.told("migrate")
        let url = relay.environment["DATABASE_URL"]!
        ledger = try Ledger.open(url: url, sealing: nil, now: { epoch.milliseconds })
        database = try Databases(url: url, options: PostgreSQLOptions(name: "test"), now: { epoch.milliseconds }).open()
        admin = try Admin(relay.kafka.properties)
    }

    /// Returns how many orders there were in the end.
    func publish(until isOver: Shared<Bool>) async throws -> Int64 {
        let producer = try Producer(relay.kafka.properties)
        var count = 0
        while !isOver.now {
            let records = (count + 1...count + 200).map { outgoingRecord(event($0)) }
            for answer in try await producer.sendAll(records, timeout: .seconds(20)) { _ = try answer.get() }
            count += records.count
            try await Task.sleep(for: .milliseconds(50))
        }
        await producer.close(timeout: .seconds(2))
        return Int64(count)
    }

    func audit() async throws -> AuditReport {
        try await Audit(ledger, relay.kafka.properties, workers: Processes.workers).run()
    }

    /// Orders that the worker has taken in, over all partitions.
    func takenIn() async throws -> Int64 {
        let cluster = try await admin.clusterID(timeout: .seconds(10))
        return try await ledger.positions(of: "analytics", cluster: cluster).values.reduce(0) { $0 + $1.planned }
    }

    /// What no program of ours does: the event goes, and the counters stay.
    func forget(_ event: String) async throws {
        _ = try await database.transaction([
            Statement("DELETE FROM events WHERE event_id = $1", [.text(event)], mustChange: 1)
        ])
    }

    func end() async {
        await ledger.close()
        await database.close()
        await admin.close()
        relay.kafka.wipe()
    }
}
