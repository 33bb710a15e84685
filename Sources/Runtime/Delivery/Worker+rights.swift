public import Intake
public import Kafka

extension Worker {
    /// What a worker with this declaration needs of Kafka: to read its topics in its group, to look up single records of them,
    /// and to copy dead letters.
    public static func rights(of worker: WorkerDeclaration) -> [AccessRight] {
        AccessRight.joining(group: worker.group, topics: worker.topics) + AccessRight.reading(worker.topics)
            + (worker.writesDeadLetters ? AccessRight.producing(to: DeadLetterPublisher.topic) : [])
    }
}
