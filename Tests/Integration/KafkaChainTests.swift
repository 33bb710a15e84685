import Foundation
import Kafka
import Support
import Synchronization
import Testing

/// The test that finds the bugs of group members: a chain of topics, each copied to the next by a group whose members
/// come and go; at its end every record of every key is there, in order, without a gap.
/// (After the chain test of franz-go, https://github.com/twmb/franz-go, pkg/kgo/group_test.go.)
@Suite("A chain of groups, on a real Kafka", .needsRealKafka, .serialized) struct KafkaChainTests {
    static let keys = 60
    static let recordsOfKey = 400
    static let batch = 100

    @Test("every record arrives in its key's order while members leave midway", .timeLimit(.minutes(3)))
    func chain() async throws {
        let kafka = try await RealKafka.running()
        let first = try await kafka.topic("chain-1", partitions: 6)
        let second = try await kafka.topic("chain-2", partitions: 7)
        let third = try await kafka.topic("chain-3", partitions: 4)
        let producer = try Producer(kafka.properties, lingerMilliseconds: 5)
        async let filled: Void = fill(first, producer)
        let total = Self.keys * Self.recordsOfKey

        let hops = [
            Hop(kafka, from: first, to: second, producer: producer),
            Hop(kafka, from: second, to: third, producer: producer),
        ]
        let tally = Tally()
        let counting = Task { try await tally.count(third, kafka.properties, until: total) }
        async let firstHop: Void = hops[0].run(members: 3, departures: 6)
        async let secondHop: Void = hops[1].run(members: 3, departures: 6)
        let counted = await counting.result
        for hop in hops { hop.finish() }
        try await filled
        _ = try await (firstHop, secondHop)
        try counted.get()

        let result = tally.result
        #expect(result.gaps == [])
        #expect(result.perKey.count == Self.keys)
        #expect(result.perKey.values.allSatisfy { $0 == Self.recordsOfKey })
        #expect(hops.flatMap { $0.stopped } == [])
        #expect(hops.allSatisfy { $0.departures == 6 })
        // Who leaves in good order has copied its position: nothing is read twice but by a copy that came too late.
        #expect(result.duplicates <= 2 * Self.batch, "\(result.duplicates) of \(total) came twice")
        await producer.close(timeout: .seconds(5))
    }

    private func fill(_ topic: String, _ producer: Producer) async throws {
        for sequence in 0..<Self.recordsOfKey {
            let records = (0..<Self.keys).map { key in
                OutgoingRecord(topic: topic, key: Array("key-\(key)".utf8), value: Array("\(sequence)".utf8))
            }
            for answer in try await producer.sendAll(records, timeout: .seconds(20)) { _ = try answer.get() }
        }
    }
}

/// A group that copies one topic to the next, keeping its positions in Kafka alone.
private final class Hop: PartitionOwner {
    private struct State {
        var copied = 0
        var departures = 0
        var stopped: [String] = []
        var isFinished = false
        var waiter: CheckedContinuation<Void, Never>?
        var wanted = 0
    }
    let kafka: RealKafka
    let source: String
    let target: String
    let group: String
    let producer: Producer
    private let admin: Admin
    private let state = Mutex(State())

    init(_ kafka: RealKafka, from source: String, to target: String, producer: Producer) {
        self.kafka = kafka
        self.source = source
        self.target = target
        group = "copy-\(source)"
        self.producer = producer
        admin = try! Admin(kafka.properties)
    }

    var stopped: [String] { state.withLock { $0.stopped } }
    var departures: Int { state.withLock { $0.departures } }

    /// Keeps `members` in the group; one leaves and another comes each time a share of the records was copied.
    func run(members: Int, departures: Int) async throws {
        var consumers = try (0..<members).map { _ in try member() }
        let total = KafkaChainTests.keys * KafkaChainTests.recordsOfKey
        for departure in 1...departures {
            await copied(atLeast: total * departure / (departures + 2))
            await consumers.removeFirst().close(timeout: .seconds(10))
            consumers.append(try member())
            state.withLock { $0.departures += 1 }
        }
        await copied(atLeast: .max)
        for consumer in consumers { await consumer.close(timeout: .seconds(10)) }
        await admin.close()
    }

    /// Everything has arrived.
    func finish() {
        state.withLock { state in
            state.isFinished = true
            defer { state.waiter = nil }
            return state.waiter
        }?.resume()
    }

    private func member() throws -> Consumer {
        try Consumer(kafka.properties, group: group, topics: [source], owner: self)
    }

    private func copied(atLeast count: Int) async {
        await withCheckedContinuation { continuation in
            let isDone = state.withLock { state in
                let isDone = state.isFinished || state.copied >= count
                if !isDone {
                    state.waiter = continuation
                    state.wanted = count
                }
                return isDone
            }
            if isDone { continuation.resume() }
        }
    }

    // MARK: Its partitions

    func start(of partition: TopicPartition) async throws -> StartOffset {
        let committed = try await admin.committed(group: group, [partition], timeout: .seconds(10))
        return committed[partition].map { .offset($0.nextOffset) } ?? .beginning
    }

    func consume(_ stream: PartitionStream) async throws {
        while let records = try await stream.next(maximum: KafkaChainTests.batch) {
            let copies = records.map { OutgoingRecord(topic: target, key: $0.key!, value: $0.value) }
            for answer in try await producer.sendAll(copies, timeout: .seconds(20)) { _ = try answer.get() }
            stream.commit(records.last!.offset + 1, metadata: "")
            state.withLock { state in
                state.copied += records.count
                guard state.copied >= state.wanted else { return nil as CheckedContinuation<Void, Never>? }
                defer { state.waiter = nil }
                return state.waiter
            }?.resume()
        }
    }

    func partitionStopped(_ partition: TopicPartition, error: any Error) async {
        state.withLock { $0.stopped.append("\(partition): \(error)") }
    }
}

/// Counts what arrives at the end of the chain.
private final class Tally: Sendable {
    struct Result: Sendable {
        /// The next sequence number of each key.
        var perKey: [String: Int] = [:]
        var gaps: [String] = []
        var duplicates = 0
    }
    private let state = Mutex(Result())
    var result: Result { state.withLock { $0 } }

    func count(_ topic: String, _ properties: ClientProperties, until total: Int) async throws {
        let reader = try await TopicReader(properties, topic: topic)
        while let records = try await reader.next(maximum: 1000) {
            let isComplete = state.withLock { state in
                for record in records { state.take(record) }
                return !state.gaps.isEmpty || state.perKey.values.reduce(0, +) == total
            }
            if isComplete { break }
        }
        await reader.close(timeout: .seconds(5))
    }
}

extension Tally.Result {
    mutating func take(_ record: Record) {
        let key = String(decoding: record.key!, as: UTF8.self)
        let sequence = Int(String(decoding: record.value!, as: UTF8.self))!
        let wanted = perKey[key, default: 0]
        if sequence > wanted { gaps.append("\(key): \(sequence) came where \(wanted) was due") }
        if sequence < wanted { duplicates += 1 }
        perKey[key] = max(wanted, sequence + 1)
    }
}
