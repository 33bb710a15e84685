import Kafka
import Ledger
import Lifecycle
import Orders
import Telemetry

/// Takes one partition's records in, exactly once: readings → fates → plans → one fenced transaction.
///
/// A value that belongs to the partition's reader alone; what it knows in memory is the position.
struct PartitionIntake {
    let source: LogPartition
    let parts: IntakeParts
    let settings: IntakeSettings
    private(set) var position: Position

    init(source: LogPartition, position: Position, parts: IntakeParts, settings: IntakeSettings) {
        self.source = source
        self.position = position
        self.parts = parts
        self.settings = settings
    }

    /// Takes consecutive records in; returns when all are, or when `isEnding` says that the partition was taken away
    /// and the ledger or Kafka is not to be had.
    ///
    /// Whatever fails for a while is tried again, from the position that the ledger then tells: so a commit whose
    /// outcome was unknown is neither lost nor repeated.
    mutating func takeIn(_ records: [Record], isEnding: () -> Bool) async throws {
        var failures = 0
        var isPositionSure = true
        while true {
            do {
                if !isPositionSure {
                    try await rereadPosition()
                    isPositionSure = true
                }
                let fresh = records.filter { $0.offset >= position.next }
                if fresh.isEmpty { return }
                return try await attempt(fresh)
            } catch let error as LedgerError where error.code == .fenced {
                parts.metrics.fenced.add(1, parts.planner.worker, source.topic)
                parts.journal.warning(
                    "another process has moved the position", ["partition": "\(source.topic)/\(source.partition)"])
            } catch let error as LostPlace {
                throw error
            } catch {
                if let error = error as? LedgerError, !error.isRetriable { throw error }
                parts.metrics.retries.add(1, parts.planner.worker, source.topic)
                say(error, failures: failures + 1)
            }
            isPositionSure = false
            if isEnding() { throw CancellationError() }
            failures += 1
            let delay = settings.retry.delay(afterFailures: failures, random: parts.random)
            try await parts.time.sleep(until: parts.time.now + delay)
        }
    }

    private func say(_ error: any Error, failures: Int) {
        if let error = error as? LedgerError {
            return parts.ledgerLine.goesOn("\(error)", reason: "\(error.code)")
        }
        parts.journal.warning(
            "intake waits and tries again",
            ["partition": "\(source.topic)/\(source.partition)", "why": "\(error)", "failures": "\(failures)"])
    }

    private mutating func rereadPosition() async throws {
        guard let there = try await parts.ledger.position(of: parts.planner.worker, in: source) else {
            throw LostPlace(description: "\(source.topic)/\(source.partition): the ledger knows no position any more")
        }
        guard there.next >= position.next else {
            throw LostPlace(
                description: "\(source.topic)/\(source.partition): the ledger's position went back from "
                    + "\(position.next) to \(there.next): it was restored from an older copy")
        }
        position = there
    }

    /// One transaction for these records.
    private mutating func attempt(_ records: [Record]) async throws {
        let readings = records.map { Reading($0, in: source) }
        let fates = try await fates(of: readings)
        try await copyPoison(records, readings, fates)
        let plans = try await plans(of: readings, fates)
        let entries = entries(of: readings, fates, plans)
        try await commit(entries, changes: plans.flatMap(\.changes), next: records.last!.offset + 1)
    }

    private func fates(of readings: [Reading]) async throws -> [Folding.Fate] {
        let worker = parts.planner.worker
        var folding = Folding(known: try await parts.ledger.known(readings.map(\.id), to: worker))
        let conflicts = folding.conflictIDs(of: readings)
        if !conflicts.isEmpty { folding.learn(try await parts.ledger.known(conflicts, to: worker)) }
        return readings.map { folding.fate(of: $0) }
    }

    /// Before the transaction: after a crash between the two the copy is repeated, never missing.
    private func copyPoison(_ records: [Record], _ readings: [Reading], _ fates: [Folding.Fate]) async throws {
        for (index, reading) in readings.enumerated() {
            guard case .unreadable(let reason, isPoison: true) = reading.content, fates[index] != .folded else {
                continue
            }
            parts.metrics.poison.add(1, parts.planner.worker, source.topic)
            parts.journal.warning(
                "a record is no readable event; it is skipped",
                ["place": "\(source.topic)/\(source.partition)/\(reading.offset)", "why": reason])
            try await parts.deadLetters?.copy(
                records[index], reading: reading, reason: reason, worker: parts.planner.worker, in: source,
                at: parts.time.wall)
        }
    }

    /// The plans of new events and conflicts, in order.
    private func plans(of readings: [Reading], _ fates: [Folding.Fate]) async throws -> [Plan] {
        var events: [PlannableEvent] = []
        for (reading, fate) in zip(readings, fates) {
            guard case .event(var event) = reading.content else { continue }
            switch fate {
            case .new:
                events.append(
                    PlannableEvent(event: event, source: source, offset: reading.offset, isConflict: false))
            case .conflict(let id):
                event.id = id
                events.append(PlannableEvent(event: event, source: source, offset: reading.offset, isConflict: true))
                parts.metrics.conflicts.add(1, parts.planner.worker, source.topic)
            case .folded, .skipped: continue
            }
        }
        if events.isEmpty { return [] }
        let plans = try await parts.planner.plan(events)
        precondition(plans.count == events.count, "a planner gives as many plans as it is given events")
        return plans
    }

    private func entries(of readings: [Reading], _ fates: [Folding.Fate], _ plans: [Plan]) -> [IntakeEntry] {
        var plans = plans[...]
        return zip(readings, fates).map { reading, fate in
            var entry = IntakeEntry(
                offset: reading.offset, event: nil, id: reading.id, key: reading.key, time: reading.time,
                disposition: .folded)
            if case .event(let event) = reading.content { entry.event = event }
            switch fate {
            case .folded: break
            case .skipped(let reason): entry.disposition = .skipped(reason: reason)
            case .new: entry.disposition = plans.removeFirst().disposition
            case .conflict(let id):
                entry.id = id
                entry.event?.id = id
                entry.disposition = plans.removeFirst().disposition
            }
            return entry
        }
    }

    private mutating func commit(_ entries: [IntakeEntry], changes: [ReadModelChange], next: Int64) async throws {
        var planned: [String: Int] = [:]
        for case .planned(let deliveries) in entries.map(\.disposition) {
            for delivery in deliveries where delivery.declined == nil && delivery.parked == nil {
                planned[delivery.destination, default: 0] += 1
            }
        }
        let room = planned.isEmpty ? [:] : parts.desk.reserve(planned)
        let batch = IntakeBatch(
            worker: parts.planner.worker, source: source, owner: parts.owner, from: position.next, next: next,
            entries: entries, room: room, changes: changes)
        let sentAt = parts.time.now
        let rows: [LeasedDelivery]
        do {
            rows = try await parts.ledger.takeIn(batch)
        } catch {
            parts.desk.abandon(room, isOutcomeUnknown: error.code == .unavailable)
            throw error
        }
        KillPoint.transactionCommitted.hit()
        parts.ledgerLine.ends()
        if !changes.isEmpty { KillPoint.analyticsCommitted.hit() }
        note(entries, next: next)
        parts.desk.settle(room, planned: planned, rows: rows, sentAt: sentAt)
        measure(entries, took: parts.time.now - sentAt)
    }

    private mutating func note(_ entries: [IntakeEntry], next: Int64) {
        position.next = next
        position.lastEvent = entries.last?.id
        position.lastTime = entries.last?.time
    }

    private func measure(_ entries: [IntakeEntry], took: Duration) {
        let worker = parts.planner.worker
        parts.metrics.transactions.record(took.inSeconds, worker)
        parts.metrics.batchRecords.record(Double(entries.count), worker)
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
            parts.metrics.records.add(count, worker, source.topic, name)
        }
        if folded > 0 { parts.metrics.folded.add(folded, worker, source.topic) }
    }
}
