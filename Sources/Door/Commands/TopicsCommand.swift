import CommandLine
import Kafka

/// `topics create`, `topics check`.
enum TopicsCommand {
    private static let timeout: Duration = .seconds(15)

    static let actions = [
        Action(Command("topics create", "creates the missing topics")) { base, _ in
            try await base.patiently(waitingFor: "Kafka") { try await base.withAdmin(create) }
        },
        Action(
            Command("topics check", "compares the cluster's topics with the required ones, and prints the differences")
        ) { base, _ in try await base.withAdmin(check) },
    ]

    private static func create(_ admin: Admin) async throws {
        let created = try await admin.create(Topics.all, timeout: timeout)
        for topic in Topics.all {
            print(topic.name, created.contains(topic.name) ? "created" : "exists", separator: "\t")
        }
    }

    private static func check(_ admin: Admin) async throws {
        let differences = try await differences(admin, brokers: try await admin.brokerCount(timeout: timeout))
        for difference in differences { print(difference) }
        if !differences.isEmpty {
            throw Failure("the cluster's topics have \(differences.count) differences from the required ones")
        }
    }

    /// What the cluster's topics lack, a sentence each.
    static func differences(_ admin: Admin, brokers: Int) async throws(KafkaError) -> [String] {
        let found = try await admin.describe(Topics.all.map(\.name), timeout: timeout)
        return Topics.all.flatMap { topic in
            found.first { $0.name == topic.name }.map { topic.differences(from: $0, brokers: brokers) }
                ?? ["\(topic.name) is missing: `orderrelay topics create` creates it"]
        }
    }
}

extension TopicSpecification {
    /// The differences, a sentence each.
    func differences(from there: TopicDescription, brokers: Int) -> [String] {
        var differences: [String] = []
        if there.partitions != partitions {
            differences.append("\(name) has \(there.partitions) partitions, not \(partitions)")
        }
        let replication = replication ?? (brokers >= 3 ? 3 : 1)
        if there.replication < replication {
            differences.append("\(name) has replication \(there.replication), not \(replication)")
        }
        for (property, value) in configuration.sorted(by: { $0.key < $1.key })
        where there.configuration[property] != value {
            differences.append("\(name) has \(property) \(there.configuration[property] ?? "unset"), not \(value)")
        }
        return differences
    }
}
