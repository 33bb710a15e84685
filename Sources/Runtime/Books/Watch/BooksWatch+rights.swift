public import Intake
public import Kafka

extension BooksWatch {
    /// What it needs of Kafka: the topics' ends, the oldest unread records, and for how long records are kept.
    public static func rights(watching workers: [WorkerDeclaration]) -> [AccessRight] {
        let topics = Set(workers.flatMap(\.topics)).sorted()
        return AccessRight.reading(topics) + AccessRight.describing(topics)
    }
}
