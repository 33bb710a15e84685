import Testing

@testable import Kafka

@Suite("Producer") struct ProducerTests {
    @Test("a record that was acknowledged is on the topic, as it was sent")
    func acknowledgedIsOnTopic() async throws {
        let broker = try EmbeddedBroker()
        defer { broker.stop() }
        try broker.create(topic: "orders", partitions: 3)
        let producer = try Producer(broker.properties)
        let record = OutgoingRecord(
            topic: "orders", partition: 1, key: [1, 2], value: [0, 255, 7],
            headers: [RecordHeader("ce_id", [65]), RecordHeader("empty", [])])
        let acknowledgement = try await producer.send(record)
        #expect(acknowledgement == Acknowledgement(partition: 1, offset: 0))

        let reader = try await TopicReader(broker.properties, topic: "orders")
        #expect(reader.endsAtOpening == [0: 0, 1: 1, 2: 0])
        let read = try #require(try await reader.next(maximum: 10))
        #expect(read.count == 1)
        #expect(read[0].key == [1, 2])
        #expect(read[0].value == [0, 255, 7])
        #expect(read[0].headers == record.headers)
        #expect(read[0].source == TopicPartition(topic: "orders", partition: 1))
        #expect(!read[0].isTimestampFromBroker)
        await reader.close(timeout: .seconds(2))
        await producer.close(timeout: .seconds(2))
    }

    @Test("a tombstone is read as one, and an empty value is not a tombstone")
    func tombstones() async throws {
        let broker = try EmbeddedBroker()
        defer { broker.stop() }
        try broker.create(topic: "control", partitions: 1)
        let producer = try Producer(broker.properties)
        _ = try await producer.send(OutgoingRecord(topic: "control", key: [1], value: nil))
        _ = try await producer.send(OutgoingRecord(topic: "control", key: [2], value: []))
        let reader = try await TopicReader(broker.properties, topic: "control")
        var values: [[UInt8]?] = []
        while values.count < 2 { values += try #require(try await reader.next(maximum: 10)).map(\.value) }
        #expect(values == [nil, []])
        await reader.close(timeout: .seconds(2))
        await producer.close(timeout: .seconds(2))
    }

    @Test("records sent together are answered in their order, and keep it within a partition")
    func batches() async throws {
        let broker = try EmbeddedBroker()
        defer { broker.stop() }
        try broker.create(topic: "orders", partitions: 1)
        let producer = try Producer(broker.properties)
        let records = (0..<500).map { OutgoingRecord(topic: "orders", key: [1], value: [UInt8($0 % 256)]) }
        let answers = try await producer.sendAll(records)
        #expect(try answers.map { try $0.get().offset } == Array(0..<500))
        #expect(producer.outstanding == 0)
        await producer.close(timeout: .seconds(2))
    }
}
