import Ledger
import World

/// Rows that are to be attempted once more, by an operator's wish: a row of the ledger, so that it goes on after a crash.
struct Replay {
    var id: Int
    /// Frozen when it was made: what has died later is not meant.
    var madeAt: TrueTime
    /// Those that are left; the first is under way.
    var destinations: [Destination]
    /// The last row that was looked at.
    var cursor: Int64 = 0
}

// As the program's, of everything that is dead or parked: its steps go from row to row by their ids, each in one transaction.
extension MemoryLedger {
    private static let replayedAtOnce = 5

    static func makeReplay() -> Verb<Void> {
        .atOnce("replay") { ledger, now in
            let destinations = ledger.books.keys.filter { $0 != .conflict }.sorted()
            ledger.replays.append(Replay(id: ledger.replays.count, madeAt: now, destinations: destinations))
        }
    }

    /// The replay under way, and of which destination.
    static func nextReplay() -> Verb<(id: Int, destination: Destination)?> {
        .atOnce("next replay") { ledger, _ in
            ledger.replays.first { !$0.destinations.isEmpty }.map { (id: $0.id, destination: $0.destinations[0]) }
        }
    }

    /// Opens some dead and parked rows again, under their old ids. The destination's lock is had alone and before the look:
    /// without it a take that began before would lease a later row of the key, and not see that this one is open now.
    static func replay(_ id: Int, _ destination: Destination, omitting: RelayOmissions) -> Verb<Int> {
        let locks: [Lock] = omitting.contains(.replayLock) ? [] : [.alone(.destination(destination))]
        return Verb(name: "replay \(id) of \(destination)", locks: [.shared(.retention)] + locks, takesTime: true) {
            ledger, _ in
            guard let replay = ledger.replays.first(where: { $0.id == id }), replay.destinations.first == destination
            else { return Verb<Int>.Decision { _, _ in 0 } }
            let seen = ledger.replayable(replay, destination)
            let opened = seen.filter { !ledger.isSuperseded($0) }.map(\.id)
            return Verb<Int>.Decision { ledger, now in
                for id in opened { ledger.reopen(id, now) }
                ledger.note(replay.id, seen: seen)
                return opened.count
            }
        }
    }

    private func replayable(_ replay: Replay, _ destination: Destination) -> [Row] {
        let dead = history.values.filter { $0.state == .dead && !isCounted($0) }
        let parked = open.values.filter { $0.state == .parked }
        return Array(
            (dead + parked)
                .filter { $0.destination == destination && $0.id > replay.cursor && $0.changedAt <= replay.madeAt }
                .sorted { $0.id < $1.id }.prefix(Self.replayedAtOnce))
    }

    /// Whether a later row of the key may have reached the receiver: then this one would come after it. A lease that was lost
    /// counts, since the process may have sent; so does one that runs.
    func isSuperseded(_ row: Row) -> Bool {
        if omitted.contains(.superseded) { return false }
        return keys[row.lane, default: []].contains { id in
            guard id > row.id, let later = self.row(id) else { return false }
            return later.isAttempted || later.state == .inFlight
        }
    }

    private mutating func reopen(_ id: Int64, _ now: TrueTime) {
        guard var row = row(id), row.state == .dead || row.state == .parked else { return }
        row.state = .pending
        row.reason = nil
        (row.dueAt, row.changedAt) = (now, now)
        // It has all its attempts again, and its leases are not held against it: else it would be given up, or parked as
        // deadly, at the first trouble. The doubt about its last attempt stays.
        row.attempt = 0
        row.givenBack = row.leaseNumber
        row.isCopied = false
        update(row)
        changes.append(.reopened(id: id))
    }

    private mutating func note(_ id: Int, seen: [Row]) {
        guard let index = replays.firstIndex(where: { $0.id == id }) else { return }
        if seen.count < Self.replayedAtOnce {
            replays[index].destinations.removeFirst()
            replays[index].cursor = 0
        } else {
            replays[index].cursor = seen.last!.id
        }
    }
}
