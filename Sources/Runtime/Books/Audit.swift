public import Intake
public import Kafka
public import Ledger

/// Checks the books (DESIGN §6) with the topics and the ledger. Workers may run meanwhile.
///
/// What the ledger has noted is read first, as of one instant, and the topics afterwards: they only grow, so that nothing
/// that happens beside it looks like a difference. Then the topics are read, a partition after another, and every record
/// before a worker's position is looked up: that position was committed with the record's event, so the ledger knows it.
/// A few batches are in memory at a time, however long the topics are.
public struct Audit: Sendable {
    private static let timeout = Duration.seconds(15)

    private let ledger: Ledger
    private let kafka: ClientProperties
    private let workers: [String]

    /// - Parameter workers: whose books they are.
    public init(_ ledger: Ledger, _ kafka: ClientProperties, workers: [WorkerDeclaration]) {
        self.ledger = ledger
        self.kafka = kafka
        self.workers = workers.map(\.name)
    }

    /// - Parameters:
    ///   - readsRecords: else positions and counters are compared, and no record is read.
    ///   - progress: called after each batch.
    /// - Throws: `KafkaError` or `LedgerError`.
    public func run(
        readsRecords: Bool = true, progress: (AuditProgress) -> Void = { _ in }
    ) async throws -> AuditReport {
        let admin = try Admin(kafka)
        do {
            let cluster = try await admin.clusterID(timeout: Self.timeout)
            var report = try await sums(cluster, admin)
            if readsRecords { try await readRecords(cluster, &report, progress) }
            await admin.close()
            return report
        } catch {
            await admin.close()
            throw error
        }
    }

    private func sums(_ cluster: String, _ admin: Admin) async throws -> AuditReport {
        var report = AuditReport()
        let books = try await ledger.books(of: workers, cluster: cluster)
        var logs: [TopicPartition: Range<Int64>] = [:]
        for book in books {
            for (source, position) in book.positions.sorted(by: { Self.comesBefore($0.key, $1.key) }) {
                let place = TopicPartition(topic: source.topic, partition: source.partition)
                let log: Range<Int64>
                if let known = logs[place] {
                    log = known
                } else {
                    log = try await admin.offsets(of: place, timeout: Self.timeout)
                    logs[place] = log
                }
                report.partitions.append(
                    AuditedPartition(worker: book.worker, place: place, position: position, log: log))
            }
            report.destinations += book.destinations
        }
        return report
    }

    private static func comesBefore(_ one: LogPartition, _ other: LogPartition) -> Bool {
        (one.topic, one.partition) < (other.topic, other.partition)
    }

    private func readRecords(
        _ cluster: String, _ report: inout AuditReport, _ progress: (AuditProgress) -> Void
    ) async throws {
        let keptSince = try await ledger.keptSince()
        // A partition is read once for all workers.
        let byPlace = Dictionary(grouping: report.partitions.indices) { report.partitions[$0].place }
        let walks = byPlace.sorted { ($0.key.topic, $0.key.partition) < ($1.key.topic, $1.key.partition) }
            .map { place, indices in
                PartitionWalk(
                    place, in: cluster, readers: indices.map { report.partitions[$0] }, keptSince: keptSince)
            }
        let total = walks.reduce(0) { $0 + $1.length }
        var passed: Int64 = 0
        for walk in walks {
            let found = try await walk.run(ledger, kafka) { done in
                progress(AuditProgress(done: passed + done, total: total))
            }
            for (index, records) in zip(byPlace[walk.place]!, found) { report.partitions[index].records = records }
            passed += walk.length
            progress(AuditProgress(done: passed, total: total))
        }
    }
}
