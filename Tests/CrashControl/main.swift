import Foundation
import Intake
import Kafka
import Ledger
import Lifecycle
import Orders
import Telemetry

/// The control of the crash tests: an intake that moves its position before it writes its rows, as it must not. Killed in
/// between it loses what it had read, and the tests must notice.
struct PositionFirst: PartitionOwner {
    let ledger: Ledger
    let cluster: String
    let worker = "confirmations"

    private func source(_ partition: TopicPartition) -> LogPartition {
        LogPartition(cluster: cluster, topic: partition.topic, partition: partition.partition)
    }

    func start(of partition: TopicPartition) async throws -> StartOffset {
        .offset(try await ledger.position(of: worker, in: source(partition), base: 0).next)
    }

    func consume(_ stream: PartitionStream) async throws {
        let source = source(stream.partition)
        while let records = try await stream.next(maximum: 500) {
            // The position alone: the ledger books the records as a gap of the log.
            _ = try await ledger.takeIn(
                IntakeBatch(
                    worker: worker, source: source, owner: "control", from: records[0].offset,
                    next: records.last!.offset + 1, entries: []))
            KillPoint.transactionCommitted.hit()
        }
    }

    func partitionStopped(_ partition: TopicPartition, error: any Error) async {
        FileHandle.standardError.write(Data("\(partition): \(error)\n".utf8))
    }
}

let environment = ProcessInfo.processInfo.environment
let properties = ClientProperties([
    "bootstrap.servers": environment["KAFKA_BOOTSTRAP_SERVERS"]!, "fetch.wait.max.ms": "5",
    "session.timeout.ms": "6000", "heartbeat.interval.ms": "500",
])
let ledger = try Ledger.open(
    url: environment["DATABASE_URL"]!, sealing: nil, now: { SystemTime().wall.milliseconds })
let cluster = try await Admin(properties).clusterID(timeout: .seconds(10))
let consumer = try Consumer(
    properties, group: "orderrelay-confirmations", topics: ["orders"],
    owner: PositionFirst(ledger: ledger, cluster: cluster))
await consumer.ready()
// Until it is killed; a minute is more than that takes.
try await Task.sleep(for: .seconds(60))
