import Ledger
import World

/// One sending of a row, as the world saw it.
final class Attempted {
    let row: LeasedDelivery
    let owner: String
    let process: Machine
    let incarnation: Int
    let checkedAt: TrueTime
    /// Its process stood still between the last look at its lease and the sending: the one thing that no check can see.
    var isFrozenBefore = false
    /// Its process was not told what came of it.
    var isUnknown = false
    /// Its effect came after its process had given it up.
    var isLate = false

    init(row: LeasedDelivery, owner: String, process: Machine, incarnation: Int, checkedAt: TrueTime) {
        self.row = row
        self.owner = owner
        self.process = process
        self.incarnation = incarnation
        self.checkedAt = checkedAt
    }

    /// What excuses that the row was attempted again although this attempt had its effect; nil: nothing.
    var excuse: String? {
        if isUnknown { return "its outcome was unknown" }
        if process.incarnation != incarnation || !process.isUp { return "its process died with it" }
        if process.lastFrozen >= checkedAt { return "its process stood still with it" }
        if process.lastTrouble >= checkedAt { return "its process could not reach the ledger" }
        return nil
    }
}

/// Believes what was committed and what receivers got, and nothing else; it shares no code with what it judges but the names
/// of states.
struct RelayJudge {
    struct Place: Hashable {
        var destination: Destination
        var name: String
    }

    private struct Holder {
        var owner: String
        var leaseNumber: Int64
        var until: TrueTime
    }

    /// Of each row who holds it; none while it is not leased.
    private var holders: [Int64: Holder] = [:]
    private var closed: Set<Int64> = []
    /// Open rows by key, ascending.
    private var open: [Place: [Int64]] = [:]
    private(set) var rows: [Int64: MemoryLedger.Row] = [:]
    private(set) var removed: [Place: DeliveryState] = [:]
    /// Events that a prune has forgotten: the same id is new again, by design.
    private(set) var forgotten: Set<String> = []
    /// By destination and event.
    private(set) var effects: [Place: [Attempted]] = [:]
    /// The latest row of a key that had its effect.
    private var latest: [Place: MemoryLedger.Row] = [:]
    /// How many records of each partition are taken in.
    private(set) var taken: [Int64]
    private(set) var planned: [Destination: Int64] = [:]
    private(set) var repeated = 0
    var effectCount: Int { effects.values.reduce(0) { $0 + $1.count } }
    var rowCount: Int { rows.count }

    init(partitions: Int) { taken = Array(repeating: 0, count: partitions) }

    // MARK: Commits

    mutating func observe(_ change: MemoryLedger.Change, at now: TrueTime) -> RelayFinding? {
        switch change {
        case .taken(let partition, let offset, _):
            guard offset == taken[partition] else {
                return .position(
                    partition: partition, why: "record \(offset) was taken in after \(taken[partition]) records")
            }
            taken[partition] += 1
        case .planned(let row):
            rows[row.id] = row
            planned[row.destination, default: 0] += 1
            if row.isOpen { open[key(row), default: []].append(row.id) } else { closed.insert(row.id) }
        case .granted(let row):
            holders[row.id] = Holder(owner: row.owner!, leaseNumber: row.leaseNumber, until: row.leaseUntil!)
        case .renewed(let id, let until): holders[id]?.until = until
        case .rescued(let id):
            if let holder = holders[id], holder.until > now {
                return .foreignOutcome(row: id, process: "a rescuer", why: "\(holder.owner) still had its lease")
            }
            holders[id] = nil
        case .outcome(let id, let owner, let leaseNumber, let state):
            return outcome(id, owner, leaseNumber, state)
        case .reopened(let id):
            closed.remove(id)
            let key = key(rows[id]!)
            if open[key]?.contains(id) != true { open[key] = ((open[key] ?? []) + [id]).sorted() }
        case .removed(let row):
            removed[event(row)] = row.state
            rows[row.id] = nil
        case .forgotten(let eventID): forgotten.insert(eventID)
        }
        return nil
    }

    private mutating func outcome(
        _ id: Int64, _ owner: String, _ leaseNumber: Int64, _ state: DeliveryState
    ) -> RelayFinding? {
        if closed.contains(id) { return .foreignOutcome(row: id, process: owner, why: "it was closed before") }
        guard let holder = holders[id], holder.owner == owner, holder.leaseNumber == leaseNumber else {
            let who = holders[id].map { "\($0.owner) held it under lease \($0.leaseNumber)" } ?? "nobody held it"
            return .foreignOutcome(row: id, process: owner, why: "under lease \(leaseNumber), and \(who)")
        }
        holders[id] = nil
        if state == .done || state == .dead || state == .skipped {
            closed.insert(id)
            open[key(rows[id]!)]?.removeAll { $0 == id }
        }
        return nil
    }

    private func key(_ row: MemoryLedger.Row) -> Place { Place(destination: row.destination, name: row.key) }
    private func event(_ row: MemoryLedger.Row) -> Place { Place(destination: row.destination, name: row.eventID) }

    // MARK: Effects

    /// A receiver takes it.
    mutating func effect(_ attempt: Attempted, aim: EventLog.Aim?, at now: TrueTime) -> RelayFinding? {
        let row = attempt.row
        let place = Place(destination: row.destination, name: row.eventID)
        let before = effects[place] ?? []
        effects[place, default: []].append(attempt)
        guard aim == .delivered else { return .invented(event: row.eventID, destination: row.destination.text) }
        return beyondLease(attempt, now) ?? order(attempt) ?? repetition(attempt, before)
    }

    private func beyondLease(_ attempt: Attempted, _ now: TrueTime) -> RelayFinding? {
        if attempt.isFrozenBefore || attempt.isLate { return nil }
        if let holder = holders[attempt.row.id], holder.leaseNumber == attempt.row.leaseNumber, holder.until > now {
            return nil
        }
        return .beyondLease(row: attempt.row.id, lease: attempt.row.leaseNumber, process: attempt.owner)
    }

    private mutating func order(_ attempt: Attempted) -> RelayFinding? {
        let row = attempt.row
        let key = Place(destination: row.destination, name: row.key)
        if let first = open[key]?.first, first < row.id {
            return .inverted(event: row.eventID, before: rows[first]!.eventID, destination: row.destination.text)
        }
        if let later = latest[key], later.id > row.id {
            if attempt.isFrozenBefore || attempt.isLate { return nil }
            return .stale(event: row.eventID, after: later.eventID, destination: row.destination.text)
        }
        latest[key] = rows[row.id] ?? latest[key]
        return nil
    }

    private mutating func repetition(_ attempt: Attempted, _ before: [Attempted]) -> RelayFinding? {
        if before.isEmpty { return nil }
        repeated += 1
        // A prune forgot the event before its record came again.
        if forgotten.contains(attempt.row.eventID) { return nil }
        if attempt.isFrozenBefore || attempt.isLate { return nil }
        func found(_ why: String) -> RelayFinding {
            .repeated(event: attempt.row.eventID, destination: attempt.row.destination.text, why: why)
        }
        guard before.contains(where: { $0.excuse != nil }) else {
            return found("no process died or stood still with it, and no outcome was unknown")
        }
        return attempt.row.isOutcomeUnknown ? nil : found("the second attempt was not told to look before repeating")
    }
}
