public import Ledger
import Intake
import Orders

/// Counts all events again, from those that the ledger keeps, and compares what comes out with its statistics.
public struct Rebuild: Sendable {
    private let ledger: Ledger
    private let owner: String
    private let ordersAtOnce: Int

    /// - Parameter owner: of the lease, random: one rebuild runs at a time.
    public init(_ ledger: Ledger, owner: String) {
        self.init(ledger, owner: owner, ordersAtOnce: Ledger.rebuiltAtOnce)
    }

    init(_ ledger: Ledger, owner: String, ordersAtOnce: Int) {
        self.ledger = ledger
        self.owner = owner
        self.ordersAtOnce = ordersAtOnce
    }

    /// Events that are counted no more, since they are no longer there.
    public struct Incomplete: Error, Sendable, CustomStringConvertible {
        let missing: Int64
        let planned: Int64
        public var description: String {
            "\(missing) of the \(planned) events that were counted are no longer in the ledger: the statistics cannot be "
                + "counted again"
        }
    }

    /// Counts into tables of its own, and compares; `analytics` may run meanwhile. ``apply()`` or ``end()`` follows.
    ///
    /// - Parameter progress: called at the beginning and after each page, with how many events are counted, and of how many.
    /// - Throws: ``Incomplete``, or `LedgerError`.
    public func count(progress: (_ done: Int64, _ total: Int64) -> Void = { _, _ in }) async throws -> Recount {
        let positions = try await ledger.beginRebuild(owner: owner)
        let planned = positions.values.reduce(0) { $0 + $1.planned }
        progress(0, planned)
        var counts: [LogPartition: Int64] = [:]
        var last = ""
        while true {
            let page = try await ledger.eventsToCount(after: last, below: positions, atOnce: ordersAtOnce)
            guard let next = page.last else { break }
            last = next
            counts.merge(page.counts, uniquingKeysWith: +)
            try await ledger.recount(try page.orders.flatMap(Self.changes), owner: owner)
            progress(counts.values.reduce(0, +), planned)
        }
        let missing = positions.reduce(0) { $0 + max(0, $1.value.planned - counts[$1.key, default: 0]) }
        guard missing == 0 else { throw Incomplete(missing: missing, planned: planned) }
        return try await ledger.compareRebuild(events: Int(counts.values.reduce(0, +)))
    }

    /// Corrects the ledger by what ``count()`` found.
    ///
    /// - Parameter recount: what it found.
    public func apply(_ recount: Recount, by author: Author) async throws {
        try await ledger.applyRebuild(owner: owner, recount, by: author)
    }

    /// Forgets what was counted.
    public func end() async throws { try await ledger.endRebuild(owner: owner) }

    /// What one order's events come to, as the worker counts them.
    static func changes(of events: [StoredEvent]) throws -> [ReadModelChange] {
        var tally = Tally(rows: [:])
        return try events.flatMap { stored in
            tally.take(
                PlannableEvent(
                    event: try stored.orderEvent(), value: stored.event.value, source: stored.source,
                    offset: stored.offset, isConflict: false)
            ).changes
        }
    }
}
