import Crypto
import Events
import Intake
import Ledger
import World

extension MemoryLedger {
    /// What of a batch is committed. All of it but where a control takes it apart.
    enum IntakePart { case whole, positionOnly, rowsOnly }

    static func takeIn(_ batch: IntakeBatch, _ part: IntakePart = .whole) -> Verb<[LeasedDelivery]> {
        let partition = Int(batch.source.partition)
        let destinations = Set(
            batch.entries.flatMap { entry -> [Destination] in
                if case .planned(let deliveries) = entry.disposition { deliveries.map(\.destination) } else { [] }
            }
        ).sorted()
        return Verb(
            name: "takeIn \(partition)/\(batch.from)..<\(batch.next)",
            locks: [.alone(.position(partition))] + destinations.map { .shared(.destination($0)) }, takesTime: true
        ) { ledger, now throws(LedgerError) in try ledger.lookAtIntake(batch, part, now) }
    }

    private mutating func lookAtIntake(
        _ batch: IntakeBatch, _ part: IntakePart, _ now: TrueTime
    ) throws(LedgerError) -> Verb<[LeasedDelivery]>.Decision {
        let partition = Int(batch.source.partition)
        let isFenced = !omitted.contains(.fence) && part != .rowsOnly
        if isFenced, positions[partition]?.next != batch.from {
            throw LedgerError(.fenced, "the position is not \(batch.from) any more: another owner moved it")
        }
        // Also what the program's UNIQUE says: an id that is there already. Without the fence nothing else would hold.
        if isFenced, part != .positionOnly {
            for entry in batch.entries where entry.disposition != .folded && events[entry.id] != nil {
                throw LedgerError(.unavailable, "event \(entry.id) is there already")
            }
        }
        let rows = part == .positionOnly ? [] : plan(batch, partition, now)
        return Verb<[LeasedDelivery]>.Decision { ledger, now in
            if part != .rowsOnly { ledger.movePosition(batch, partition) }
            if part != .positionOnly { ledger.takeIn(batch.entries, partition, now) }
            for row in rows {
                ledger.books[row.destination, default: (0, 0)].planned += 1
                ledger.insert(row)
                ledger.changes.append(.planned(row))
                if row.state == .inFlight { ledger.changes.append(.granted(row)) }
            }
            return rows.filter { $0.state == .inFlight }.map(ledger.leased)
        }
    }

    /// The rows as they are inserted: ids in the order of events, those born skipped last. Leased are those with room whose
    /// key has no earlier open row, here or in the table.
    private mutating func plan(_ batch: IntakeBatch, _ partition: Int, _ now: TrueTime) -> [Row] {
        var room = batch.room
        var held: Set<LaneKey> = []
        var rows: [Row] = []
        var skipped: [Row] = []
        for entry in batch.entries {
            guard case .planned(let deliveries) = entry.disposition else { continue }
            for delivery in deliveries {
                var row = Row(
                    id: 0, destination: delivery.destination, eventID: entry.id, key: entry.key, partition: partition,
                    state: .pending, dueAt: now, changedAt: now)
                if let why = delivery.declined {
                    (row.state, row.reason) = (.skipped, why)
                    skipped.append(row)
                    continue
                }
                let isFirst = held.insert(row.lane).inserted
                if let why = delivery.parked {
                    (row.state, row.reason) = (.parked, why)
                } else if isFirst, room[row.destination, default: 0] > 0 {
                    room[row.destination, default: 0] -= 1
                    if head(of: row.lane) == nil || omitted.contains(.keyOrder) {
                        (row.state, row.owner, row.leaseNumber) = (.inFlight, batch.owner, 1)
                        row.leaseUntil = now + Self.leaseLength
                    }
                }
                rows.append(row)
            }
        }
        rows += skipped
        for index in rows.indices {
            lastID += 1
            rows[index].id = lastID
        }
        return rows
    }

    private mutating func takeIn(_ entries: [IntakeEntry], _ partition: Int, _ now: TrueTime) {
        for entry in entries {
            if entry.disposition != .folded {
                events[entry.id] = StoredEvent(digest: entry.event?.digest, partition: partition, takenAt: now)
            }
            changes.append(.taken(partition: partition, offset: entry.offset, eventID: entry.id))
        }
    }

    private mutating func movePosition(_ batch: IntakeBatch, _ partition: Int) {
        var position = positions[partition]!
        position.next = batch.next
        for entry in batch.entries {
            switch entry.disposition {
            case .planned: position.planned += 1
            case .folded: position.folded += 1
            case .skipped: position.skipped += 1
            }
        }
        position.lastEvent = batch.entries.last?.id ?? position.lastEvent
        position.lastTime = batch.entries.last?.time ?? position.lastTime
        positions[partition] = position
    }

    // MARK: Asked

    /// The position, made at `base` where there is none and `base` is said.
    static func position(_ partition: Int, base: Int64? = nil) -> Verb<Position?> {
        .atOnce("position \(partition)") { ledger, _ in
            if ledger.positions[partition] == nil, let base {
                ledger.positions[partition] = Position(base: base, next: base)
            }
            return ledger.positions[partition]
        }
    }

    static func known(_ ids: [String]) -> Verb<[String: Digest?]> {
        .atOnce("known") { ledger, _ in
            var known: [String: Digest?] = [:]
            for id in ids { if let event = ledger.events[id] { known.updateValue(event.digest, forKey: id) } }
            return known
        }
    }

    static func hasEvent(_ id: String) -> Verb<Bool> {
        .atOnce("event \(id)") { ledger, _ in ledger.events[id] != nil }
    }
}
