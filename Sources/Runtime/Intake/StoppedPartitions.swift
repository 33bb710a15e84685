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
    /// - Returns: false if it is another process's by now.
    func add(_ partition: TopicPartition, why: String, isForNow: Bool) -> Bool {
        // The metric first: an operator who sees the process not ready finds the partition in its metrics.
        metrics.stopped.set(1, context.worker, partition.topic, "\(partition.partition)")
        let isOurs = state.withLock { state in
            guard state.assigned?.contains(partition) != false else { return false }
            state.count += 1
            state.stops[partition] = Stop(why: why, isForNow: isForNow, number: state.count)
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
    func look() async {
        let stops = state.withLock { $0.stops.filter { !$0.value.isForNow } }
        for partition in stops.keys.sorted(by: { $0.partition < $1.partition }) { await look(after: partition) }
    }

    /// Notes it in the ledger, unless that is done, and measures what lies unread. What fails now is retried at the
    /// next check.
    func look(after partition: TopicPartition) async {
        guard let stop = state.withLock({ $0.stops[partition] }) else { return }
        do {
            try await note(partition, stop)
            try await measure(partition, stop)
        } catch {
            context.log.debug(
                "the lag of a stopped partition cannot be read, or the note about it not written",
                ["partition": "\(partition)", "why": "\(error)"])
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

    private func measure(_ partition: TopicPartition, _ stop: Stop) async throws {
        guard let position = try await context.ledger.position(of: context.worker, in: source(of: partition)) else {
            return
        }
        let end = try await partitionLog.offsets(partition).upperBound
        guard state.withLock({ $0.stops[partition]?.number == stop.number }) else { return }
        metrics.measureLag(context, partition, position, end: end)
    }

    private func source(of partition: TopicPartition) -> LogPartition {
        LogPartition(cluster: cluster, topic: partition.topic, partition: partition.partition)
    }
}
