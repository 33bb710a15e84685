import Foundation
import Kafka
import Support
import Testing

/// What tests of the Kafka module ask of a real one. Starting and stopping brokers takes seconds, so it is done on
/// threads of its own: tests beside it go on.
extension RealKafka {
    /// The broker that all tests share which do it no harm.
    static func running() async throws -> RealKafka {
        try await onThread { try #require(shared, "no real Kafka could be started") }
    }

    /// A cluster of its own, for tests that kill and restart brokers.
    static func ownCluster() async throws -> RealKafka { try await onThread { try RealKafka(brokers: 1) } }

    var properties: ClientProperties { ClientProperties(bootstrapServers: bootstrapServers) }

    /// A name that no other test uses.
    func fresh(_ name: String) -> String { "\(name)-\(UUID().uuidString.prefix(8).lowercased())" }

    /// Creates a topic with a new name, and returns the name.
    func topic(_ name: String, partitions: Int32, configuration: [String: String] = [:]) async throws -> String {
        let name = fresh(name)
        let admin = try Admin(properties)
        let specification = TopicSpecification(name: name, partitions: partitions, configuration: configuration)
        _ = try await admin.create([specification], timeout: .seconds(20))
        await admin.close()
        return name
    }

}

extension Trait where Self == ConditionTrait {
    /// The test needs a real Kafka.
    static var needsRealKafka: Self { .enabled(if: RealKafka.isHere, "no real Kafka is here") }
}
