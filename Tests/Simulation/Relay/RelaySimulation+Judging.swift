import Intake
import Ledger
import World

extension RelaySimulation {
    func observe(_ changes: [MemoryLedger.Change]) {
        for change in changes {
            if let finding = judge.observe(change, at: ledgerTime) { find(finding) }
        }
        for change in changes {
            switch change {
            case .taken(let partition, _, _): judgePosition(partition)
            case .rescued: statistics.rescued += 1
            case .reopened: statistics.reopened += 1
            case .removed: statistics.removed += 1
            default: continue
            }
        }
    }

    private func receiver(of destination: Destination) -> Receiver? {
        destination.connection("to").flatMap { Int($0) }.map { receivers[$0] }
    }

    /// Whom a process may bring rows to now; nil: it is switched off.
    func adapter(of destination: Destination) -> Receiver? {
        receiver(of: destination).flatMap { $0.offUntil > now ? nil : $0 }
    }

    /// A message is under way; its effect comes when it comes.
    func receive(_ row: LeasedDelivery, of receiver: Receiver, _ record: Attempted) -> Receiver.Fate {
        let fate = receivers[receiver.number].receive(row, at: now, isDraining: isDraining, dice)
        note(
            record.owner, "send",
            "row \(row.id) \(row.eventID) to \(row.destination) under lease \(row.leaseNumber)"
                + (row.isOutcomeUnknown ? ", in doubt" : ""))
        guard let after = fate.effectAfter else { return fate }
        later(at: now + after) { [self] in
            record.isLate = after > min(fate.answerAfter, receiver.weather.timeout * second)
            receivers[receiver.number].has.insert(row.eventID)
            note(row.destination.text, "effect", "\(row.eventID), row \(row.id), by \(record.owner)")
            let aim = log.aims[row.eventID]?[row.destination]
            if let finding = judge.effect(record, aim: aim, at: ledgerTime) { find(finding) }
        }
        return fate
    }

    // MARK: At rest

    func openRows() -> [Int64] { ledger.open.values.filter { $0.destination != .conflict }.map(\.id).sorted() }

    func unread() -> Int64 {
        (0..<weather.partitions).reduce(0) { $0 + log.end(of: $1) - (ledger.positions[$1]?.next ?? 0) }
    }

    /// All that was to be done is done, and no dead row is left that a replay could bring to its end.
    var isAtRest: Bool {
        guard log.partitions.indices.allSatisfy({ ledger.positions[$0]?.next ?? 0 == log.end(of: $0) }),
            !ledger.open.values.contains(where: { $0.destination != .conflict }), ledger.prune == nil,
            ledger.replays.allSatisfy({ $0.destinations.isEmpty })
        else { return false }
        return !ledger.history.values.contains { $0.state == .dead && excuse(ofDead: $0) == nil }
    }

    /// Why a dead row may stay so; nil: a replay will open it.
    private func excuse(ofDead row: MemoryLedger.Row) -> String? {
        if receiver(of: row.destination)?.never.contains(row.eventID) == true { return "its receiver never takes it" }
        return ledger.isSuperseded(row) ? "superseded" : nil
    }

    func judgeRest() {
        isJudged = true
        for partition in log.partitions.indices { judgePosition(partition) }
        judgeBooks("at rest")
        for (eventID, aims) in log.aims {
            for (destination, aim) in aims where aim == .delivered { judgeEffect(eventID, destination) }
        }
    }

    private func judgePosition(_ partition: Int) {
        let taken = judge.taken[partition]
        let position = ledger.positions[partition] ?? Position(base: 0, next: 0)
        let booked = position.planned + position.folded + position.skipped + position.lost
        guard taken == position.next - position.base, booked == taken else {
            return find(
                .position(
                    partition: partition,
                    why: "at \(position.next), with \(booked) records in its books and \(taken) taken in"))
        }
    }

    func judgeBooksInPassing() {
        judgeBooks("in passing")
        later(at: now + 5 * second) { [self] in judgeBooksInPassing() }
    }

    func judgeBooks(_ when: String) {
        for book in ledger.balance() {
            let planned = judge.planned[book.destination] ?? 0
            let unaccounted = book.unaccounted != 0 ? book.unaccounted : planned - book.planned
            if unaccounted != 0 {
                find(.books(destination: book.destination.text, unaccounted: unaccounted, when: when))
            }
        }
    }

    private func judgeEffect(_ eventID: String, _ destination: Destination) {
        let place = RelayJudge.Place(destination: destination, name: eventID)
        if judge.effects[place] != nil { return }
        let rows = ledger.history.values.filter { $0.destination == destination && $0.eventID == eventID }
        if rows.contains(where: { $0.state == .dead && excuse(ofDead: $0) != nil }) { return }
        // Dead for so long that a prune has removed it: it is in dead-letters, and in the books as removed.
        if rows.isEmpty, judge.removed[place] == .dead { return }
        let why = rows.first.map { "its row \($0.id) is \($0.state)" } ?? "it has no row"
        find(.lost(event: eventID, destination: destination.text, why: why))
    }
}
