import Foundation
import Kafka
import Support
import Synchronization
import Testing

@Suite("A broker that fails, on a real Kafka", .needsRealKafka, .serialized) struct KafkaBrokerFaultTests {
    @Test("what was acknowledged is on the topic once, through a broker's crash and return", .timeLimit(.minutes(3)))
    func crash() async throws {
        let kafka = try await RealKafka.ownCluster()
        let topic = try await kafka.topic("crash", partitions: 2)
        let producer = try Producer(kafka.properties)
        let acknowledged = Mutex<[TopicPartition: Set<Int64>]>([:])
        let refused = Mutex(0)
        let isStopping = Mutex(false)
        let sending = Task {
            var number = 0
            while !isStopping.withLock({ $0 }) {
                let records = (0..<20).map { _ in
                    number += 1
                    return OutgoingRecord(topic: topic, key: Array("\(number)".utf8), value: Array("\(number)".utf8))
                }
                for answer in try await producer.sendAll(records, timeout: .seconds(3)) {
                    switch answer {
                    case .success(let place):
                        acknowledged.withLock {
                            let isNew = $0[TopicPartition(topic: topic, partition: place.partition), default: []]
                                .insert(place.offset).inserted
                            #expect(isNew, "two records got the same place")
                        }
                    case .failure: refused.withLock { $0 += 1 }
                    }
                }
            }
        }
        let owner = CountingOwner()
        let consumer = try Consumer(kafka.properties, group: topic, topics: [topic], owner: owner)
        await consumer.ready()
        await owner.count.reaches(200)
        try await kafka.ask("kill", "1")
        while refused.withLock({ $0 }) == 0 { await Task.yield() }
        try await kafka.ask("restart", "1")
        let before = acknowledged.withLock { $0.values.reduce(0) { $0 + $1.count } }
        while acknowledged.withLock({ $0.values.reduce(0) { $0 + $1.count } }) < before + 200 { await Task.yield() }
        isStopping.withLock { $0 = true }
        try await sending.value
        let total = acknowledged.withLock { $0.values.reduce(0) { $0 + $1.count } }
        await owner.count.reaches(total)
        let read = owner.offsets.withLock { $0 }
        for (partition, offsets) in acknowledged.withLock({ $0 }) {
            #expect(offsets.isSubset(of: read[partition] ?? []), "an acknowledged record of \(partition) was not read")
        }
        #expect(owner.stopped.withLock { $0 } == [])
        await consumer.close(timeout: .seconds(8))
        await producer.close(timeout: .seconds(3))
        try await kafka.ask("wipe")
    }

    @Test(
        "while a broker is frozen, every send ends at its deadline, and closing ends in time", .timeLimit(.minutes(2)))
    func frozen() async throws {
        let kafka = try await RealKafka.ownCluster()
        let topic = try await kafka.topic("frozen", partitions: 1)
        let producer = try Producer(kafka.properties)
        let owner = CountingOwner()
        let consumer = try Consumer(kafka.properties, group: topic, topics: [topic], owner: owner)
        await consumer.ready()
        let record = OutgoingRecord(topic: topic, key: [], value: [1])
        _ = try await producer.send(record)
        try await kafka.ask("freeze", "1")
        let began = ContinuousClock.now
        for answer in try await producer.sendAll([record, record], timeout: .seconds(1)) {
            let error = #expect(throws: KafkaError.self) { try answer.get() }
            #expect(error?.code == .timedOut)
        }
        #expect(ContinuousClock.now - began < .seconds(2))
        let closing = ContinuousClock.now
        await consumer.close(timeout: .seconds(4))
        await producer.close(timeout: .seconds(1))
        #expect(ContinuousClock.now - closing < .seconds(7))
        try await kafka.ask("thaw", "1")
        try await kafka.ask("wipe")
    }

    @Test("a topic that is missing is said to be")
    func missingTopic() async throws {
        let kafka = try await RealKafka.running()
        let (troubles, continuation) = AsyncStream<KafkaError>.makeStream()
        var properties = kafka.properties
        properties.notice = { if case .trouble(let error) = $0 { continuation.yield(error) } }
        let name = kafka.fresh("missing")
        let consumer = try Consumer(properties, group: name, topics: [name], owner: CountingOwner())
        for await error in troubles where error.code == .unknownTopic {
            #expect(error.message.contains(name))
            break
        }
        await consumer.close(timeout: .seconds(5))
        let error = await #expect(throws: KafkaError.self) { _ = try await TopicReader(properties, topic: name) }
        #expect(error?.code == .unknownTopic)
        #expect(error?.message.contains("topics create") == true)
        let producer = try Producer(kafka.properties)
        let refused = await #expect(throws: KafkaError.self) {
            try await producer.warmUp(topics: [name], timeout: .seconds(5))
        }
        #expect(refused?.code == .unknownTopic)
        await producer.close(timeout: .seconds(1))
    }
}

/// Reads everything from the beginning and counts distinct records.
final class CountingOwner: PartitionOwner {
    let offsets = Mutex<[TopicPartition: Set<Int64>]>([:])
    let stopped = Mutex<[String]>([])
    let count = Threshold()

    func start(of partition: TopicPartition) async throws -> StartOffset { .beginning }

    func consume(_ stream: PartitionStream) async throws {
        while let records = try await stream.next(maximum: 500) {
            let total = offsets.withLock { offsets in
                offsets[stream.partition, default: []].formUnion(records.map(\.offset))
                return offsets.values.reduce(0) { $0 + $1.count }
            }
            count.raise(to: total)
        }
    }

    func partitionStopped(_ partition: TopicPartition, error: any Error) async {
        stopped.withLock { $0.append("\(partition): \(error)") }
    }
}

/// A number that only grows, and can be waited for.
final class Threshold: Sendable {
    private struct State {
        var value = 0
        var waiters: [(Int, CheckedContinuation<Void, Never>)] = []
    }
    private let state = Mutex(State())

    func raise(to value: Int) {
        let ready = state.withLock { state in
            state.value = max(state.value, value)
            let ready = state.waiters.filter { $0.0 <= state.value }
            state.waiters.removeAll { $0.0 <= state.value }
            return ready
        }
        for (_, waiter) in ready { waiter.resume() }
    }

    func reaches(_ wanted: Int) async {
        await withCheckedContinuation { continuation in
            let isThere = state.withLock { state in
                if state.value < wanted { state.waiters.append((wanted, continuation)) }
                return state.value >= wanted
            }
            if isThere { continuation.resume() }
        }
    }
}
