import Intake
import Kafka
import Ledger
import Lifecycle
import Synchronization
import Telemetry

/// A worker whose ledger was restored from a backup does not know what was done since: it would do it once more.
extension Worker {
    private static let lookEvery = Duration.seconds(10)

    /// Returns once the ledger is as old as the positions on Kafka say, or younger; until then somebody must act.
    func waitForNewestLedger(_ admin: Admin) async throws {
        // The embedded broker begins empty.
        guard cluster == nil else { return }
        try await persistently(kafkaOutage) { try await hearPositions(admin) }
        while true {
            let age = try await persistently(context.ledgerOutage) { try await context.beat.look(at: context.ledger) }
            guard age.isRestored else { return }
            let isNew = state.withLock { state in
                defer { state.waiting = age.restored }
                return state.waiting != age.restored
            }
            if isNew { context.log.error("nothing is read or delivered", ["worker": name, "why": age.restored]) }
            try await context.time.sleep(until: context.time.now + Self.lookEvery)
        }
    }

    /// Every position that the group has committed carries the ledger's beat.
    private func hearPositions(_ admin: Admin) async throws {
        for topic in planner.topics {
            let count: Int32
            do throws(KafkaError) {
                count = try await admin.partitionCount(of: topic, timeout: .seconds(5))
            } catch {
                // Whoever joins the group says so.
                if error.code == .unknownTopic { continue }
                throw error
            }
            let partitions = (0..<count).map { TopicPartition(topic: topic, partition: $0) }
            let committed = try await admin.committed(group: group, partitions, timeout: .seconds(5))
            for beat in committed.values.compactMap({ Int64($0.metadata) }) { context.beat.heard(beat) }
        }
    }

    /// The ledger became an older one while this process ran: what it holds in memory belongs to the newer.
    func halt(_ age: LedgerAge) { halt(age.restored) }

    /// It does nothing any more, and says why until it is ended.
    func halt(_ why: String) {
        let isFirst = state.withLock { state in
            guard state.halted == nil, !state.isStopping else { return false }
            state.halted = why
            return true
        }
        guard isFirst else { return }
        context.log.error("nothing is read or delivered any more", ["worker": name, "why": why])
        Task { await stop(by: context.time.now + .seconds(8)) }
    }
}
