import Access
import Kafka
import Ledger
import Support
import Telemetry

@testable import Control

/// An embedded broker with topic `control`, and a ledger in memory whose clock stands where it is put.
final class ControlBroker: Sendable {
    let broker: EmbeddedBroker
    let ledger: Ledger
    let producer: Producer
    let metrics = Metrics()
    let log = Log(process: "test", write: { _ in })
    private let clock = ManualClock()

    init(partitions: Int32 = 2) async throws {
        broker = try EmbeddedBroker()
        try broker.create(topic: ControlSnapshot.topic, partitions: partitions)
        producer = try Producer(broker.properties)
        ledger = try await .made(now: clock.now)
    }

    func replica() -> ControlReplica { ControlReplica(broker.properties, metrics: metrics, log: log) }
    func drain(as owner: String = "one") async throws {
        try await OutboxDrainer.drainOnce(ledger: ledger, producer: producer, owner: owner)
    }
    func wait(milliseconds: Int64) { clock.advance(milliseconds) }

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

    func counted(_ effect: String) -> Bool {
        metrics.rendered().contains("orderrelay_control_records_total{effect=\"\(effect)\"}")
    }
}
