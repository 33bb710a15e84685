public import Kafka
import Ledger
import Lifecycle
import Orders
import Synchronization
import Telemetry

/// The intake half of a worker: what its consumer asks about each partition that it is assigned.
public final class IntakeOwner: PartitionOwner {
    private struct State {
        var positions: [TopicPartition: Position] = [:]
        var stopped: [TopicPartition: String] = [:]
        var isStopping = false
    }

    private let parts: IntakeParts
    private let settings: IntakeSettings
    private let state = Mutex(State())
    private let stoppedForNow: @Sendable () -> Void

    /// - Parameter stoppedForNow: a partition is not read any more because something was away for too long: once the
    ///   group is joined anew it will be.
    public init(
        _ parts: IntakeParts, settings: IntakeSettings = IntakeSettings(),
        stoppedForNow: @escaping @Sendable () -> Void = {}
    ) {
        self.parts = parts
        self.settings = settings
        self.stoppedForNow = stoppedForNow
    }

    /// Partitions that are not read although they are assigned, and why.
    public var stopped: [TopicPartition: String] { state.withLock { $0.stopped } }

    /// The group is joined anew: what was stopped may be read again.
    public func forgetStops() { state.withLock { $0.stopped = [:] } }

    /// From now on nothing is waited for that is away: what is not taken in is read again after the next start.
    public func stop() { state.withLock { $0.isStopping = true } }

    public func start(of partition: TopicPartition) async throws -> StartOffset {
        let source = LogPartition(cluster: parts.cluster, topic: partition.topic, partition: partition.partition)
        let position = try await persistently(partition) { try await self.place(of: partition, source) }
        state.withLock {
            $0.positions[partition] = position
            $0.stopped[partition] = nil
        }
        let labels = (parts.planner.worker, partition.topic, "\(partition.partition)")
        parts.metrics.stopped.set(0, labels.0, labels.1, labels.2)
        return .offset(position.next)
    }

    /// The ledger's position, checked against the log.
    private func place(of partition: TopicPartition, _ source: LogPartition) async throws -> Position {
        let worker = parts.planner.worker
        let offsets = try await parts.log.offsets(partition)
        let position: Position
        if let there = try await parts.ledger.position(of: worker, in: source) {
            position = there
        } else {
            position = try await parts.ledger.position(of: worker, in: source, base: offsets.lowerBound)
        }
        var before: Reading?
        if position.lastEvent != nil, offsets.contains(position.next - 1) {
            before = try await parts.log.record(position.next - 1, partition).map { Reading($0, in: source) }
        }
        try PositionCheck.check(position, of: source, offsets: offsets, before: before)
        return position
    }

    /// Tries until it succeeds; thrown is what waiting cannot mend, or did not in ``IntakeSettings/startTimeout``.
    private func persistently<Result>(_ partition: TopicPartition, _ work: () async throws -> Result) async throws
        -> Result
    {
        let deadline = parts.time.now + settings.startTimeout
        var failures = 0
        while true {
            do {
                return try await work()
            } catch let error where Self.mayPass(error) && !state.withLock({ $0.isStopping }) {
                failures += 1
                if parts.time.now >= deadline { throw error }
                if let error = error as? LedgerError {
                    parts.ledgerLine.goesOn("\(error)", reason: "\(error.code)")
                } else {
                    parts.journal.warning(
                        "waits for the place to read from", ["partition": "\(partition)", "why": "\(error)"])
                }
                let delay = settings.retry.delay(afterFailures: failures, random: parts.random)
                try await parts.time.sleep(until: parts.time.now + delay)
            }
        }
    }

    private static func mayPass(_ error: any Error) -> Bool {
        switch error {
        case let error as LedgerError: error.isRetriable
        case let error as KafkaError: error.isRetriable
        default: false
        }
    }

    public func consume(_ stream: PartitionStream) async throws {
        let partition = stream.partition
        guard let position = state.withLock({ $0.positions[partition] }) else {
            preconditionFailure("\(partition) is consumed before its start was asked")
        }
        let source = LogPartition(cluster: parts.cluster, topic: partition.topic, partition: partition.partition)
        var intake = PartitionIntake(source: source, position: position, parts: parts, settings: settings)
        var size = BatchSize(settings)
        while let records = try await stream.next(maximum: size.records) {
            KillPoint.afterPoll.hit()
            for batch in size.split(records) {
                try await intake.takeIn(batch) { stream.isLost || Task.isCancelled || state.withLock { $0.isStopping } }
            }
            measure(intake.position, end: stream.logEnd, partition)
            stream.commit(intake.position.next, metadata: parts.beat().map(String.init) ?? "")
            KillPoint.positionCopied.hit()
        }
    }

    private func measure(_ position: Position, end: Int64?, _ partition: TopicPartition) {
        let lag = max(0, (end ?? position.next) - position.next)
        let age = position.lastTime.map { max(0, parts.time.wall.milliseconds - $0.milliseconds) } ?? 0
        let name = "\(partition.partition)"
        parts.metrics.lagRecords.set(Double(lag), parts.planner.worker, partition.topic, name)
        parts.metrics.lagSeconds.set(lag == 0 ? 0 : Double(age) / 1000, parts.planner.worker, partition.topic, name)
    }

    public func partitionStopped(_ partition: TopicPartition, error: any Error) async {
        // A stop of ours, or a partition that went to another process while something was away, is no alarm.
        if error is CancellationError { return }
        state.withLock { $0.stopped[partition] = "\(error)" }
        parts.metrics.stopped.set(1, parts.planner.worker, partition.topic, "\(partition.partition)")
        parts.journal.error("a partition is not read any more", ["partition": "\(partition)", "why": "\(error)"])
        if Self.mayPass(error) { stoppedForNow() }
    }
}

/// How many records to ask for, and how they are cut into transactions, so that bytes stay bounded too.
struct BatchSize {
    private let settings: IntakeSettings
    /// Mean bytes of the records seen lately.
    private var mean = 1024

    init(_ settings: IntakeSettings) { self.settings = settings }

    var records: Int { min(settings.recordsMax, max(1, settings.bytesMax / mean)) }

    mutating func split(_ records: [Record]) -> [[Record]] {
        var batches: [[Record]] = []
        var batch: [Record] = []
        var bytes = 0
        var total = 0
        for record in records {
            let size = Self.bytes(of: record)
            if !batch.isEmpty, bytes + size > settings.bytesMax || batch.count == settings.recordsMax {
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
