import Ledger
import World

extension MemoryLedger {
    static let leaseLength = TrueTime(LeasedDelivery.leaseLength.components.seconds) * second
    /// Held rows are put off behind a parked one for so long.
    private static let putOffBehindParked = 300 * second
    private static let putOffMaximum = 500

    // MARK: Taking

    /// Leases due rows, oldest due first, none whose key has an earlier open row; puts off the held ones found due.
    static func take(
        _ limits: [Destination: Int], owner: String
    ) -> Verb<[Destination: [LeasedDelivery]]> {
        let limits = limits.sorted { $0.key < $1.key }
        let names = limits.map { "\($0.value) of \($0.key)" }.joined(separator: ", ")
        return Verb(
            name: "take \(names)", locks: limits.map { .shared(.destination($0.key)) }, takesTime: true
        ) { ledger, now in
            var taken: [Int64] = []
            var putOff: [Int64] = []
            for (destination, limit) in limits {
                let due = ledger.due(destination, now)
                let heads = due.filter { ledger.isHead($0) }.prefix(limit).map(\.id)
                taken += heads
                if heads.count < limit {
                    putOff += due.filter { !ledger.isHead($0) }.prefix(Self.putOffMaximum).map(\.id)
                }
            }
            ledger.locked.formUnion(taken)
            return Verb<[Destination: [LeasedDelivery]]>.Decision(locked: taken) { ledger, now in
                let rows = taken.compactMap { ledger.lease($0, to: owner, now) }
                for id in putOff { ledger.putOff(id, now) }
                return Dictionary(grouping: rows, by: \.destination)
            }
        }
    }

    private func due(_ destination: Destination, _ now: TrueTime) -> [Row] {
        open.values
            .filter {
                $0.destination == destination && $0.state == .pending && $0.dueAt <= now && !locked.contains($0.id)
            }
            .sorted { ($0.dueAt, $0.id) < ($1.dueAt, $1.id) }
    }

    private func isHead(_ row: Row) -> Bool { omitted.contains(.keyOrder) || head(of: row.lane) == row.id }

    private mutating func lease(_ id: Int64, to owner: String, _ now: TrueTime) -> LeasedDelivery? {
        // As EvalPlanQual: of what changed meanwhile only the row itself is looked at again.
        guard var row = open[id], row.state == .pending else { return nil }
        row.state = .inFlight
        row.leaseNumber += 1
        row.owner = owner
        row.leaseUntil = now + Self.leaseLength
        row.changedAt = now
        open[id] = row
        changes.append(.granted(row))
        return leased(row)
    }

    /// A hint only, for long chains: looked at again when its head may be done.
    private mutating func putOff(_ id: Int64, _ now: TrueTime) {
        guard var row = open[id], row.state == .pending, !locked.contains(id), let headID = head(of: row.lane),
            headID != id, let head = open[headID]
        else { return }
        switch head.state {
        case .pending: row.dueAt = head.dueAt
        case .inFlight: row.dueAt = head.leaseUntil ?? now
        default: row.dueAt = now + Self.putOffBehindParked
        }
        open[id] = row
    }

    static func pendingDestinations() -> Verb<[(destination: Destination, dueAt: TrueTime)]> {
        .atOnce("look") { ledger, _ in
            var earliest: [Destination: TrueTime] = [:]
            for row in ledger.open.values where row.state == .pending {
                earliest[row.destination] = min(earliest[row.destination] ?? .max, row.dueAt)
            }
            return earliest.map { (destination: $0.key, dueAt: $0.value) }
                .sorted { ($0.dueAt, $0.destination) < ($1.dueAt, $1.destination) }
        }
    }
}
