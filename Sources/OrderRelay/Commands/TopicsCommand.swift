import CommandLine
import Kafka

/// `topics create`, `topics check`.
enum TopicsCommand {
    private static let timeout: Duration = .seconds(15)

    static func run(_ base: Base, _ invocation: Invocation) async throws {
        let admin = try Admin(base.kafka)
        do {
            if invocation.command.path.last == "create" { try await create(admin) } else { try await check(admin) }
        } catch let error as KafkaError where error.code == .unreachable || error.code == .timedOut {
            await admin.close()
            throw NotReady("Kafka is away: \(error.message)")
        }
        await admin.close()
    }

    private static func create(_ admin: Admin) async throws {
        let created = try await admin.create(Topics.all, timeout: timeout)
        for topic in Topics.all {
            print(topic.name, created.contains(topic.name) ? "created" : "was there", separator: "\t")
        }
    }

    private static func check(_ admin: Admin) async throws {
        let brokers = try await admin.brokerCount(timeout: timeout)
        let found = try await admin.describe(Topics.all.map(\.name), timeout: timeout)
        var differences: [String] = []
        for topic in Topics.all {
            guard let there = found.first(where: { $0.name == topic.name }) else {
                differences.append("\(topic.name) is missing: `orderrelay topics create` makes it")
                continue
            }
            differences += topic.differences(from: there, brokers: brokers)
        }
        for difference in differences { print(difference) }
        if !differences.isEmpty {
            throw Failure("the cluster's topics differ from what they must be in \(differences.count) ways")
        }
    }
}

extension TopicSpecification {
    /// What differs, a sentence each.
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
