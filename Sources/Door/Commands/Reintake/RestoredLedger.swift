import Intake
import Kafka
import Ledger

/// Makes a ledger that was restored from a backup fit for its workers, none of which may run.
///
/// What was done since the backup it does not know: leases are taken away, messages to buyers wait for a person, and the
/// same goes for what follows from records that are read again. The beat is raised last, so that workers wait until all
/// is done; where this is interrupted, it is done again from the start.
struct RestoredLedger {
    let ledger: Ledger
    let admin: Admin
    let author: Author

    /// What Kafka shows that the ledger lacks.
    struct Evidence {
        /// The highest beat beside a position on Kafka.
        var beat: Int64 = 0
        /// Partitions of workers that were taken in further than the ledger says.
        var ahead = 0
    }

    /// - Parameter isRestored: the operator says so, whatever Kafka shows.
    func reintake(isRestored: Bool) async throws {
        let running = try await ledger.runningProcesses()
        guard running.isEmpty else {
            let workers = Set(running.map(\.worker)).sorted().joined(separator: ", ")
            throw Failure(
                "\(running.count) processes use this ledger (\(workers)): stop all workers, wait 15 s, and try again")
        }
        let cluster = try await admin.clusterID(timeout: ReintakeCommand.timeout)
        let evidence = try await evidence(cluster)
        let beat = try await ledger.beat()
        guard isRestored || evidence.beat > beat || evidence.ahead > 0 else {
            throw Failure(
                "nothing on Kafka shows that this ledger lacks anything: its beat is \(beat), and the highest that workers "
                    + "have noted is \(evidence.beat); if it was restored all the same, say so with --restored")
        }
        try await ledger.noteReintake(by: author)
        try await settleRows()
        try await notePositions(cluster)
        try await ledger.raiseBeat(to: max(evidence.beat, beat) + 1, by: author)
    }

    private func evidence(_ cluster: String) async throws -> Evidence {
        var evidence = Evidence()
        for worker in Processes.workers {
            let known = try await ledger.positions(of: worker.name, cluster: cluster)
            let partitions = Topics.partitions(of: worker.topics)
            let committed = try await admin.committed(
                group: worker.group, partitions, timeout: ReintakeCommand.timeout)
            for (place, position) in committed {
                evidence.beat = max(evidence.beat, Int64(position.metadata) ?? 0)
                let source = LogPartition(cluster: cluster, topic: place.topic, partition: place.partition)
                if position.nextOffset > known[source]?.next ?? 0 { evidence.ahead += 1 }
            }
        }
        return evidence
    }

    private func settleRows() async throws {
        StandardOutput.write("worker\tleases taken away\tparked")
        for worker in Processes.workers {
            let leases = try await ledger.takeLeasesAway(from: worker.name)
            let parked =
                worker.reachesBuyers
                ? try await ledger.parkOpen(of: worker.name, reason: PlannedDelivery.reintake) : 0
            StandardOutput.write("\(worker.name)\t\(leases)\t\(parked)")
        }
    }

    private func notePositions(_ cluster: String) async throws {
        StandardOutput.write("worker\tpartition\tfrom\tread again")
        for worker in Processes.workers {
            for place in Topics.partitions(of: worker.topics) {
                guard let log = try await log(of: place) else { continue }
                let source = LogPartition(cluster: cluster, topic: place.topic, partition: place.partition)
                let position = try await ledger.position(of: worker.name, in: source, base: log.lowerBound)
                guard position.next < log.upperBound else { continue }
                try await ledger.noteRepeats(of: worker.name, in: source, until: log.upperBound)
                StandardOutput.write("\(worker.name)\t\(place)\t\(position.next)\t\(log.upperBound - position.next)")
            }
        }
    }

    /// nil where there is no such topic.
    private func log(of place: TopicPartition) async throws -> Range<Int64>? {
        do throws(KafkaError) {
            return try await admin.offsets(of: place, timeout: ReintakeCommand.timeout)
        } catch {
            guard error.code == .unknownTopic else { throw error }
            return nil
        }
    }
}
