import Ledger
import World

/// What a prune has counted: it is not in the books any more, and will be dropped.
struct Prune {
    var rows: Set<Int64>
    var events: Set<String>
}

// As the program does it with partitions: counted first, dropped later, and between the two its process may die.
extension MemoryLedger {
    func isCounted(_ row: Row) -> Bool { prune?.rows.contains(row.id) == true }

    /// The first step, alone with what may be removed: what is older is counted as removed, unless a dead row is not copied
    /// yet. Events that a row needs which may still be attempted are kept: those of open rows, and of dead ones that stay.
    static func countPrune(before: TrueTime) -> Verb<Bool> {
        Verb(name: "prune before \(before / second) s", locks: [.alone(.retention)], takesTime: true) { ledger, _ in
            let old = ledger.history.values.filter { $0.changedAt < before }
            guard ledger.prune == nil, !old.contains(where: { $0.state == .dead && !$0.isCopied }) else {
                return Verb<Bool>.Decision { _, _ in false }
            }
            let rows = Set(old.map(\.id))
            let staying = ledger.history.values.filter { $0.state == .dead && !rows.contains($0.id) }
            let needed = Set(ledger.open.values.map(\.eventID)).union(staying.map(\.eventID))
            let oldEvents = Set(ledger.events.filter { $0.value.takenAt < before }.keys)
            let events = ledger.omitted.contains(.neededEvents) ? oldEvents : oldEvents.subtracting(needed)
            return Verb<Bool>.Decision { ledger, now in
                ledger.prune = Prune(rows: rows, events: events)
                for id in oldEvents.subtracting(events) { ledger.events[id]?.takenAt = now }
                guard !ledger.omitted.contains(.removedCounter) else { return true }
                for id in rows { ledger.books[ledger.history[id]!.destination]!.removed += 1 }
                return true
            }
        }
    }

    /// The second step, by whoever comes first: what was counted goes.
    static func dropPrune() -> Verb<Void> {
        .atOnce("drop") { ledger, _ in
            guard let prune = ledger.prune else { return }
            ledger.prune = nil
            for id in prune.rows.sorted() {
                guard let row = ledger.history.removeValue(forKey: id) else { continue }
                ledger.keys[row.lane]?.removeAll { $0 == id }
                ledger.changes.append(.removed(row))
            }
            for id in prune.events.sorted() where ledger.events.removeValue(forKey: id) != nil {
                ledger.changes.append(.forgotten(eventID: id))
            }
        }
    }
}
