import Foundation
import Intake
import Kafka
import Ledger
import Lifecycle
import Orders
import Sandbox
import Support
import Telemetry
import Testing

/// The crash tests' deaths once more, each once, where consumer groups, offsets and acknowledgements are a real
/// Kafka's.
@Suite("Workers killed on a real Kafka", .enabled(if: RealKafka.isHere), .serialized)
struct CrashOnKafkaTests {
    @Test(
        "confirmations and analytics die at every place in turn: each order is confirmed, and counted once",
        .timeLimit(.minutes(4)), arguments: LedgerMaker.shared)
    func everyPlace(maker: LedgerMaker) async throws {
        let scene = try await KafkaCrashScene(maker)
        async let confirmed: Void = scene.kill(
            "confirmations",
            at: [.afterPoll, .rowsWritten, .transactionCommitted, .positionCopied, .messageSent, .beforeOutcome])
        async let counted: Void = scene.kill(
            "analytics", at: [.afterPoll, .rowsWritten, .analyticsCommitted, .positionCopied])
        _ = try await (confirmed, counted)

        let total = Int64(scene.published.now)
        let last = try ["confirmations", "analytics"].map { try scene.relay.start($0) }
        // What was being attempted comes back when its lease of 30 s is over, to a process that has seen the ledger for
        // as long.
        try await eventually("every order's confirmation is done", within: .seconds(100)) {
            let book = try await scene.ledger.books(of: "confirmations").first { $0.destination == "email" }
            return book?.rows.filter { $0.value > 0 } == [.done: total]
        }
        try await eventually("every order is counted") { try await scene.planned("analytics") == total }
        for member in last { try await scene.relay.stop(member) }

        let copies = scene.sandbox.copies()
        #expect(copies.count == Int(total))
        // At least once: what was on its way at a death may have come twice, and says by its id that it is the same.
        #expect(copies.values.allSatisfy { $0.count <= 3 && Set($0).count == 1 })
        let buckets = try await scene.ledger.statistics(
            StatisticsFilter(account: "acme", minutes: 0..<Int64.max / 60_000))
        #expect(buckets.reduce(0) { $0 + $1.value.orders } == total)
        #expect(try await scene.planned("confirmations") == total)
        let audit = try await scene.relay.run("audit")
        #expect(audit.status == 0 && audit.output.contains("unaccounted\t0"), "\(audit)")
        try await scene.end()
    }
}

/// A real Kafka, a ledger's file, a mail server, and workers as processes that die on demand.
private final class KafkaCrashScene: Sendable {
    private static let ordersPerStart = 20

    let relay: Relay
    let ledger: Ledger
    let sandbox = SandboxProcess(log: Log(process: "sandbox", write: { _ in }))
    let published = Shared(0)
    private let producer: Producer
    private let cluster: String

    init(_ maker: LedgerMaker) async throws {
        try await sandbox.start()
        // A dead member is noticed after 2 s: there are ten deaths.
        let kafka = try await onThread { try RealKafka(brokers: 1, options: "group.min.session.timeout.ms=1000") }
        relay = Relay(
            on: kafka,
            [
                "KAFKA_SESSION_TIMEOUT_MS": "2000", "SMTP_URL": "smtp://127.0.0.1:\(sandbox.smtpPort!)?tls=never",
                "MAIL_FROM": "Acme <shop@example.org>",
            ], ledger: try await maker.url())
        _ = try await relay.told("topics", "create")
        ledger = try Ledger.open(
            url: relay.environment["DATABASE_URL"]!, sealing: nil, now: { SystemTime().wall.milliseconds })
        try await ledger.migrate()
        producer = try Producer(kafka.properties)
        let admin = try Admin(kafka.properties)
        cluster = try await admin.clusterID(timeout: .seconds(10))
        await admin.close()
    }

    /// Has a worker die at one place after the other, each time with orders to do.
    func kill(_ command: String, at points: [KillPoint]) async throws {
        for point in points {
            let first = published.change { published in
                defer { published += Self.ordersPerStart }
                return published + 1
            }
            let records = (first..<first + Self.ordersPerStart).map { outgoingRecord(event($0)) }
            for answer in try await producer.sendAll(records, timeout: .seconds(20)) { _ = try answer.get() }
            let member = try relay.start(command, ["ORDERRELAY_KILL_AT": "\(point.rawValue):1"])
            let impatience = Task {
                try await Task.sleep(for: .seconds(40))
                member.program.signal(SIGTERM)
            }
            let status = await member.program.status()
            #expect(status == SIGKILL, "\(command) did not come to \(point.rawValue):\n\(member.program.errors)")
            impatience.cancel()
        }
    }

    /// Orders that a worker has taken in.
    func planned(_ worker: String) async throws -> Int64 {
        var sum: Int64 = 0
        for partition in 0..<12 as Range<Int32> {
            let source = LogPartition(cluster: cluster, topic: "orders", partition: partition)
            sum += try await ledger.position(of: worker, in: source)?.planned ?? 0
        }
        return sum
    }

    func end() async throws {
        await producer.close(timeout: .seconds(2))
        await ledger.close()
        await sandbox.stop(by: .now + .seconds(2))
        try await relay.kafka.ask("wipe")
    }
}
