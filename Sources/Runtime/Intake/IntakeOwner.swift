public import Kafka
import Ledger
import Lifecycle
import Orders
import Synchronization
import Telemetry

/// The intake half of a worker: reads the partitions that its consumer is assigned.
public final class IntakeOwner: PartitionOwner {
    private struct State {
        /// Where each begins.
        var positions: [TopicPartition: Position] = [:]
        /// How far those are taken in that are being read.
        var reached: [TopicPartition: Position] = [:]
        var isStopping = false
    }

    private let context: WorkerContext
    private let steps: IntakeSteps
    private let partitionLog: PartitionLog
    private let cluster: String
    private let state = Mutex(State())
    private let stops: StoppedPartitions
    private let stoppedForNow: @Sendable () -> Void
    private let restart: @Sendable (TopicPartition) -> Void
    private var settings: IntakeSettings { steps.settings }
    private var metrics: IntakeMetrics { steps.metrics }

    /// - Parameters:
    ///   - log: the log that positions are checked against.
    ///   - cluster: the Kafka cluster's id.
    ///   - stoppedForNow: called when a partition is no longer read because something was unavailable for too long:
    ///     rejoining the group will resume it.
    ///   - restart: called with a partition that is to be started once more: the ledger's position is another one now.
    public init(
        _ context: WorkerContext, steps: IntakeSteps, log: PartitionLog, cluster: String,
        stoppedForNow: @escaping @Sendable () -> Void = {},
        restart: @escaping @Sendable (TopicPartition) -> Void = { _ in }
    ) {
        self.context = context
        self.steps = steps
        partitionLog = log
        self.cluster = cluster
        self.stoppedForNow = stoppedForNow
        self.restart = restart
        stops = StoppedPartitions(context, metrics: steps.metrics, log: log, cluster: cluster)
    }

    /// Partitions that are assigned but not read, and why.
    public var stopped: [TopicPartition: String] { stops.all }

    /// The group has assigned these to this process, in place of what it had; each is started next.
    public func assigned(_ partitions: Set<TopicPartition>) { stops.assigned(partitions) }

    /// Updates the reports about partitions that wait for somebody to act, and starts those once more whose position in
    /// the ledger is another one now: to be called every few seconds.
    public func look() async {
        for partition in await stops.look() {
            context.log.info(
                "the position of a stopped partition was moved: it is read again", ["partition": "\(partition)"])
            restart(partition)
        }
        await lookForLostCommits()
    }

    /// A failover may have lost commits to partitions on which nothing comes any more: no transaction would notice.
    private func lookForLostCommits() async {
        // Taken first: what the ledger has must not be older than what was noted here.
        let reached = state.withLock { $0.reached }
        guard !reached.isEmpty else { return }
        do {
            let there = try await context.ledger.positions(of: context.worker, cluster: cluster)
            for (partition, known) in reached {
                let source = source(of: partition)
                guard let position = there[source], position.next < known.next else { continue }
                // What is to be done about an older ledger is not one partition's matter.
                guard try await !context.beat.look(at: context.ledger).isRestored else { return }
                readAgain(partition, WentBack(source: source, known: known.next, there: position.next))
            }
        } catch {
            context.log.debug("the ledger's positions cannot be compared", ["why": "\(error)"])
        }
    }

    private func readAgain(_ partition: TopicPartition, _ reason: WentBack) {
        metrics.wentBack.add(1, context.worker, partition.topic)
        context.log.warning(
            "the ledger lost its last commits in a failover: the records since are taken in again",
            ["partition": "\(partition)", "from": "\(reason.there)", "to": "\(reason.known)"])
        restart(partition)
    }

    private func source(of partition: TopicPartition) -> LogPartition {
        LogPartition(cluster: cluster, topic: partition.topic, partition: partition.partition)
    }

    /// From now on it does not wait for anything unavailable: what is not taken in is read again after the next start.
    public func stop() { state.withLock { $0.isStopping = true } }

    public func start(of partition: TopicPartition) async throws -> StartOffset {
        let source = source(of: partition)
        let (position, end) = try await persistently(partition) {
            let place = try await place(of: partition, source)
            try await context.ledger.forgetStop(of: context.worker, in: source)
            return place
        }
        state.withLock { $0.positions[partition] = position }
        stops.goesOn(partition, position, end: end)
        return .offset(position.next)
    }

    /// The ledger's position, checked against the log, and the log's end.
    private func place(
        of partition: TopicPartition, _ source: LogPartition
    ) async throws -> (Position, end: Int64) {
        let worker = context.worker
        let offsets = try await partitionLog.offsets(partition)
        let position: Position
        if let there = try await context.ledger.position(of: worker, in: source) {
            position = there
        } else {
            position = try await context.ledger.position(of: worker, in: source, base: offsets.lowerBound)
        }
        // A process that began with the newest ledger may be given a partition just after an older one took its place.
        let age = try await context.beat.look(at: context.ledger)
        guard !age.isRestored else { throw LostPlace(source, at: position.next, olderLedger: age) }
        var before: Reading?
        if position.lastEvent != nil, offsets.contains(position.next - 1) {
            before = try await partitionLog.record(position.next - 1, partition).map { Reading($0, in: source) }
        }
        try PositionCheck.check(position, of: source, offsets: offsets, before: before)
        return (position, offsets.upperBound)
    }

    /// Tries until it succeeds; throws errors that waiting cannot fix, or did not within
    /// ``IntakeSettings/startTimeout``.
    private func persistently<Result>(
        _ partition: TopicPartition, _ work: () async throws -> Result
    ) async throws -> Result {
        let deadline = context.time.now + settings.startTimeout
        return try await context.persistently(
            "\(partition)", policy: settings.retry,
            mayPass: { mayPass($0) && !state.withLock { $0.isStopping } && context.time.now < deadline }, work)
    }

    public func consume(_ stream: PartitionStream) async throws {
        let partition = stream.partition
        guard let position = state.withLock({ $0.positions[partition] }) else {
            preconditionFailure("\(partition) is consumed before it was started")
        }
        let source = source(of: partition)
        var intake = PartitionIntake(context, steps, source: source, position: position)
        // Another stream of the partition begins after this one has ended.
        state.withLock { $0.reached[partition] = position }
        defer { state.withLock { $0.reached[partition] = nil } }
        var size = BatchSize(settings)
        do {
            while let records = try await stream.next(maximum: size.records) {
                KillPoint.afterPoll.hit()
                for batch in size.split(records) {
                    try await intake.takeIn(batch) {
                        stream.isLost || Task.isCancelled || state.withLock { $0.isStopping }
                    }
                }
                let position = intake.position
                state.withLock { $0.reached[partition] = position }
                metrics.measureLag(context, partition, position, end: stream.logEnd ?? position.next)
                stream.commit(position.next, metadata: context.beat.age.latest.map(String.init) ?? "")
                KillPoint.positionCopied.hit()
            }
        } catch let error as KafkaError where error.code == .offsetOutOfRange {
            // What is missing, in our words; the library only says that something is.
            let offsets = try await partitionLog.offsets(partition)
            try PositionCheck.check(intake.position, of: source, offsets: offsets, before: nil)
            throw error
        }
    }

    public func partitionStopped(_ partition: TopicPartition, error: any Error) async {
        // No alarm if this process stops, or if the partition went to another process in the meantime.
        if error is CancellationError { return }
        if let error = error as? WentBack { return readAgain(partition, error) }
        let isForNow = mayPass(error)
        let position = (error as? LostPlace)?.position
        guard stops.add(partition, why: "\(error)", at: position, isForNow: isForNow) else { return }
        context.log.error("a partition is no longer read", ["partition": "\(partition)", "why": "\(error)"])
        if isForNow { stoppedForNow() } else { await stops.look(after: partition) }
    }
}

/// How many records to ask for, and how they are cut into transactions, so that bytes stay bounded, too.
struct BatchSize {
    private let settings: IntakeSettings
    /// Mean bytes of the records seen lately.
    private var mean = 1024

    init(_ settings: IntakeSettings) { self.settings = settings }

    var records: Int { min(settings.recordsMaximum, max(1, settings.bytesMaximum / mean)) }

    mutating func split(_ records: [Record]) -> [[Record]] {
        var batches: [[Record]] = []
        var batch: [Record] = []
        var bytes = 0
        var total = 0
        for record in records {
            let size = Self.bytes(of: record)
            if !batch.isEmpty, bytes + size > settings.bytesMaximum || batch.count == settings.recordsMaximum {
                batches.append(batch)
                batch = []
                bytes = 0
            }
            batch.append(record)
            bytes += size
            total += size
        }
        if !batch.isEmpty { batches.append(batch) }
        if !records.isEmpty { mean = max(1, (3 * mean + total / records.count) / 4) }
        return batches
    }

    private static func bytes(of record: Record) -> Int {
        (record.key?.count ?? 0) + (record.value?.count ?? 0)
            + record.headers.reduce(0) { $0 + $1.name.utf8.count + $1.value.count }
    }
}
