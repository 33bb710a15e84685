import Foundation
import Kafka
import Ledger
import Lifecycle
import Orders
import Sandbox
import Support
import Telemetry
import Testing

/// Orders at a steady rate, and some `confirmations` with a mail server that takes everything.
final class MembershipScene: Sendable {
    private static let worker = "confirmations"
    /// At once, ten times a second: five orders a second for each partition, which a debug build beside others keeps up with.
    private static let burst = 6
    /// A delivery that takes longer is late: a bound of the metric's.
    private static let lateSeconds = 8

    let relay: Relay
    private let hasLastingIDs: Bool
    private let ledger: Ledger
    private let sandbox: SandboxProcess
    private let cluster: String
    private let members = Shared<[Int: Member]>([:])
    /// Every process that there was, with its name.
    private let all = Shared<[(name: String, member: Member)]>([])
    private let isOver: Shared<Bool>
    private let publishing: Task<Int, any Error>
    /// Deliveries that took longer than they may, and all.
    private let deliveries = Shared<(late: Double, all: Double)>((0, 0))

    /// What became of a rolling restart.
    struct Restart: CustomStringConvertible {
        /// How often a partition moved.
        var mean: Double
        var most: Int
        /// Seconds from a process's start until every partition was read again.
        var longest: Double
        var description: String {
            String(format: "%.2f times, at most %d; all read again after at most %.2f s", mean, most, longest)
        }
    }

    /// Starts everything; returns once every partition is read.
    init(members count: Int, hasLastingIDs: Bool = false) async throws {
        self.hasLastingIDs = hasLastingIDs
        let kafka = try await onThread { try RealKafka(brokers: 1, options: "group.initial.rebalance.delay.ms=0") }
        sandbox = SandboxProcess(log: Log(process: "sandbox", write: { _ in }))
        try await sandbox.start()
        relay = Relay(
            on: kafka,
            ["SMTP_URL": "smtp://127.0.0.1:\(sandbox.smtpPort!)?tls=never", "MAIL_FROM": "orders@shop.example"],
            ledger: try await LedgerMaker.shared.last?.url(), hasOwnTimes: true)
        _ = try await relay.told("topics", "create")
        let account = try await relay.told("account", "create", "Shop")
        ledger = try Ledger.open(
            url: relay.environment["DATABASE_URL"]!, sealing: nil, now: { SystemTime().wall.milliseconds })
        let admin = try Admin(kafka.properties)
        cluster = try await admin.clusterID(timeout: .seconds(10))
        await admin.close()
        let isOver = Shared(false)
        self.isOver = isOver
        publishing = Task { try await Self.publish(kafka, account, until: isOver) }
        for number in 0..<count { try start(number) }
        for number in 0..<count { try await relay.waitUntilReady(member(number)) }
        try await waitUntilAllIsRead()
    }

    /// How many there were in the end.
    private static func publish(_ kafka: RealKafka, _ account: String, until isOver: Shared<Bool>) async throws -> Int {
        let producer = try Producer(kafka.properties)
        var count = 0
        var next = ContinuousClock.now
        while !isOver.now {
            let now = SystemTime().wall
            let records = (count + 1...count + burst).map { outgoingRecord(event($0, account: account, at: now)) }
            for answer in try await producer.sendAll(records, timeout: .seconds(12)) { _ = try answer.get() }
            count += burst
            next += .milliseconds(100)
            try await Task.sleep(until: next)
        }
        await producer.close(timeout: .seconds(2))
        return count
    }

    // MARK: Members

    func member(_ number: Int) -> Member { members.now[number]! }

    private func start(_ number: Int) throws {
        let member = try startAnother(as: number)
        members.change { $0[number] = member }
    }

    /// A process with the lasting id of another, if there are any.
    func startAnother(as number: Int) throws -> Member {
        let id = hasLastingIDs ? ["KAFKA_GROUP_INSTANCE_ID": "\(Self.worker)-\(number)"] : [:]
        let member = try relay.start(Self.worker, id)
        all.change { $0.append(("process \($0.count)", member)) }
        return member
    }

    /// Seconds from the process's start until every partition was read again.
    func join(_ number: Int) async throws -> Double {
        try await took {
            try start(number)
            try await relay.waitUntilReady(member(number))
        }
    }

    /// Seconds from asking the process to end until every partition was read again.
    func leave(_ number: Int) async throws -> Double {
        try await took { try await stop(number) }
    }

    /// One after another: it ends, and once it has another one is started in its place, and waited for.
    func rollingRestart() async throws -> Restart {
        let began = SystemTime().wall
        var longest = 0.0
        for number in members.now.keys.sorted() {
            try await stop(number)
            longest = max(longest, try await join(number))
        }
        let counts = try moves(since: began)
        #expect(counts.count == 12, "\(counts)")
        let sum = counts.values.reduce(0, +)
        return Restart(mean: Double(sum) / Double(counts.count), most: counts.values.max() ?? 0, longest: longest)
    }

    private func stop(_ number: Int) async throws {
        let member = member(number)
        members.change { $0[number] = nil }
        try await noteDeliveries(of: member)
        try await relay.stop(member)
    }

    private func took(_ change: () async throws -> Void) async throws -> Double {
        let began = ContinuousClock.now
        try await change()
        try await waitUntilAllIsRead()
        return (ContinuousClock.now - began) / .seconds(1)
    }

    // MARK: What is seen

    /// Returns once each partition has been read on since the call.
    func waitUntilAllIsRead() async throws {
        let before = try await positions()
        try await eventually("every partition is read") {
            let now = try await positions()
            return now.count == 12 && now.allSatisfy { $0.value.next > before[$0.key]?.next ?? -1 }
        }
    }

    private func positions() async throws -> [LogPartition: Position] {
        try await ledger.positions(of: Self.worker, cluster: cluster)
    }

    private func moves(since start: Timestamp) throws -> [Int: Int] {
        var moves = PartitionMoves()
        for (name, member) in all.now { try moves.read(member.lines(with: "partitions were assigned"), of: name) }
        return moves.counts(since: start)
    }

    /// A process's metrics end with it.
    private func noteDeliveries(of member: Member) async throws {
        let name = "orderrelay_delivery_accepted_to_delivered_seconds"
        let soon = try await member.metric("\(name)_bucket", having: "le=\"\(Self.lateSeconds)\"")
        let count = try await member.metric("\(name)_count")
        deliveries.change { $0 = ($0.late + count - soon, $0.all + count) }
    }

    /// Waits until everything is delivered, and ends everything.
    ///
    /// - Returns: the share of deliveries that took longer than they may.
    func end() async throws -> Double {
        isOver.now = true
        let count = try await publishing.value
        try await eventually("everything is delivered") {
            let rows = try await ledger.books(of: Self.worker).first?.rows ?? [:]
            return rows[.done] == Int64(count)
        }
        for number in members.now.keys.sorted() { try await stop(number) }
        #expect(deliveries.now.all >= 0.9 * Double(count), "\(deliveries.now) of \(count)")
        await abandon()
        return deliveries.now.late / deliveries.now.all
    }

    /// Ends what the scene runs beside its members.
    func abandon() async {
        isOver.now = true
        _ = try? await publishing.value
        await ledger.close()
        await sandbox.stop(by: .now + .seconds(2))
        relay.kafka.wipe()
    }
}
