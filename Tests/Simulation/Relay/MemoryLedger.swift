import Crypto
import Events
import Intake
import Ledger
import World

/// The ledger in memory: a model of what its verbs mean, not of how a database does it.
///
/// It is the ledger of `POSTGRES.md` §5–§7: open rows and history apart, replay, prune. The program has these verbs today:
/// position, known, takeIn, takeDue (with the put-off), pendingDestinations, complete, renew, rescueExpired, leased,
/// heartbeat, deadLetters, markCopied, books, and replays. It has no prune yet, which is modelled here so that the rules it
/// needs are known before it is written.
///
/// A verb that reads before it writes is two steps, since others' commits may come between: see ``Verb``.
struct MemoryLedger {
    struct LaneKey: Hashable {
        var destination: Destination
        var key: String
    }

    struct Row {
        var id: Int64
        var destination: Destination
        var eventID: String
        var key: String
        var partition: Int
        var state: DeliveryState
        var attempt = 0
        var dueAt: TrueTime
        var leaseNumber: Int64 = 0
        var givenBack: Int64 = 0
        var owner: String?
        var leaseUntil: TrueTime?
        var isOutcomeUnknown = false
        var reason: String?
        var changedAt: TrueTime
        var isCopied = false
        /// Whether its receiver may have heard of it: it was attempted, or lost with a process that may have attempted it. What
        /// failed for the configuration, or was declined, never got there.
        var isAttempted = false

        var lane: LaneKey { LaneKey(destination: destination, key: key) }
        var isOpen: Bool { state == .pending || state == .inFlight || state == .parked }
    }

    struct StoredEvent {
        var digest: Digest?
        var partition: Int
        /// Where it lies in time: prune goes by that.
        var takenAt: TrueTime
    }

    /// What a commit changed: told to the judge, who believes nothing else.
    enum Change {
        case taken(partition: Int, offset: Int64, eventID: String)
        case planned(Row)
        case granted(Row)
        case renewed(id: Int64, until: TrueTime)
        case rescued(id: Int64)
        case outcome(id: Int64, owner: String, leaseNumber: Int64, DeliveryState)
        case reopened(id: Int64)
        case removed(Row)
        case forgotten(eventID: String)
    }

    let worker = "relay"
    var omitted: RelayOmissions = []
    var positions: [Int: Position] = [:]
    var events: [String: StoredEvent] = [:]
    /// pending, in flight, parked.
    var open: [Int64: Row] = [:]
    /// done, dead, skipped.
    var history: [Int64: Row] = [:]
    /// Ids of open rows in their order.
    var lanes: [LaneKey: [Int64]] = [:]
    /// Ids of all rows that are not removed, in their order: what a replay asks for later rows of a key.
    var keys: [LaneKey: [Int64]] = [:]
    var books: [Destination: (planned: Int64, removed: Int64)] = [:]
    var heartbeats: [String: TrueTime] = [:]
    /// Rows that an open transaction has locked: SKIP LOCKED passes them by.
    var locked: Set<Int64> = []
    var lastID: Int64 = 0
    var replays: [Replay] = []
    /// What a prune has counted and not yet dropped: everything from before this time.
    var prune: Prune?
    var changes: [Change] = []

    // MARK: Rows

    mutating func insert(_ row: Row) {
        keys[row.lane, default: []].insert(row.id, sorted: true)
        if row.isOpen {
            open[row.id] = row
            lanes[row.lane, default: []].insert(row.id, sorted: true)
        } else {
            history[row.id] = row
        }
    }

    /// Writes a row back, and moves it between the open ones and history.
    mutating func update(_ row: Row) {
        if row.isOpen {
            if history.removeValue(forKey: row.id) != nil || open[row.id] == nil {
                lanes[row.lane, default: []].insert(row.id, sorted: true)
            }
            open[row.id] = row
        } else {
            if open.removeValue(forKey: row.id) != nil { lanes[row.lane]?.removeAll { $0 == row.id } }
            history[row.id] = row
        }
    }

    /// The earliest open row of a key; the head may be attempted, the others wait for it.
    func head(of lane: LaneKey) -> Int64? { lanes[lane]?.first }

    func row(_ id: Int64) -> Row? { open[id] ?? history[id] }

    func leased(_ row: Row) -> LeasedDelivery {
        LeasedDelivery(
            id: row.id, worker: worker, destination: row.destination, eventID: row.eventID, key: row.key,
            attempt: row.attempt, leaseNumber: row.leaseNumber, isOutcomeUnknown: row.isOutcomeUnknown)
    }

    // MARK: Books

    /// As the program reckons: counters and rows of one instant. What a prune has counted is left out.
    func balance() -> [DestinationBook] {
        var rows: [Destination: [DeliveryState: Int64]] = [:]
        for row in open.values { rows[row.destination, default: [:]][row.state, default: 0] += 1 }
        for row in history.values where !isCounted(row) {
            rows[row.destination, default: [:]][row.state, default: 0] += 1
        }
        return books.keys.sorted().map { destination in
            let book = books[destination]!
            return DestinationBook(
                worker: worker, destination: destination, planned: book.planned, removed: book.removed,
                rows: rows[destination] ?? [:])
        }
    }

    mutating func takeChanges() -> [Change] {
        defer { changes = [] }
        return changes
    }
}

extension [Int64] {
    fileprivate mutating func insert(_ id: Int64, sorted: Bool) {
        var index = count
        while index > 0, self[index - 1] > id { index -= 1 }
        insert(id, at: index)
    }
}
