import Ledger
import World

extension MemoryLedger {
    /// Writes outcomes, each only under the owner and lease number it was taken with; returns the ids that were written.
    static func complete(_ completions: [Completion], owner: String) -> Verb<Set<Int64>> {
        .atOnce("complete \(completions.map { "\($0.delivery.id)=\($0.outcome)" }.joined(separator: " "))") {
            ledger, now in
            var written: Set<Int64> = []
            for completion in completions.sorted(by: { $0.delivery.id < $1.delivery.id })
            where ledger.complete(completion, owner, now) { written.insert(completion.delivery.id) }
            return written
        }
    }

    private mutating func complete(_ completion: Completion, _ owner: String, _ now: TrueTime) -> Bool {
        let delivery = completion.delivery
        guard var row = omitted.contains(.leaseCheck) ? row(delivery.id) : open[delivery.id] else { return false }
        if !omitted.contains(.leaseCheck) {
            guard row.state == .inFlight, row.owner == owner, row.leaseNumber == delivery.leaseNumber else {
                return false
            }
        }
        let (state, delay, reason) = completion.next
        row.state = state
        row.attempt += completion.usesUpAnAttempt ? 1 : 0
        row.givenBack += completion.usesUpAnAttempt ? 0 : 1
        if completion.usesUpAnAttempt, state != .skipped { row.isAttempted = true }
        if let delay { row.dueAt = now + delay * millisecond }
        (row.owner, row.leaseUntil) = (nil, nil)
        row.isOutcomeUnknown = completion.leavesInDoubt
        row.reason = reason
        row.changedAt = now
        update(row)
        changes.append(.outcome(id: row.id, owner: owner, leaseNumber: delivery.leaseNumber, state))
        if completion.closesItsRow { pullForward(row.lane, now) }
        return true
    }

    /// The next of a key that was put off is due now that its head has closed.
    private mutating func pullForward(_ lane: LaneKey, _ now: TrueTime) {
        guard let id = head(of: lane), var row = open[id], row.state == .pending, row.attempt == 0, row.dueAt > now,
            !locked.contains(id)
        else { return }
        row.dueAt = now
        open[id] = row
    }

    // MARK: Leases

    static func renew(_ deliveries: [LeasedDelivery], owner: String) -> Verb<Set<Int64>> {
        .atOnce("renew \(deliveries.map { "\($0.id)" }.joined(separator: " "))") { ledger, now in
            var kept: Set<Int64> = []
            for delivery in deliveries {
                guard var row = ledger.open[delivery.id], row.state == .inFlight, row.owner == owner,
                    row.leaseNumber == delivery.leaseNumber
                else { continue }
                row.leaseUntil = now + Self.leaseLength
                ledger.open[row.id] = row
                ledger.changes.append(.renewed(id: row.id, until: now + Self.leaseLength))
                kept.insert(row.id)
            }
            return kept
        }
    }

    /// Rows with expired leases are pending again, in doubt; after three leases without an attempt they are parked.
    static func rescue() -> Verb<Int> {
        .atOnce("rescue") { ledger, now in
            let expired = ledger.open.values.filter { $0.state == .inFlight && $0.leaseUntil! <= now }
            for var row in expired.sorted(by: { $0.id < $1.id }) {
                let isDeadly = row.leaseNumber - row.givenBack - Int64(row.attempt) >= 3
                row.state = isDeadly ? .parked : .pending
                row.reason = isDeadly ? "worker died with it" : row.reason
                (row.owner, row.leaseUntil) = (nil, nil)
                row.isOutcomeUnknown = !ledger.omitted.contains(.doubt)
                row.isAttempted = true
                (row.dueAt, row.changedAt) = (now, now)
                ledger.open[row.id] = row
                ledger.changes.append(.rescued(id: row.id))
            }
            return expired.count
        }
    }

    static func leased(to owner: String) -> Verb<[LeasedDelivery]> {
        .atOnce("leased") { ledger, _ in
            ledger.open.values.filter { $0.state == .inFlight && $0.owner == owner }.sorted { $0.id < $1.id }
                .map(ledger.leased)
        }
    }

    /// - Returns: how many processes were heard of lately.
    static func heartbeat(_ owner: String) -> Verb<Int> {
        .atOnce("heartbeat") { ledger, now in
            ledger.heartbeats[owner] = now
            ledger.heartbeats = ledger.heartbeats.filter { now - $0.value < 15 * second }
            return ledger.heartbeats.count
        }
    }

    // MARK: Dead letters

    static func deadLetters(limit: Int) -> Verb<[Int64]> {
        .atOnce("deadLetters") { ledger, _ in
            Array(ledger.history.values.filter { $0.state == .dead && !$0.isCopied }.map(\.id).sorted().prefix(limit))
        }
    }

    static func markCopied(_ ids: [Int64]) -> Verb<Void> {
        .atOnce("markCopied") { ledger, _ in
            for id in ids where ledger.history[id]?.state == .dead { ledger.history[id]!.isCopied = true }
        }
    }
}
