import Synchronization
import Testing

@testable import Kafka

/// Reads everything from the given start, and remembers it.
final class RememberingOwner: PartitionOwner {
    struct Seen {
        var values: [TopicPartition: [Int64]] = [:]
        var stopped: [(TopicPartition, any Error)] = []
        var finished: [TopicPartition] = []
    }
    let seen = Mutex(Seen())
    let positions: @Sendable (TopicPartition) throws -> StartOffset
    let onRecords: @Sendable (Int) -> Void
    let changed = Changes()

    init(
        positions: @escaping @Sendable (TopicPartition) throws -> StartOffset = { _ in .beginning },
        onRecords: @escaping @Sendable (Int) -> Void = { _ in }
    ) {
        self.positions = positions
        self.onRecords = onRecords
    }

    func start(of partition: TopicPartition) async throws -> StartOffset { try positions(partition) }

    func consume(_ stream: PartitionStream) async throws {
        while let records = try await stream.next(maximum: 100) {
            seen.withLock { $0.values[stream.partition, default: []] += records.map(\.offset) }
            stream.commit(records.last!.offset + 1, metadata: "beat 7")
            changed.note()
        }
        seen.withLock { $0.finished.append(stream.partition) }
        changed.note()
    }

    func partitionStopped(_ partition: TopicPartition, error: any Error) async {
        seen.withLock { $0.stopped.append((partition, error)) }
        changed.note()
    }

    /// Waits until what was seen is as wished.
    func until(_ isEnough: (Seen) -> Bool) async {
        while true {
            let version = changed.version
            if seen.withLock({ isEnough($0) }) { return }
            await changed.wait(after: version)
        }
    }
}

/// Something changed: whoever waits looks again.
final class Changes: Sendable {
    private struct State {
        var version = 0
        var waiters: [CheckedContinuation<Void, Never>] = []
    }
    private let state = Mutex(State())
    var version: Int { state.withLock { $0.version } }

    func note() {
        let waiters = state.withLock { state in
            state.version += 1
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.resume() }
    }

    func wait(after version: Int) async {
        await withCheckedContinuation { continuation in
            let isDone = state.withLock { state in
                if state.version == version { state.waiters.append(continuation) }
                return state.version != version
            }
            if isDone { continuation.resume() }
        }
    }
}

@Suite("Consumer on the embedded broker") struct ConsumerTests {
    @Test("each partition is read from its owner's position; one without stops alone; closing leaves nothing open")
    func positions() async throws {
        let broker = try EmbeddedBroker()
        defer { broker.stop() }
        try broker.create(topic: "orders", partitions: 3)
        let producer = try Producer(broker.properties)
        for partition in 0..<3 {
            let records = (0..<10).map { _ in
                OutgoingRecord(topic: "orders", partition: Int32(partition), key: [], value: [1])
            }
            _ = try await producer.sendAll(records)
        }
        struct NoPosition: Error {}
        let owner = RememberingOwner(positions: { partition in
            switch partition.partition {
            case 0: .beginning
            case 1: .offset(7)
            default: throw NoPosition()
            }
        })
        let consumer = try Consumer(broker.properties, group: "positions", topics: ["orders"], owner: owner)
        await consumer.ready()
        let place = { TopicPartition(topic: "orders", partition: $0) }
        await owner.until {
            $0.values[place(0)]?.count == 10 && $0.values[place(1)]?.count == 3 && $0.stopped.count == 1
        }
        #expect(owner.seen.withLock { $0.values[place(1)] } == [7, 8, 9])
        #expect(owner.seen.withLock { $0.stopped[0].0 } == place(2))
        await consumer.close(timeout: .seconds(8))
        #expect(owner.seen.withLock { Set($0.finished) } == [place(0), place(1)])
        let admin = try Admin(broker.properties)
        let committed = try await admin.committed(
            group: "positions", (0..<3).map(place), timeout: .seconds(10))
        #expect(
            committed == [
                place(0): CommittedPosition(nextOffset: 10, metadata: "beat 7"),
                place(1): CommittedPosition(nextOffset: 10, metadata: "beat 7"),
            ])
        let unknown = try await admin.committed(group: "nobody's", [place(0)], timeout: .seconds(10))
        #expect(unknown.isEmpty)
        await admin.close()
        await producer.close(timeout: .seconds(2))
    }
}
