import Crypto
import Database
import Orders

/// The statements that take a batch in. Pure: a batch goes in, statements come out.
struct IntakeScript {
    /// More records than this in one transaction would hold the lock for too long.
    static let entriesMaximum = 2_000

    private(set) var statements: [Statement] = []
    /// Where, among the statements, those are that plan rows and so return them.
    private(set) var planning: Range<Int> = 0..<0

    private let batch: IntakeBatch
    /// worker, cluster, topic, partition.
    private let place: [Value]

    init(_ batch: IntakeBatch) throws(LedgerError) {
        try Self.check(batch)
        self.batch = batch
        place = batch.source.values(worker: batch.worker)
        statements.append(fence())
        statements.append(LedgerLock.sharing(batch.entries.flatMap(\.disposition.destinations)))
        statements.append(
            Statement(IntakeStatements.events, place, rows: batch.entries.compactMap(Self.eventRow)))
        statements.append(Statement(IntakeStatements.folds, place, rows: batch.entries.compactMap(Self.foldRow)))
        plan()
        statements.append(books())
        statements += ReadModelScript(batch.changes).statements
    }

    /// What the books could not close with is a fault of the caller's, told before anything is written.
    private static func check(_ batch: IntakeBatch) throws(LedgerError) {
        func fault(_ what: String) -> LedgerError {
            LedgerError(
                .other, "an intake of \(batch.worker) at \(batch.source.topic)/\(batch.source.partition): \(what)")
        }
        guard batch.from >= 0, batch.next >= batch.from else { throw fault("ends before it begins") }
        guard batch.entries.count <= entriesMaximum else {
            throw fault("has \(batch.entries.count) records, at most \(entriesMaximum) may be taken in at once")
        }
        var next = batch.from
        for entry in batch.entries {
            guard entry.offset >= next, entry.offset < batch.next else {
                throw fault("offset \(entry.offset) is out of order, or not in \(batch.from)..<\(batch.next)")
            }
            next = entry.offset + 1
        }
        try IndexedTexts.check(batch)
    }

    private func fence() -> Statement {
        var planned: Int64 = 0
        var folded: Int64 = 0
        for entry in batch.entries {
            switch entry.disposition {
            case .planned: planned += 1
            case .folded: folded += 1
            case .skipped: break
            }
        }
        let skipped = batch.next - batch.from - planned - folded
        return Statement(
            IntakeStatements.fence,
            [
                .integer(batch.from), .integer(batch.next), .integer(planned), .integer(folded), .integer(skipped),
                .text(orNull: batch.entries.last?.id), .integer(orNull: batch.entries.last?.time.milliseconds),
            ] + place, mustChange: 1, isFence: true)
    }

    private static func eventRow(_ entry: IntakeEntry) -> [Value]? {
        let disposition: String
        let reason: String?
        switch entry.disposition {
        case .folded: return nil
        case .planned(let deliveries):
            // A conflict is an event of its own, and no part of its order's history.
            let isConflict = deliveries.contains { $0.destination == .conflict }
            (disposition, reason) = ("planned", isConflict ? PlannedDelivery.conflict : nil)
        case .skipped(let why): (disposition, reason) = ("skipped", why)
        }
        return [
            .text(entry.id), .text(orNull: entry.event?.account), .text(entry.key), .integer(entry.offset),
            .text(orNull: entry.event?.type), .integer(entry.time.milliseconds), .text(disposition),
            .text(orNull: reason), .blob(orNull: entry.event?.digest.bytes), .text(orNull: entry.event?.traceparent),
            .blob(orNull: entry.event?.value),
        ]
    }

    private static func foldRow(_ entry: IntakeEntry) -> [Value]? {
        guard case .folded = entry.disposition else { return nil }
        return [.integer(entry.offset), .text(entry.id), .text(entry.key)]
    }

    /// Rows in the order of their events, since their ids are the order in which a key's are delivered. Rows that are
    /// born parked hold later ones and so keep their place; rows born skipped hold nobody, and come last.
    private mutating func plan() {
        var planned: [[Value]] = []
        var parked: [[Value]] = []
        var skipped: [[Value]] = []
        var doubtful: [[Value]] = []
        var room = batch.room
        var held: Set<Lane> = []
        let start = statements.count
        for entry in batch.entries {
            guard case .planned(let deliveries) = entry.disposition else { continue }
            for delivery in deliveries {
                let place: [Value] = [.text(delivery.destination.text), .text(entry.id), .text(entry.key)]
                if let why = delivery.declined {
                    skipped.append([.integer(Int64(skipped.count))] + place + [.text(why)])
                    continue
                }
                let isFirst = held.insert(Lane(destination: delivery.destination, key: entry.key)).inserted
                if let why = delivery.parked {
                    append(planned: &planned)
                    parked.append([.integer(Int64(parked.count))] + place + [.text(why)])
                    continue
                }
                append(parked: &parked)
                if delivery.isInDoubt {
                    doubtful.append([.text(entry.key), .text(delivery.destination.text), .text(entry.id)])
                }
                let hasRoom = isFirst && !delivery.isInDoubt && room[delivery.destination, default: 0] > 0
                if hasRoom { room[delivery.destination, default: 0] -= 1 }
                planned.append([.integer(Int64(planned.count))] + place + [.integer(hasRoom ? 1 : 0)])
            }
        }
        append(planned: &planned)
        append(parked: &parked)
        statements.append(Statement(IntakeStatements.skipped, Array(fixed.prefix(2)), rows: skipped))
        planning = start..<statements.count
        if !doubtful.isEmpty { statements.append(Statement(IntakeStatements.doubt, [place[0]], rows: doubtful)) }
    }

    private struct Lane: Hashable {
        var destination: Destination
        var key: String
    }

    /// worker, partition, owner: what the statements that plan rows begin with.
    private var fixed: [Value] { [place[0], place[3], .text(batch.owner)] }

    private mutating func append(parked rows: inout [[Value]]) {
        guard !rows.isEmpty else { return }
        statements.append(Statement(IntakeStatements.parked, Array(fixed.prefix(2)), rows: rows))
        rows.removeAll()
    }

    private mutating func append(planned rows: inout [[Value]]) {
        statements.append(Statement(IntakeStatements.plan, fixed, rows: rows))
        rows.removeAll()
    }

    private func books() -> Statement {
        var counts: [Destination: Int64] = [:]
        for entry in batch.entries {
            guard case .planned(let deliveries) = entry.disposition else { continue }
            for delivery in deliveries { counts[delivery.destination, default: 0] += 1 }
        }
        let rows = counts.sorted { $0.key < $1.key }.map { destination, count -> [Value] in
            [.text(destination.text), .integer(count)]
        }
        return Statement(IntakeStatements.books, [place[0], place[3]], rows: rows)
    }
}
