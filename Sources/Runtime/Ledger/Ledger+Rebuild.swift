import Database
import Events

/// Counting again: copies, fresh tables, and what they differ in. One rebuild at a time.
extension Ledger {
    /// Orders whose events are read at once.
    package static let rebuiltAtOnce = 1_000
    private static let rebuildLease = "rebuild"
    private static let rebuildLeaseMilliseconds: Int64 = 120_000

    /// Empties the fresh tables, and copies what stands in the ledger, with the positions that it belongs to.
    ///
    /// - Throws: ``LedgerError/Code/fenced`` where another rebuild is under way.
    package func beginRebuild(owner: String) async throws(LedgerError) -> [LogPartition: CountedPosition] {
        try await keepRebuild(owner: owner)
        _ = try await transaction(
            RebuildStatements.clear.map { Statement($0) } + [
                Statement(RebuildStatements.copy, [.text(ReadModel.worker)])
            ])
        var positions: [LogPartition: CountedPosition] = [:]
        for row in try await read(RebuildStatements.positions) {
            var reader = RowReader(row, "a position")
            let source = LogPartition(
                cluster: try reader.text(), topic: try reader.text(), partition: Int32(clamping: try reader.integer()))
            positions[source] = CountedPosition(next: try reader.integer(), planned: try reader.integer())
        }
        return positions
    }

    private func keepRebuild(owner: String) async throws(LedgerError) {
        let isOurs = try await takeLease(
            Self.rebuildLease, owner: owner, milliseconds: Self.rebuildLeaseMilliseconds)
        guard isOurs else {
            throw LedgerError(
                .fenced, "another rebuild is under way, or was interrupted less than two minutes ago: wait for its end")
        }
    }

    /// The events below `positions` of the next orders after `key`.
    package func eventsToCount(
        after key: String, below positions: [LogPartition: CountedPosition], atOnce limit: Int = rebuiltAtOnce
    ) async throws(LedgerError) -> CountedEvents {
        var keys: [String] = []
        for row in try await read(RebuildStatements.keys, [.text(key), .integer(Int64(limit))]) {
            var reader = RowReader(row, "a key")
            keys.append(try reader.text())
        }
        let rows = try await read(
            Statement(RebuildStatements.events, [.text(ReadModel.worker)], rows: keys.map { [.text($0)] }))
        guard rows.count < RebuildStatements.eventsMaximum else {
            throw LedgerError(
                .other, "ledger: the orders from \(key) on have too many events to be counted: \(rows.count) or more")
        }
        var events = CountedEvents(orders: [], counts: [:], last: keys.last)
        var orders: [String: [StoredEvent]] = [:]
        for row in rows {
            var reader = RowReader(row, "an event")
            let event = try StoredEvent(&reader)
            guard event.offset < positions[event.source]?.next ?? 0 else { continue }
            events.counts[event.source, default: 0] += 1
            if try reader.textOrNull() != PlannedDelivery.conflict {
                orders[event.event.subject, default: []].append(event)
            }
        }
        events.orders = orders.values.map { $0.sorted { $0.sequence < $1.sequence } }
        return events
    }

    /// Writes what events come to into the fresh tables.
    package func recount(_ changes: [ReadModelChange], owner: String) async throws(LedgerError) {
        try await keepRebuild(owner: owner)
        _ = try await transaction(ReadModelScript(changes, isRecount: true).statements)
    }

    /// Compares the fresh tables with the copies.
    package func compareRebuild(events: Int) async throws(LedgerError) -> Recount {
        let rows = try await transaction(
            [RebuildStatements.differences, RebuildStatements.firstBuckets, RebuildStatements.firstBuyer].map {
                Statement($0)
            })
        guard let row = rows[0].first else { throw .unreadable("a count") }
        var reader = RowReader(row, "a count")
        let difference = try Self.difference(buckets: rows[1])
        let buyers = try Self.difference(buyers: rows[2])
        return Recount(
            events: events, buckets: try reader.integer(), buyers: try reader.integer(),
            firstDifference: difference ?? buyers)
    }

    /// Puts what was counted in the place of what was copied; what was counted since by the worker stays.
    ///
    /// - Parameter recount: what was found, for the audit trail.
    package func applyRebuild(owner: String, _ recount: Recount, by author: Author) async throws(LedgerError) {
        try await keepRebuild(owner: owner)
        let statements = [RebuildStatements.applyBuckets] + RebuildStatements.applyBuyers + RebuildStatements.clear
        let note = TrailNote(
            .rebuildApplied, "statistics",
            to: [
                "events": "\(recount.events)", "buckets": "\(recount.buckets)", "buyers": "\(recount.buyers)",
            ])
        _ = try await transaction(statements.map { Statement($0) } + [note.statement(by: author)])
    }

    /// Empties the fresh tables, and lets another rebuild begin.
    package func endRebuild(owner: String) async throws(LedgerError) {
        try await keepRebuild(owner: owner)
        _ = try await transaction(RebuildStatements.clear.map { Statement($0) })
        _ = try await takeLease(Self.rebuildLease, owner: owner, milliseconds: 0)
    }

    // MARK: Words

    /// - Parameter rows: of the first bucket that differs, one of each side that has it.
    private static func difference(buckets rows: [Row]) throws(LedgerError) -> String? {
        var first: String?
        var sides: [Int64: String] = [:]
        for row in rows {
            var reader = RowReader(row, "statistics")
            let place = [
                "account \(try reader.text())", "minute \(try reader.integer())", "currency \(try reader.text())",
                "offer \(try reader.text())", "source \(try reader.text())", "partition \(try reader.integer())",
            ].joined(separator: ", ")
            let figures = [
                "orders \(try reader.integer())", "sales \(try reader.integer())",
                "total of sales \(try reader.integer())", "total of orders \(try reader.integer())",
            ].joined(separator: ", ")
            // The second row may be the next bucket's.
            guard place == first ?? place else { continue }
            first = place
            sides[try reader.integer()] = figures
        }
        guard let first else { return nil }
        return "\(first): the ledger has \(sides[0] ?? "nothing"); counted again it is \(sides[1] ?? "nothing")"
    }

    private static func difference(buyers rows: [Row]) throws(LedgerError) -> String? {
        guard let row = rows.first else { return nil }
        var reader = RowReader(row, "a buyer")
        let place = [
            "account \(try reader.text())", "minute \(try reader.integer())", "offer \(try reader.text())",
            "source \(try reader.text())",
        ].joined(separator: ", ")
        _ = try reader.text()
        return "\(place): the ledger \(try reader.bool() ? "lacks a buyer" : "has a buyer too many")"
    }
}
