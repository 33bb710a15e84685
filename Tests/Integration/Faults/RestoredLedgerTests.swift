import Foundation
import Kafka
import Ledger
import Lifecycle
import Orders
import Sandbox
import Support
import Telemetry
import Testing

/// A ledger that was restored from a backup, on a real Kafka: under a worker that runs, and before one that starts.
@Suite("A restored ledger on a real Kafka", .enabled(if: RealKafka.isHere), .serialized)
struct RestoredLedgerTests {
    @Test(
        "workers stop at it, or wait; after `reintake` all is counted once, and no buyer gets a message twice",
        .timeLimit(.minutes(4)), arguments: LedgerMaker.shared)
    func restored(maker: LedgerMaker) async throws {
        let scene = try await RestoreScene(maker)
        let relay = scene.relay
        var (confirmations, analytics) = (try relay.start("confirmations"), try relay.start("analytics"))
        try await scene.publish(1...12)
        try await scene.isWorkedOff(12, within: .seconds(60))
        try await relay.stop(confirmations, analytics)
        try await scene.backup.make()
        let beat = try await scene.beat()

        (confirmations, analytics) = (try relay.start("confirmations"), try relay.start("analytics"))
        try await scene.publish(13...24)
        try await scene.isWorkedOff(24, within: .seconds(60))
        // A failover loses less than ten seconds; what a worker has heard of the beat is five seconds old at most.
        try await eventually("the backup is old", within: .seconds(60)) { try await scene.beat() > beat + 4 }
        let beside = try await relay.run("reintake")
        #expect(beside.status == 1 && beside.errors.contains("stop all workers"), "\(beside)")
        // Beside a position on Kafka a beat stands only where something came.
        try await scene.publish(25...26)
        try await scene.isWorkedOff(26, within: .seconds(60))
        try await relay.stop(analytics)

        try await scene.backup.restore()
        try await eventually("the worker that runs has stopped", within: .seconds(60)) {
            await confirmations.readiness().text.contains("`orderrelay reintake`")
        }
        try await relay.stop(confirmations)
        analytics = try relay.start("analytics")
        try await eventually("the worker that starts waits") {
            await analytics.readiness().text.contains("`orderrelay reintake`")
        }
        try await scene.publish(27...30)
        var told = ""
        try await eventually("no worker uses the ledger", within: .seconds(40)) {
            let (status, output, errors) = try await relay.run("reintake")
            told = output + errors
            return status == 0
        }
        #expect(told.contains("confirmations\torders/") && told.contains("analytics\torders/"), "\(told)")
        try await relay.waitUntilReady(analytics)
        confirmations = try relay.start("confirmations")
        try await relay.waitUntilReady(confirmations)
        try await scene.publish(31...33)
        try await eventually("what came since is confirmed", within: .seconds(60)) {
            Set((31...33).map(RestoreScene.buyer)).isSubset(of: scene.sandbox.copies().keys)
        }
        try await eventually("all is counted") { try await scene.counted() == 33 }
        let again = try await relay.run("reintake", "--restored")
        #expect(again.status == 1 && again.errors.contains("stop all workers"), "\(again)")
        try await relay.stop(confirmations, analytics)

        try await eventually("where nothing is lacking it is refused", within: .seconds(40)) {
            let (status, _, errors) = try await relay.run("reintake")
            return status == 1 && errors.contains("--restored")
        }
        let copies = scene.sandbox.copies()
        #expect(copies.count == 29 && copies.values.allSatisfy { $0.count == 1 }, "\(copies.mapValues(\.count))")
        // Of the backup, and since; those between may have their message, and wait for somebody.
        #expect(try await scene.confirmations() == [.done: 15, .parked: 18])
        let trail = try await relay.told("audit-trail", "--action", "reintake").split(separator: "\n")
        #expect(trail.map { $0.split(separator: "\t")[2] } == ["reintake.begin", "reintake.end"], "\(trail)")
        let audit = try await relay.told("audit")
        #expect(audit.contains("unaccounted\t0"), "\(audit)")
        let rebuilt = try await relay.told("rebuild")
        #expect(rebuilt.contains("events counted\t33") && rebuilt.contains("buckets that differ\t0"), "\(rebuilt)")
        try await scene.end()
    }
}

/// A copy of a relay's ledger, made and brought back as an operator does it.
private struct LedgerBackup {
    let url: String

    private static let copying = """
        import sqlite3, sys
        source, target = sqlite3.connect(sys.argv[1]), sqlite3.connect(sys.argv[2])
        source.backup(target)
        """

    private var file: String { String(url.dropFirst("sqlite:".count)) }
    private var database: String { url.split(separator: "/").last.map(String.init) ?? "" }

    /// No program may have PostgreSQL's open.
    func make() async throws {
        if url.hasPrefix("sqlite:") { return try await copy(file, to: "\(file).backup") }
        try await PostgreSQLServer.shared().sql("CREATE DATABASE \(database)_backup TEMPLATE \(database)")
    }

    func restore() async throws {
        if url.hasPrefix("sqlite:") { return try await copy("\(file).backup", to: file) }
        let server = try await PostgreSQLServer.shared()
        try await server.sql("DROP DATABASE \(database) WITH (FORCE)")
        try await server.sql(
            "CREATE DATABASE \(database) OWNER \(PostgreSQLServer.role) TEMPLATE \(database)_backup")
    }

    private func copy(_ source: String, to target: String) async throws {
        _ = try await onThread { try MailTools.run(["python3", "-c", Self.copying, source, target]) }
    }
}

/// A real Kafka, a mail server, and workers as processes.
private final class RestoreScene: Sendable {
    let relay: Relay
    let sandbox = SandboxProcess(log: Log(process: "sandbox", write: { _ in }))
    let backup: LedgerBackup
    private let producer: Producer

    init(_ maker: LedgerMaker) async throws {
        try await sandbox.start()
        let kafka = try await onThread { try RealKafka(brokers: 1, options: "group.min.session.timeout.ms=1000") }
        relay = Relay(
            on: kafka,
            [
                "KAFKA_SESSION_TIMEOUT_MS": "2000", "SMTP_URL": "smtp://127.0.0.1:\(sandbox.smtpPort!)?tls=never",
                "MAIL_FROM": "Acme <shop@example.org>",
            ], ledger: try await maker.url())
        backup = LedgerBackup(url: relay.environment["DATABASE_URL"]!)
        _ = try await relay.told("topics", "create")
        _ = try await relay.told("migrate")
        producer = try Producer(kafka.properties)
    }

    static func buyer(_ number: Int) -> String { "buyer\(number)@example.org" }

    func publish(_ numbers: ClosedRange<Int>) async throws {
        let records = numbers.map { outgoingRecord(event($0)) }
        for answer in try await producer.sendAll(records, timeout: .seconds(20)) { _ = try answer.get() }
    }

    /// Opens the ledger for one question: nobody else may have it open when it is copied or replaced.
    private func ask<Answer>(_ question: (Ledger) async throws -> Answer) async throws -> Answer {
        let ledger = try Ledger.open(url: backup.url, sealing: nil, now: { SystemTime().wall.milliseconds })
        let answer: Answer
        do {
            answer = try await question(ledger)
        } catch {
            await ledger.close()
            throw error
        }
        await ledger.close()
        return answer
    }

    func beat() async throws -> Int64 { try await ask { try await $0.beat() } }

    func counted() async throws -> Int64 {
        try await ask { ledger in
            let buckets = try await ledger.statistics(
                StatisticsFilter(account: "acme", minutes: 0..<Int64.max / 60_000))
            return buckets.reduce(0) { $0 + $1.value.orders }
        }
    }

    func confirmations() async throws -> [DeliveryState: Int64] {
        try await ask { ledger in
            let book = try await ledger.books(of: "confirmations").first { $0.destination == "email" }
            return (book?.rows ?? [:]).filter { $0.value > 0 }
        }
    }

    func isWorkedOff(_ count: Int64, within limit: Duration) async throws {
        try await eventually("\(count) orders are confirmed and counted", within: limit) {
            let (confirmed, counted) = (try await confirmations(), try await counted())
            return confirmed == [.done: count] && counted == count
        }
    }

    func end() async throws {
        await producer.close(timeout: .seconds(2))
        await sandbox.stop(by: .now + .seconds(2))
        try await relay.kafka.ask("wipe")
    }
}
