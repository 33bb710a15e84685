import Kafka
import Ledger
import Synchronization
import Telemetry

/// The partitions that are assigned to this process but not read, and the reports about them.
///
/// For one that waits for somebody to act the ledger has a note, so that processes that show orders can mention it, and
/// its lag keeps growing in the metrics. One that only waits for the ledger or Kafka is read again soon.
final class StoppedPartitions: Sendable {
    private struct Stop {
        var why: String
        /// The ledger's position when it stopped, -1 where it had none; nil: not known yet.
        var position: Int64?
        /// Whether it will be read again once something unavailable is back.
        var isForNow: Bool
        /// Whether the ledger has a note of it.
        var isNoted = false
        /// Distinguishes it from an earlier stop of the same partition.
        var number: Int
    }

    private struct State {
        /// What the group has assigned; nil before the first assignment.
        var assigned: Set<TopicPartition>?
        var stops: [TopicPartition: Stop] = [:]
        var count = 0
    }

    private let context: WorkerContext
    private let metrics: IntakeMetrics
    private let partitionLog: PartitionLog
    private let cluster: String
    private let state = Mutex(State())

    init(_ context: WorkerContext, metrics: IntakeMetrics, log: PartitionLog, cluster: String) {
        self.context = context
        self.metrics = metrics
        partitionLog = log
        self.cluster = cluster
    }

    /// Why each is not read.
    var all: [TopicPartition: String] { state.withLock { $0.stops.mapValues(\.why) } }

    /// A partition is no longer read.
    ///
    /// - Parameter position: the ledger's, -1 where it has none; nil: not known.
    /// - Returns: false if it is another process's by now.
    func add(_ partition: TopicPartition, why: String, at position: Int64?, isForNow: Bool) -> Bool {
        // The metric first: an operator who sees the process not ready finds the partition in its metrics.
        metrics.stopped.set(1, context.worker, partition.topic, "\(partition.partition)")
        let isOurs = state.withLock { state in
            guard state.assigned?.contains(partition) != false else { return false }
            state.count += 1
            state.stops[partition] = Stop(why: why, position: position, isForNow: isForNow, number: state.count)
            return true
        }
        if !isOurs { remove(partition) }
        return isOurs
    }

    /// A partition is read from this position on.
    ///
    /// - Parameter end: the log's.
    func goesOn(_ partition: TopicPartition, _ position: Position, end: Int64) {
        remove(partition)
        let isOurs = state.withLock { $0.assigned?.contains(partition) != false }
        if isOurs { metrics.measureLag(context, partition, position, end: end) }
    }

    private func remove(_ partition: TopicPartition) {
        state.withLock { $0.stops[partition] = nil }
        metrics.stopped.set(0, context.worker, partition.topic, "\(partition.partition)")
    }

    /// The group has assigned these, in place of what it had: this process no longer reports the others.
    func assigned(_ partitions: Set<TopicPartition>) {
        let gone = state.withLock { state in
            let gone = (state.assigned ?? []).union(state.stops.keys).subtracting(partitions)
            state.assigned = partitions
            return gone
        }
        for partition in gone {
            remove(partition)
            metrics.forgetLag(context.worker, partition)
        }
    }

    /// Looks after every partition that waits for somebody.
    ///
    /// - Returns: those whose position in the ledger somebody has moved since they stopped.
    func look() async -> [TopicPartition] {
        let stops = state.withLock { $0.stops.filter { !$0.value.isForNow } }
        var moved: [TopicPartition] = []
        for partition in stops.keys.sorted(by: { $0.partition < $1.partition }) where await look(after: partition) {
            moved.append(partition)
        }
        return moved
    }

    /// Notes it in the ledger, unless that is done, and measures what lies unread. What fails now is retried at the
    /// next check.
    ///
    /// - Returns: whether its position in the ledger was moved since it stopped.
    @discardableResult
    func look(after partition: TopicPartition) async -> Bool {
        guard let stop = state.withLock({ $0.stops[partition] }) else { return false }
        do {
            let position = try await context.ledger.position(of: context.worker, in: source(of: partition))
            if hasMoved(partition, stop, to: position?.next ?? -1) { return true }
            try await note(partition, stop)
            if let position { try await measure(partition, stop, position) }
        } catch {
            context.log.debug(
                "the lag of a stopped partition cannot be read, or the note about it not written",
                ["partition": "\(partition)", "why": "\(error)"])
        }
        return false
    }

    private func hasMoved(_ partition: TopicPartition, _ stop: Stop, to position: Int64) -> Bool {
        state.withLock { state in
            guard let now = state.stops[partition], now.number == stop.number else { return false }
            if let stopped = now.position { return stopped != position }
            state.stops[partition]?.position = position
            return false
        }
    }

    private func note(_ partition: TopicPartition, _ stop: Stop) async throws {
        guard !stop.isNoted else { return }
        let source = source(of: partition)
        try await context.ledger.noteStop(of: context.worker, in: source, why: stop.why)
        let isOver = state.withLock { state in
            guard state.stops[partition]?.number == stop.number else { return true }
            state.stops[partition]?.isNoted = true
            return false
        }
        // Read again while it was being noted.
        if isOver { try await context.ledger.forgetStop(of: context.worker, in: source) }
    }

    private func measure(_ partition: TopicPartition, _ stop: Stop, _ position: Position) async throws {
        let end = try await partitionLog.offsets(partition).upperBound
        guard state.withLock({ $0.stops[partition]?.number == stop.number }) else { return }
        metrics.measureLag(context, partition, position, end: end)
    }

    private func source(of partition: TopicPartition) -> LogPartition {
        LogPartition(cluster: cluster, topic: partition.topic, partition: partition.partition)
    }
}
