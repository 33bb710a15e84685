import CLibrdkafka
import Primitives
import Synchronization
import Testing

@testable import Kafka

@Suite("Consumer, when things change") struct ConsumerFaultTests {
    func filled(_ topic: String, partitions: Int32, records: Int) async throws -> EmbeddedBroker {
        let broker = try EmbeddedBroker()
        try broker.create(topic: topic, partitions: partitions)
        let producer = try Producer(broker.properties)
        for partition in 0..<partitions {
            let all = (0..<records).map {
                OutgoingRecord(topic: topic, partition: partition, key: [], value: [UInt8($0 % 256)])
            }
            for answer in try await producer.sendAll(all) { _ = try answer.get() }
        }
        await producer.close(timeout: .seconds(2))
        return broker
    }

    @Test("a position outside the log stops its partition alone, and says so")
    func outOfRange() async throws {
        let broker = try await filled("orders", partitions: 2, records: 5)
        defer { broker.stop() }
        let owner = RememberingOwner(positions: { $0.partition == 0 ? .offset(1000) : .beginning })
        let consumer = try Consumer(broker.properties, group: "range", topics: ["orders"], owner: owner)
        await owner.until { $0.stopped.count == 1 && $0.values.values.first?.count == 5 }
        let (partition, error) = owner.seen.withLock { $0.stopped[0] }
        #expect(partition == TopicPartition(topic: "orders", partition: 0))
        #expect((error as? KafkaError)?.code == .offsetOutOfRange)
        #expect(owner.seen.withLock { Array($0.values.keys) } == [TopicPartition(topic: "orders", partition: 1)])
        await consumer.close(timeout: .seconds(6))
    }

    /// Takes one record of partition 0 and holds it until released; reads partition 1 freely.
    final class BusyOwner: PartitionOwner {
        let release = Once<Void>()
        let isBusy = Once<Void>()
        let other = Mutex(0)
        /// How far the busy one came: after its release it may be given more before the closing reaches it.
        let reached = Mutex<Int64>(0)
        let changed = Changes()
        func start(of partition: TopicPartition) async throws -> StartOffset { .beginning }
        func consume(_ stream: PartitionStream) async throws {
            while let records = try await stream.next(maximum: 10) {
                if stream.partition.partition == 0 {
                    isBusy.open()
                    await release.wait()
                    reached.withLock { $0 = records.last!.offset + 1 }
                } else {
                    other.withLock { $0 += records.count }
                    changed.note()
                }
                stream.commit(records.last!.offset + 1, metadata: "")
            }
        }
        func partitionStopped(_ partition: TopicPartition, error: any Error) async {}
    }

    @Test("a partition whose owner is busy holds no other; closing waits for the owner, then copies its position")
    func busyPartition() async throws {
        let broker = try await filled("orders", partitions: 2, records: 500)
        defer { broker.stop() }
        let owner = BusyOwner()
        let consumer = try Consumer(broker.properties, group: "busy", topics: ["orders"], owner: owner)
        await owner.isBusy.wait()
        while owner.other.withLock({ $0 }) < 500 {
            let version = owner.changed.version
            if owner.other.withLock({ $0 }) == 500 { break }
            await owner.changed.wait(after: version)
        }
        let progress = consumer.progress.first { $0.partition.partition == 0 }
        #expect(progress?.nextOffset == 10)
        #expect(progress?.isWaiting == false)
        async let closed: Void = consumer.close(timeout: .seconds(8))
        owner.release.open()
        await closed
        let admin = try Admin(broker.properties)
        let committed = try await admin.committed(
            group: "busy", [0, 1].map { TopicPartition(topic: "orders", partition: $0) }, timeout: .seconds(5))
        #expect(
            committed.mapValues(\.nextOffset) == [
                TopicPartition(topic: "orders", partition: 0): owner.reached.withLock { $0 },
                TopicPartition(topic: "orders", partition: 1): 500,
            ])
        #expect(owner.reached.withLock { $0 } >= 10)
        await admin.close()
    }

    @Test("an owner that never returns does not keep a consumer from closing, and commits nothing afterwards")
    func hangingOwner() async throws {
        let broker = try await filled("orders", partitions: 1, records: 20)
        defer { broker.stop() }
        let owner = BusyOwner()
        let consumer = try Consumer(broker.properties, group: "hanging", topics: ["orders"], owner: owner)
        await owner.isBusy.wait()
        let began = ContinuousClock.now
        await consumer.close(timeout: .seconds(2))
        #expect(ContinuousClock.now - began < .seconds(3))
        owner.release.open()
        let admin = try Admin(broker.properties)
        let place = TopicPartition(topic: "orders", partition: 0)
        #expect(try await admin.committed(group: "hanging", [place], timeout: .seconds(5))[place] == nil)
        await admin.close()
    }

    @Test("positions are copied with their metadata")
    func metadata() async throws {
        let broker = try await filled("orders", partitions: 1, records: 20)
        defer { broker.stop() }
        let owner = RememberingOwner()
        let consumer = try Consumer(broker.properties, group: "metadata", topics: ["orders"], owner: owner)
        await owner.until { $0.values.values.first?.count == 20 }
        await consumer.close(timeout: .seconds(6))
        let admin = try Admin(broker.properties)
        let place = TopicPartition(topic: "orders", partition: 0)
        let committed = try await admin.committed(group: "metadata", [place], timeout: .seconds(5))
        #expect(committed[place] == CommittedPosition(nextOffset: 20, metadata: "beat 7"))
        await admin.close()
    }

    @Test("when a second member comes, the first drains, and together they read every record once")
    func secondMember() async throws {
        let broker = try await filled("orders", partitions: 4, records: 50)
        defer { broker.stop() }
        let ledger = SharedLedger()
        let first = try Consumer(
            broker.properties, group: "two", topics: ["orders"], owner: LedgerOwner(ledger: ledger, name: "first"))
        await first.ready()
        let second = try Consumer(
            broker.properties, group: "two", topics: ["orders"], owner: LedgerOwner(ledger: ledger, name: "second"))
        await second.ready()
        let producer = try Producer(broker.properties)
        for partition in 0..<Int32(4) {
            _ = try await producer.sendAll(
                (0..<50).map { _ in OutgoingRecord(topic: "orders", partition: partition, key: [], value: [1]) })
        }
        await ledger.until { $0.positions.values.reduce(0, +) >= 400 }
        #expect(first.assignment.count == 2)
        #expect(second.assignment.count == 2)
        await first.close(timeout: .seconds(6))
        await second.close(timeout: .seconds(6))
        #expect(ledger.books.withLock { $0.faults } == [])
        #expect(ledger.books.withLock { Array($0.positions.values) } == [100, 100, 100, 100])
        await producer.close(timeout: .seconds(2))
    }

    @Test("a position that comes late does not hold the others, and its partition is read then")
    func latePosition() async throws {
        let broker = try await filled("orders", partitions: 2, records: 10)
        defer { broker.stop() }
        let owner = LateOwner()
        let consumer = try Consumer(broker.properties, group: "late", topics: ["orders"], owner: owner)
        await consumer.ready()
        await owner.inner.until { $0.values.values.first?.count == 10 && $0.stopped.count == 1 }
        owner.release.open()
        await owner.inner.until { $0.values.count == 2 && $0.values.values.allSatisfy { $0.count == 10 } }
        #expect(owner.inner.seen.withLock { Set($0.values.values) } == [Array(0..<10)])
        await consumer.close(timeout: .seconds(6))
    }

    /// Knows partition 0's position only when released.
    final class LateOwner: PartitionOwner {
        let inner = RememberingOwner()
        let release = Once<Void>()
        func start(of partition: TopicPartition) async throws -> StartOffset {
            if partition.partition == 0 { await release.wait() }
            return .beginning
        }
        func consume(_ stream: PartitionStream) async throws { try await inner.consume(stream) }
        func partitionStopped(_ partition: TopicPartition, error: any Error) async {
            await inner.partitionStopped(partition, error: error)
        }
    }

    /// Keeps positions as a ledger does: a batch that does not continue where the last one ended is a fault.
    final class SharedLedger: Sendable {
        struct Books {
            var positions: [TopicPartition: Int64] = [:]
            var faults: [String] = []
        }
        let books = Mutex(Books())
        let changed = Changes()

        func takeIn(_ records: [Record], by reader: String) {
            books.withLock { books in
                for record in records {
                    let wanted = books.positions[record.source] ?? 0
                    if record.offset != wanted {
                        books.faults.append("\(reader): \(record.source) \(record.offset) not \(wanted)")
                    }
                    books.positions[record.source] = record.offset + 1
                }
            }
            changed.note()
        }

        func until(_ isEnough: (Books) -> Bool) async {
            while true {
                let version = changed.version
                if books.withLock({ isEnough($0) }) { return }
                await changed.wait(after: version)
            }
        }
    }

    struct LedgerOwner: PartitionOwner {
        let ledger: SharedLedger
        let name: String
        func start(of partition: TopicPartition) async throws -> StartOffset {
            .offset(ledger.books.withLock { $0.positions[partition] ?? 0 })
        }
        func consume(_ stream: PartitionStream) async throws {
            while let records = try await stream.next(maximum: 7) {
                ledger.takeIn(records, by: name)
                stream.commit(records.last!.offset + 1, metadata: "")
            }
        }
        func partitionStopped(_ partition: TopicPartition, error: any Error) async {
            ledger.books.withLock { $0.faults.append("\(partition): \(error)") }
        }
    }
}
