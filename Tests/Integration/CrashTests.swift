import Access
import Foundation
import Intake
import Kafka
import Ledger
import Orders
import Sandbox
import Support
import Synchronization
import Telemetry
import Testing

/// Workers as processes of their own, killed with SIGKILL at named places and started again: nothing may be lost, and
/// nothing counted twice.
@Suite struct CrashTests {
    /// Of a death, how often the place is passed before: the first start dies at its first, the second later.
    static let counts = [1, 2]
    /// Orders published before each start.
    static let ordersPerStart = 40

    @Test(
        "confirmations killed twice at one place: every order is confirmed, and the books close",
        arguments: [
            KillPoint.afterPoll, .rowsWritten, .transactionCommitted, .positionCopied, .messageSent, .beforeOutcome,
        ])
    func confirmations(at point: KillPoint) async throws {
        let scene = try await CrashScene()
        let total = try await scene.killTwice("confirmations", at: point)
        let last = try scene.start("confirmations")
        // A row that was being attempted comes back when its lease of 30 s is over, and a process that has seen the
        // ledger for as long takes it.
        try await eventually("every order's confirmation is done", within: .seconds(100)) {
            try await scene.bench.states("confirmations", "email") == [.done: Int64(total)]
        }
        #expect(await last.stop() == 0)
        try await scene.checkBooks(of: "confirmations", planned: total)
        let copies = scene.copies()
        #expect(scene.missing(from: copies, of: total).isEmpty)
        // At least once: what was on its way at one of two deaths may have come twice, and says by its id that it is
        // the same message.
        #expect(copies.values.allSatisfy { $0.count <= 3 && Set($0).count == 1 })
        #expect(copies.values.count { $0.count > 1 } <= 2 * 16)
        try await scene.end()
    }

    @Test(
        "analytics killed twice at one place: every order is counted once",
        arguments: [KillPoint.afterPoll, .rowsWritten, .analyticsCommitted, .positionCopied])
    func analytics(at point: KillPoint) async throws {
        let scene = try await CrashScene()
        let total = try await scene.killTwice("analytics", at: point)
        let last = try scene.start("analytics")
        try await eventually("every order is taken in", within: .seconds(60)) {
            try await scene.position("analytics").next == Int64(total)
        }
        #expect(await last.stop() == 0)
        try await scene.checkBooks(of: "analytics", planned: total)
        let buckets = try await scene.bench.ledger.statistics(
            StatisticsFilter(account: "acme", minutes: 0..<Int64.max / 60_000))
        #expect(buckets.reduce(0) { $0 + $1.value.orders } == Int64(total))
        #expect(buckets.reduce(0) { $0 + $1.value.totalOrdered } == Int64(total) * sampleMinorUnits)
        try await scene.end()
    }

    @Test("the control, which moves its position before it writes its rows, loses orders, and is caught")
    func control() async throws {
        let scene = try await CrashScene()
        try await scene.publish(Self.ordersPerStart)
        let wrong = try scene.start(
            "control", executable: "CrashControl", killAt: .transactionCommitted, count: 1)
        #expect(await wrong.status() == SIGKILL)
        let right = try scene.start("confirmations")
        try await eventually("the topic is read to its end", within: .seconds(60)) {
            try await scene.position("confirmations").next == Int64(Self.ordersPerStart)
        }
        try await eventually("what was planned is done") {
            try await scene.bench.states("confirmations", "email").keys.allSatisfy { $0 == .done }
        }
        #expect(await right.stop() == 0)
        #expect(!scene.missing(from: scene.copies(), of: Self.ordersPerStart).isEmpty, "no order was lost")
        #expect(try await scene.position("confirmations").planned < Int64(Self.ordersPerStart))
        try await scene.end()
    }
}

/// A broker, a ledger's file, a mail server, and workers as processes.
final class CrashScene: Sendable {
    let bench: WorkerBench
    let sandbox: SandboxProcess
    private let published = Shared(0)
    private let cluster: String

    init() async throws {
        bench = try await WorkerBench()
        sandbox = SandboxProcess(log: Log(process: "sandbox", write: { _ in }))
        try await sandbox.start()
        // Another process knows the broker by the id that it reports, not by this process's random one.
        let admin = try Admin(bench.broker.properties)
        cluster = try await admin.clusterID(timeout: .seconds(10))
        await admin.close()
        try await bench.ledger.put(AccountRecord(id: "acme", name: "Acme"))
        try bench.broker.create(topic: "control", partitions: 1)
    }

    func end() async throws { await sandbox.stop(by: .now + .seconds(2)) }

    var publishedCount: Int { published.now }

    func publish(_ count: Int) async throws {
        let first = published.change { published in
            defer { published += count }
            return published + 1
        }
        try await bench.publish((first..<first + count).map { event($0) })
    }

    func start(
        _ command: String, executable: String = "orderrelay", killAt: KillPoint? = nil, count: Int = 1,
        adminPort: Int = 0, _ more: [String: String] = [:]
    ) throws -> Program {
        var environment = [
            "KAFKA_BOOTSTRAP_SERVERS": bench.broker.bootstrapServers, "KAFKA_FETCH_WAIT_MAX_MS": "5",
            "KAFKA_SESSION_TIMEOUT_MS": "6000", "KAFKA_HEARTBEAT_INTERVAL_MS": "500",
            "DATABASE_URL": "sqlite:\(bench.folder.path)/ledger.db", "ADMIN_LISTEN": "127.0.0.1:\(adminPort)",
            "SMTP_URL": "smtp://127.0.0.1:\(sandbox.smtpPort!)?tls=never", "MAIL_FROM": "Acme <shop@example.org>",
        ]
        if let killAt { environment["ORDERRELAY_KILL_AT"] = "\(killAt.rawValue):\(count)" }
        environment.merge(more) { $1 }
        return try Program([command], environment: environment, in: bench.folder, executable: executable)
    }

    /// Starts a worker twice, each time with orders to do, and has it die at a place. How many orders there are then.
    func killTwice(_ command: String, at point: KillPoint) async throws -> Int {
        for count in CrashTests.counts {
            try await publish(CrashTests.ordersPerStart)
            let program = try start(command, killAt: point, count: count)
            let impatience = Task {
                try await Task.sleep(for: .seconds(60))
                program.signal(SIGTERM)
            }
            #expect(await program.status() == SIGKILL, "\(command) did not come to \(point.rawValue):\(count)")
            impatience.cancel()
        }
        return published.now
    }

    func position(_ worker: String) async throws -> Position {
        try await bench.positions(worker, cluster: cluster)
    }

    /// Every record of the topic is accounted for, and every planned row has its state.
    func checkBooks(of worker: String, planned: Int) async throws {
        let position = try await position(worker)
        #expect(position == Position(base: 0, next: Int64(planned), planned: Int64(planned)))
        for book in try await bench.ledger.books(of: worker) { #expect(book.unaccounted == 0) }
    }

    /// By buyer: the Message-ID of each message that came.
    func copies() -> [String: [String]] { sandbox.copies() }

    /// The buyers of the first `count` orders to whom nothing came.
    func missing(from copies: [String: [String]], of count: Int) -> [Int] {
        (1...count).filter { copies["buyer\($0)@example.org"] == nil }
    }
}

extension SandboxProcess {
    /// By recipient: the Message-ID of each message that came.
    func copies() -> [String: [String]] {
        var copies: [String: [String]] = [:]
        for message in mailbox.newest(limit: 10_000) {
            let lines = String(decoding: message.bytes, as: UTF8.self).split(separator: "\r\n")
            let id = lines.first { $0.lowercased().hasPrefix("message-id:") } ?? ""
            copies[message.recipients.first ?? "", default: []].append(String(id))
        }
        return copies
    }
}
