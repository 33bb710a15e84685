import Foundation
import Kafka
import Ledger
import Support
import Synchronization
import Testing

/// Workers that come and go while records are being taken in, on a real Kafka.
@Suite("A rebalance in the middle of a batch", .enabled(if: RealKafka.isHere), .serialized)
struct RebalanceTests {
    @Test(
        "a second worker joins, the first leaves and comes back: each order is counted once, no batch is undone",
        .timeLimit(.minutes(3)), arguments: LedgerMaker.shared)
    func oneBroker(maker: LedgerMaker) async throws {
        let scene = try await RebalanceScene(brokers: 1, maker)
        try await scene.comingAndGoing { _ in }
        // On revoke a worker finishes the batch that it has open before the partition moves: so nobody finds the
        // position moved on under a batch of its own.
        #expect(scene.fenced.now == 0)
        try await scene.end()
    }

    @Test("the same on three brokers, one of which dies and comes back meanwhile", .timeLimit(.minutes(4)))
    func threeBrokers() async throws {
        let scene = try await RebalanceScene(brokers: 3, LedgerMaker.shared[0])
        try await scene.comingAndGoing { change in
            if change == 1 { try await scene.relay.kafka.ask("kill", "2") }
            if change == 2 { try await scene.relay.kafka.ask("restart", "2") }
        }
        try await scene.end()
    }
}

/// Orders that keep coming, and `analytics` as processes that come and go.
private final class RebalanceScene: Sendable {
    /// Published at once; a few of these make a batch.
    private static let burst = 200

    let relay: Relay
    let ledger: Ledger
    /// Batches that found their position moved by another, over all processes.
    let fenced = Shared(0)
    private let published = Shared(0)
    private let isStopping = Atomic(false)

    init(brokers: Int, _ maker: LedgerMaker) async throws {
        // A broker that is gone is noticed after 3 s instead of 9.
        let options = "broker.session.timeout.ms=3000;broker.heartbeat.interval.ms=500"
        relay = Relay(
            on: try await onThread { try RealKafka(brokers: brokers, options: options) }, ledger: try await maker.url())
        _ = try await relay.told("topics", "create")
        _ = try await relay.told("migrate")
        ledger = try Ledger.open(url: relay.environment["DATABASE_URL"]!, sealing: nil, now: { 0 })
    }

    /// - Parameter between: what else happens after each change of the group.
    func comingAndGoing(_ between: (Int) async throws -> Void) async throws {
        let publishing = Task { try await publish() }
        var first = try relay.start("analytics")
        try await relay.waitUntilReady(first)
        try await takenIn("the first takes orders in")
        let second = try relay.start("analytics")
        try await relay.waitUntilReady(second)
        try await between(1)
        try await takenIn("both take orders in")
        try await leave(first)
        try await takenIn("the second goes on alone")
        try await between(2)
        first = try relay.start("analytics")
        try await relay.waitUntilReady(first)
        try await takenIn("both take orders in again")
        isStopping.store(true, ordering: .relaxed)
        try await publishing.value
        try await eventually("every order is taken in") { try await planned() == published.now }
        for member in [first, second] { try await leave(member) }
    }

    private func leave(_ member: Member) async throws {
        let count = try await member.metric("orderrelay_intake_fenced_total")
        fenced.change { $0 += Int(count) }
        try await relay.stop(member)
    }

    /// Waits until some more have been taken in, the work still going on.
    private func takenIn(_ what: String) async throws {
        let before = try await planned()
        try await eventually(what) { try await planned() > before + 5 * Self.burst }
    }

    /// Orders taken in, over all partitions.
    private func planned() async throws -> Int { try await positions().reduce(0) { $0 + Int($1.planned) } }

    private func positions() async throws -> [Position] {
        let admin = try Admin(relay.kafka.properties)
        let cluster = try await admin.clusterID(timeout: .seconds(10))
        await admin.close()
        var positions: [Position] = []
        for partition in 0..<12 as Range<Int32> {
            let source = LogPartition(cluster: cluster, topic: "orders", partition: partition)
            if let position = try await ledger.position(of: "analytics", in: source) { positions.append(position) }
        }
        return positions
    }

    /// Publishes until it is stopped; every record is acknowledged in the end, by its first or a later try.
    private func publish() async throws {
        let producer = try Producer(relay.kafka.properties)
        while !isStopping.load(ordering: .relaxed) {
            let first = published.now + 1
            var records = (first..<first + Self.burst).map { outgoingRecord(event($0)) }
            while !records.isEmpty {
                let answers = try await producer.sendAll(records, timeout: .seconds(12))
                records = zip(records, answers).compactMap { record, answer in
                    if case .failure = answer { record } else { nil }
                }
            }
            published.change { $0 += Self.burst }
            try await Task.sleep(for: .milliseconds(50))
        }
        await producer.close(timeout: .seconds(2))
    }

    func end() async throws {
        let count = published.now
        // What was sent twice, since its first acknowledgement was lost with a broker, folded.
        for position in try await positions() { #expect(position.skipped == 0 && position.lost == 0) }
        #expect(try await planned() == count)
        let buckets = try await ledger.statistics(
            StatisticsFilter(account: "acme", minutes: 0..<Int64.max / 60_000))
        #expect(buckets.reduce(0) { $0 + $1.value.orders } == Int64(count))
        await ledger.close()
        try await relay.kafka.ask("wipe")
    }
}
