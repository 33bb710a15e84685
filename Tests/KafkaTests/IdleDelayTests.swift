import Support
import Testing

@testable import Kafka

@Suite("The embedded broker while nobody sends", .timeLimit(.minutes(1))) struct IdleDelayTests {
    private static let delay = Duration.milliseconds(Int(IdleDelay.delayMilliseconds))

    @Test("it answers late, and a record that is sent then reaches a waiting reader at once all the same")
    func lateUntilSent() async throws {
        let broker = try EmbeddedBroker(restsWhenIdle: true)
        defer { broker.stop() }
        let idleDelay = try #require(broker.idleDelay)
        try broker.create(topic: "orders", partitions: 3)
        let producer = try Producer(broker.properties)
        try await producer.warmUp(topics: ["orders"], timeout: .seconds(5))
        let reader = try await TopicReader(broker.properties, topic: "orders")
        #expect(try await reader.next(maximum: 1)?.isEmpty == true)

        var ways: [Duration] = []
        for number in 0..<5 as Range<UInt8> {
            try await eventually("nobody sends for a while") { !idleDelay.isLifted }
            let start = ContinuousClock.now
            _ = try await producer.send(OutgoingRecord(topic: "orders", partition: 0, key: [], value: [number]))
            #expect(try await reader.next(maximum: 1)?.map(\.value) == [[number]])
            ways.append(.now - start)
        }
        #expect(ways.sorted()[2] < Self.delay, "\(ways)")

        try await eventually("nobody sends for a while") { !idleDelay.isLifted }
        let start = ContinuousClock.now
        try await producer.warmUp(topics: ["orders"], timeout: .seconds(5))
        #expect(.now - start >= Self.delay)
        await reader.close(timeout: .seconds(1))
        await producer.close(timeout: .seconds(1))
    }

    @Test("a broker that is stopped is gone, whoever still knows its address")
    func stopped() async throws {
        let broker = try EmbeddedBroker(restsWhenIdle: true)
        try broker.create(topic: "orders", partitions: 1)
        let properties = broker.properties
        let producer = try Producer(properties)
        try await producer.warmUp(topics: ["orders"], timeout: .seconds(5))
        await producer.close(timeout: .seconds(1))
        broker.stop()
        let late = try Producer(properties)
        await #expect(throws: KafkaError.self) {
            try await late.warmUp(topics: ["orders"], timeout: .milliseconds(500))
        }
        await late.close(timeout: .seconds(1))
    }
}
