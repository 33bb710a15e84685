import Kafka
import Orders

/// The topics (DESIGN §2): `topics create` creates them, `topics check` compares them.
enum Topics {
    private static let day = 24 * 60 * 60 * 1000

    static let all: [TopicSpecification] = [
        TopicSpecification(name: Event.topic, partitions: 12, configuration: log(keptFor: 7 * day)),
        TopicSpecification(name: "people", partitions: 12, configuration: log(keptFor: 7 * day)),
        TopicSpecification(
            name: "ratelimit", partitions: 24,
            configuration: [
                "cleanup.policy": "delete", "retention.ms": String(60 * 60 * 1000),
                "message.timestamp.type": "LogAppendTime", "segment.bytes": String(16 << 20),
                "segment.ms": String(10 * 60 * 1000), "unclean.leader.election.enable": "false",
            ]),
        TopicSpecification(name: "control", partitions: 6, configuration: ["cleanup.policy": "compact"]),
        TopicSpecification(name: "dead-letters", partitions: 6, configuration: log(keptFor: 30 * day)),
    ]

    /// Every partition of these topics, in order; none of a topic that is not in the list.
    static func partitions(of topics: [String]) -> [TopicPartition] {
        all.filter { topics.contains($0.name) }.flatMap { topic in
            (0..<topic.partitions).map { TopicPartition(topic: topic.name, partition: $0) }
        }
    }

    private static func log(keptFor milliseconds: Int) -> [String: String] {
        ["cleanup.policy": "delete", "retention.ms": String(milliseconds)]
    }
}
