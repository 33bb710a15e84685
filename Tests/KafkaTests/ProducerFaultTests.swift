import CLibrdkafka
import Testing

@testable import Kafka

@Suite("Producer, when things go wrong") struct ProducerFaultTests {
    func broker(answeringAfter milliseconds: Int32 = 0) throws -> EmbeddedBroker {
        let broker = try EmbeddedBroker()
        try broker.create(topic: "orders", partitions: 1)
        try slow(broker, milliseconds)
        return broker
    }

    func slow(_ broker: EmbeddedBroker, _ milliseconds: Int32) throws {
        try broker.withMock { mock throws(KafkaError) in _ = rd_kafka_mock_broker_set_rtt(mock, 1, milliseconds) }
    }

    let record = OutgoingRecord(topic: "orders", key: [1], value: [1])

    /// Returns once `count` records wait for their acknowledgements. Bounded: where the answers came before this
    /// looked, it would look for ever.
    private func handedOver(_ count: Int, to producer: Producer) async throws {
        let deadline = ContinuousClock.now + .seconds(10)
        while producer.outstanding < count {
            try #require(ContinuousClock.now < deadline, "\(producer.outstanding) of \(count) records wait")
            await Task.yield()
        }
    }

    @Test("a full queue is an immediate error, and nothing was sent")
    func queueFull() async throws {
        let broker = try broker()
        defer { broker.stop() }
        var properties = broker.properties
        properties.values["queue.buffering.max.messages"] = "3"
        let producer = try Producer(properties)
        try await producer.warmUp(topics: ["orders"], timeout: .seconds(5))
        try slow(broker, 700)
        let began = ContinuousClock.now
        let answers = try await producer.sendAll(Array(repeating: record, count: 5))
        let codes = answers.map { if case .failure(let error) = $0 { error.code } else { nil as KafkaError.Code? } }
        #expect(codes == [nil, nil, nil, .queueFull, .queueFull])
        #expect(ContinuousClock.now - began < .seconds(5))
        await producer.close(timeout: .seconds(3))
    }

    @Test("a full queue answers at once while the records before it still wait")
    func queueFullAtOnce() async throws {
        let broker = try broker()
        defer { broker.stop() }
        var properties = broker.properties
        properties.values["queue.buffering.max.messages"] = "1"
        let producer = try Producer(properties)
        try await producer.warmUp(topics: ["orders"], timeout: .seconds(5))
        try slow(broker, 1500)
        async let first = producer.send(record)
        try await handedOver(1, to: producer)
        let error = await #expect(throws: KafkaError.self) { try await producer.send(self.record) }
        #expect(error?.code == .queueFull)
        #expect(error?.isRetriable == true)
        #expect(producer.outstanding == 1, "the first record was answered before the second was refused")
        _ = try await first
        await producer.close(timeout: .seconds(3))
    }

    @Test("no answer in time is .timedOut at the deadline, and the report that comes later does no harm")
    func lateReport() async throws {
        let broker = try broker()
        defer { broker.stop() }
        let producer = try Producer(broker.properties)
        try await producer.warmUp(topics: ["orders"], timeout: .seconds(5))
        _ = try await producer.send(record)
        try slow(broker, 2500)
        let began = ContinuousClock.now
        let error = await #expect(throws: KafkaError.self) {
            try await producer.send(self.record, timeout: .milliseconds(150))
        }
        #expect(error?.code == .timedOut)
        #expect(error?.isRetriable == true)
        #expect((Duration.milliseconds(150)..<(.milliseconds(2400))).contains(ContinuousClock.now - began))
        #expect(producer.outstanding == 0)
        let client = try #require(producer.client)
        #expect(client.lateReportCount == 0)
        // The next answer comes behind the late one, on the same connection.
        #expect(try await producer.send(record).offset == 2)
        #expect(client.lateReportCount == 1)
        await producer.close(timeout: .seconds(3))
    }

    @Test("a fatal client answers everyone who waits with .fatal, and a fresh one takes over")
    func fatal() async throws {
        let broker = try broker()
        defer { broker.stop() }
        let producer = try Producer(broker.properties)
        try await producer.warmUp(topics: ["orders"], timeout: .seconds(5))
        try slow(broker, 3000)
        async let waiting = producer.sendAll(Array(repeating: record, count: 10))
        try await handedOver(10, to: producer)
        let old = try #require(producer.client)
        rd_kafka_test_fatal_error(old.native.handle, RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER, "for a test")
        for answer in try await waiting {
            let error = #expect(throws: KafkaError.self) { try answer.get() }
            #expect(error?.code == .fatal)
        }
        #expect(old.isFatal)
        try slow(broker, 0)
        _ = try await producer.send(record)
        #expect(producer.replacements == 1)
        #expect(producer.client !== old)
        await producer.close(timeout: .seconds(3))
    }

    @Test("replacing a client answers who waits, and the producer goes on")
    func replacing() async throws {
        let broker = try broker()
        defer { broker.stop() }
        let producer = try Producer(broker.properties)
        try await producer.warmUp(topics: ["orders"], timeout: .seconds(5))
        try slow(broker, 2000)
        async let waiting = producer.sendAll([record])
        try await handedOver(1, to: producer)
        try producer.replace()
        let answers = try await waiting
        let error = #expect(throws: KafkaError.self) { try answers[0].get() }
        #expect(error?.code == .closed)
        try slow(broker, 0)
        _ = try await producer.send(record)
        await producer.close(timeout: .seconds(3))
    }

    @Test("closing answers what is left, in time, although no broker is there")
    func closingWithoutBroker() async throws {
        let producer = try Producer(ClientProperties(bootstrapServers: "127.0.0.1:1"))
        async let waiting = producer.sendAll([record])
        try await handedOver(1, to: producer)
        let began = ContinuousClock.now
        await producer.close(timeout: .seconds(1))
        #expect(ContinuousClock.now - began < .milliseconds(1500))
        let answers = try await waiting
        let error = #expect(throws: KafkaError.self) { try answers[0].get() }
        #expect(error?.code == .closed)
        let late = await #expect(throws: KafkaError.self) { try await producer.send(self.record) }
        #expect(late?.code == .closed)
    }

    @Test("closing waits for what is on its way")
    func closingWaits() async throws {
        let broker = try broker()
        defer { broker.stop() }
        let producer = try Producer(broker.properties)
        try await producer.warmUp(topics: ["orders"], timeout: .seconds(5))
        try slow(broker, 1500)
        async let waiting = producer.sendAll([record])
        try await handedOver(1, to: producer)
        await producer.close(timeout: .seconds(4))
        #expect(try await waiting[0].get().offset == 0)
    }

    @Test("a record larger than allowed is refused at once")
    func tooLarge() async throws {
        let broker = try broker()
        defer { broker.stop() }
        let producer = try Producer(broker.properties)
        let large = OutgoingRecord(topic: "orders", key: [], value: [UInt8](repeating: 0, count: 2_000_000))
        let error = await #expect(throws: KafkaError.self) { try await producer.send(large) }
        #expect(error?.code == .tooLarge)
        await producer.close(timeout: .seconds(2))
    }

    @Test("a client reports its queues, in figures")
    func statistics() async throws {
        let broker = try broker()
        defer { broker.stop() }
        var properties = broker.properties
        properties.values["statistics.interval.ms"] = "50"
        let (stream, continuation) = AsyncStream<ClientStatistics>.makeStream()
        properties.notice = { if case .statistics(let figures) = $0 { continuation.yield(figures) } }
        let producer = try Producer(properties)
        _ = try await producer.send(record)
        var last: ClientStatistics?
        for await figures in stream where figures.brokersUp == 1 && figures.outstandingRecords == 0 {
            last = figures
            break
        }
        #expect(last?.role == "producer")
        await producer.close(timeout: .seconds(2))
    }
}
