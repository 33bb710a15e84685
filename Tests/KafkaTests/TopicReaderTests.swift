import Testing

@testable import Kafka

@Suite struct TopicReaderTests {
    @Test("without a broker the opening is given up after 5 s: a process that is asked to stop has 10 s in all")
    func awayAtOpening() async throws {
        let began = ContinuousClock.now
        await #expect(throws: KafkaError.self) {
            _ = try await TopicReader(ClientProperties(bootstrapServers: "127.0.0.1:1"), topic: "control")
        }
        #expect(.now - began < .seconds(8))
    }
}
