import Kafka
import Ledger
import Lifecycle
import Orders
import Telemetry
import Tracing

/// Takes one partition's records in, exactly once: readings → fates → plans → one fenced transaction.
///
/// A value that belongs to the partition's reader alone; all that it keeps in memory is the position.
struct PartitionIntake {
    private let context: WorkerContext
    private let steps: IntakeSteps
    private let source: LogPartition
    private(set) var position: Position
    /// The offsets of those of the records being taken in that lie on `dead-letters`: halves of a batch copy none again.
    private var copied: Set<Int64> = []

    init(_ context: WorkerContext, _ steps: IntakeSteps, source: LogPartition, position: Position) {
        self.context = context
        self.steps = steps
        self.source = source
        self.position = position
    }

    /// Takes consecutive records in; returns when all are, or when `isEnding` says that the partition was revoked,
    /// while the ledger or Kafka is unavailable.
    ///
    /// Temporary failures are retried from the position that the ledger then has: so a commit whose outcome was unknown
    /// is neither lost nor repeated. A record whose content the ledger refuses is found by halving, and skipped as poison: it
    /// stops nobody behind it. For n records that takes 2n transactions at most.
    mutating func takeIn(_ records: [Record], isEnding: () -> Bool) async throws {
        copied.removeAll()
        // The next one last.
        var waiting = [records[...]]
        while let part = waiting.popLast() {
            do {
                try await takeInTogether(part, isEnding: isEnding)
            } catch let error as LedgerError where error.code == .data {
                guard part.count == 1 else {
                    let middle = part.startIndex + part.count / 2
                    waiting += [part[middle...], part[..<middle]]
                    continue
                }
                try await takeInTogether(part, refusing: error.message, isEnding: isEnding)
            }
        }
    }

    /// - Parameter reason: why the ledger does not take the one record as it is; nil: that has not been found.
    private mutating func takeInTogether(
        _ records: ArraySlice<Record>, refusing reason: String? = nil, isEnding: () -> Bool
    ) async throws {
        var isPositionSure = true
        let (context, policy) = (context, steps.settings.retry)
        do {
            try await context.persistently(
                "\(source.topic)/\(source.partition)", policy: policy, mayPass: { Self.isPassing($0) && !isEnding() }
            ) {
                do {
                    if !isPositionSure { try await rereadPosition() }
                    isPositionSure = false
                    let fresh = records.filter { $0.offset >= position.next }
                    if !fresh.isEmpty { try await attempt(fresh, refusing: reason) }
                } catch  where Self.isPassing(error) {
                    count(error)
                    throw error
                }
            }
        } catch  where Self.isPassing(error) {
            throw CancellationError()
        }
    }

    /// Whether the records are retried. What another owner took in is left out then, so that is not a failure either.
    private static func isPassing(_ error: any Error) -> Bool {
        switch error {
        case is LostPlace, is WentBack: false
        case let error as LedgerError: error.isRetriable || error.code == .fenced
        default: true
        }
    }

    private func count(_ error: any Error) {
        guard (error as? LedgerError)?.code == .fenced else {
            return steps.metrics.retries.add(1, context.worker, source.topic)
        }
        steps.metrics.fenced.add(1, context.worker, source.topic)
        context.log.warning(
            "another process has moved the position", ["partition": "\(source.topic)/\(source.partition)"])
    }

    private mutating func rereadPosition() async throws {
        let there = try await context.ledger.position(of: context.worker, in: source)
        // The beat only where it matters, and after the position: an older ledger must not look younger than it is.
        let isBack = (there?.next ?? -1) < position.next
        let age = isBack ? try await context.beat.look(at: context.ledger) : context.beat.age
        guard let resumed = try PositionCheck.resume(from: position, at: there, of: source, age: age) else {
            throw WentBack(source: source, known: position.next, there: there?.next ?? -1)
        }
        position = resumed
    }

    /// One transaction for these records.
    private mutating func attempt(_ records: [Record], refusing reason: String?) async throws {
        let startedAt = context.tracer?.now()
        let readings = records.map { record in
            let reading = Reading(record, in: source)
            return reason.map { reading.refused($0) } ?? reading
        }
        let batch = FoldedBatch(readings, try await fates(of: readings))
        try await copyPoison(records, batch)
        let plans = try await plans(of: batch)
        let repeats = RepeatedRecords(until: position.repeatsUntil, reachBuyers: steps.planner.reachesBuyers)
        var entries = batch.entries(plans).map(repeats.treated)
        var spans: IntakeSpans?
        if let tracer = context.tracer, let startedAt {
            spans = IntakeSpans(&entries, tracer, startedAt: startedAt)
        }
        try await commit(entries, changes: plans.flatMap(\.changes), next: records.last!.offset + 1)
        // A transaction that failed is tried again, with spans of its own.
        spans?.end(worker: context.worker, in: source)
    }

    private func fates(of readings: [Reading]) async throws -> [Folding.Fate] {
        let worker = context.worker
        var folding = Folding(known: try await context.ledger.known(readings.map(\.id), to: worker))
        let conflicts = folding.conflictIDs(of: readings)
        if !conflicts.isEmpty { folding.learn(try await context.ledger.known(conflicts, to: worker)) }
        return readings.map { folding.fate(of: $0) }
    }

    /// Before the transaction: after a crash between the two the copy is repeated, never missing.
    private mutating func copyPoison(_ records: [Record], _ batch: FoldedBatch) async throws {
        for (index, reading) in batch.readings.enumerated() {
            guard case .unreadable(let reason, isPoison: true) = reading.content, batch.fates[index] != .folded,
                !copied.contains(reading.offset)
            else { continue }
            steps.metrics.poison.add(1, context.worker, source.topic)
            context.log.warning(
                "a record is skipped as poison: nobody can use it",
                reading.logFields(in: source).merging(["why": reason]) { $1 })
            try await steps.deadLetters?.copy(
                records[index], reading: reading, reason: reason, worker: context.worker, in: source,
                at: context.time.wall)
            copied.insert(reading.offset)
        }
    }

    /// The plans of new events and conflicts, in order.
    private func plans(of batch: FoldedBatch) async throws -> [Plan] {
        let events = batch.events(of: source)
        if events.isEmpty { return [] }
        let conflicts = events.count(where: \.isConflict)
        if conflicts > 0 { steps.metrics.conflicts.add(conflicts, context.worker, source.topic) }
        let plans = try await steps.planner.plan(events)
        precondition(plans.count == events.count, "a planner must give one plan for each event")
        return plans
    }

    private mutating func commit(_ entries: [IntakeEntry], changes: [ReadModelChange], next: Int64) async throws {
        let planned = FoldedBatch.planned(entries)
        let room = planned.isEmpty ? [:] : steps.capacity.reserve(planned)
        let batch = IntakeBatch(
            worker: context.worker, source: source, owner: context.owner, from: position.next, next: next,
            entries: entries, room: room, changes: changes)
        let sentAt = context.time.now
        let rows: [LeasedDelivery]
        do {
            rows = try await context.ledger.takeIn(batch)
        } catch {
            steps.capacity.abandon(room, isOutcomeUnknown: error.code == .unavailable)
            throw error
        }
        KillPoint.transactionCommitted.hit()
        context.ledgerOutage.ends()
        if !changes.isEmpty { KillPoint.analyticsCommitted.hit() }
        note(entries, next: next)
        steps.capacity.settle(room, planned: planned, rows: rows, sentAt: sentAt)
        measure(entries, took: context.time.now - sentAt)
        for entry in entries { context.log.debug("an event was taken in", entry.logFields(in: source)) }
    }

    private mutating func note(_ entries: [IntakeEntry], next: Int64) {
        position.next = next
        position.lastEvent = entries.last?.id
        position.lastTime = entries.last?.time
    }

    private func measure(_ entries: [IntakeEntry], took: Duration) {
        let worker = context.worker
        steps.metrics.transactions.record(took.inSeconds, worker)
        steps.metrics.batchRecords.record(Double(entries.count), worker)
        var planned = 0
        var folded = 0
        var skipped = 0
        for entry in entries {
            switch entry.disposition {
            case .planned: planned += 1
            case .folded: folded += 1
            case .skipped: skipped += 1
            }
        }
        for (name, count) in [("planned", planned), ("folded", folded), ("skipped", skipped)] where count > 0 {
            steps.metrics.records.add(count, worker, source.topic, name)
        }
        if folded > 0 { steps.metrics.folded.add(folded, worker, source.topic) }
    }
}
