import Access
import Database
import Kafka
import Ledger
import Synchronization
import Telemetry
import Testing

@testable import Control

/// An embedded broker with topic `control`, and a ledger in memory whose clock stands where it is put.
final class ControlBroker: Sendable {
    let broker: EmbeddedBroker
    let ledger: Ledger
    let producer: Producer
    let metrics = Metrics()
    let log = Log(process: "test", write: { _ in })
    private let clock: PlayedClock

    init(partitions: Int32 = 2) async throws {
        broker = try EmbeddedBroker()
        try broker.create(topic: ControlSnapshot.topic, partitions: partitions)
        producer = try Producer(broker.properties)
        let clock = PlayedClock()
        self.clock = clock
        ledger = Ledger(database: try SQLiteDatabase(path: ":memory:", now: { clock.now }), sealing: nil)
        try await ledger.migrate()
    }

    func replica() -> ControlReplica { ControlReplica(broker.properties, metrics: metrics, log: log) }
    func drain(as owner: String = "one") async throws {
        try await OutboxDrainer.drainOnce(ledger: ledger, producer: producer, owner: owner)
    }
    func wait(milliseconds: Int64) { clock.move(milliseconds) }

    func publish(_ key: String, _ value: [UInt8]?) async throws {
        _ = try await producer.send(OutgoingRecord(topic: ControlSnapshot.topic, key: Array(key.utf8), value: value))
    }

    /// How many records lie on the topic.
    func records() async throws -> Int {
        let reader = try await TopicReader(broker.properties, topic: ControlSnapshot.topic)
        defer { Task { await reader.close(timeout: .seconds(1)) } }
        return Int(reader.endsAtOpening.values.reduce(0, +))
    }

    func stop(_ replicas: ControlReplica...) async {
        for replica in replicas { await replica.stop(by: .now + .seconds(2)) }
        await producer.close(timeout: .seconds(1))
        await ledger.close()
        broker.stop()
    }

    /// Looks again and again: what another thread has read of the topic tells of nothing by itself.
    func until(_ what: String, within time: Duration = .seconds(10), _ isSo: () -> Bool) async throws {
        let deadline = ContinuousClock.now + time
        while !isSo() {
            try #require(.now < deadline, "waited in vain: \(what)")
            try await Task.sleep(for: .milliseconds(5))
        }
    }

    func counted(_ effect: String) -> Bool {
        metrics.rendered().contains("orderrelay_control_records_total{effect=\"\(effect)\"}")
    }
}

private final class PlayedClock: Sendable {
    private let time = Mutex<Int64>(1_790_000_000_000)
    var now: Int64 { time.withLock { $0 } }
    func move(_ milliseconds: Int64) { time.withLock { $0 += milliseconds } }
}
