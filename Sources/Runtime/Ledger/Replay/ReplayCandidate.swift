import Database
import Orders

/// A row that may be replayed, as it was read.
struct ReplayCandidate: Equatable {
    var id: Int64
    var worker: String
    var destination: Destination
    var eventID: String
    var key: String
    var state: DeliveryState
    var reason: String
    var plannedAt: Timestamp
    var changedAt: Timestamp
    /// Whether its receiver may have it.
    var isInDoubt: Bool
    /// Its event's; nil where the event is not kept any more.
    var account: String?
    /// A later row of its key that was attempted.
    var supersededBy: Int64?
}

extension ReplayCandidate {
    init(_ row: Row) throws(LedgerError) {
        var reader = RowReader(row, "a row to be replayed")
        id = try reader.integer()
        worker = try reader.text()
        destination = try reader.destination()
        eventID = try reader.text()
        key = try reader.text()
        state = try reader.state()
        reason = try reader.textOrNull() ?? ""
        plannedAt = Timestamp(milliseconds: try reader.integer())
        changedAt = Timestamp(milliseconds: try reader.integer())
        isInDoubt = try reader.bool()
        account = try reader.textOrNull()
        supersededBy = try reader.integerOrNull()
    }

    /// For the statements of a step.
    var values: [Value] { [.integer(id), .text(state.rawValue), .integer(changedAt.milliseconds)] }
}

/// Rows after some position, in the order of their ids.
struct ReplayPage {
    /// Ascending.
    private(set) var rows: [ReplayCandidate]
    /// All rows up to this id are among them; nil: there are no more.
    private(set) var reach: Int64?

    init(_ rows: [ReplayCandidate], reach: Int64?) {
        self.rows = rows
        self.reach = reach
    }

    /// Pages of several states as one: as far as the shortest of them reaches.
    init(merging pages: [ReplayPage]) {
        let reach = pages.compactMap(\.reach).min()
        rows = pages.flatMap(\.rows).filter { row in reach.map { row.id <= $0 } ?? true }.sorted { $0.id < $1.id }
        self.reach = reach
    }

    /// What a step takes of it.
    struct Cut: Equatable {
        var rows: [ReplayCandidate]
        /// The id of the last row that was looked at.
        var position: Int64
        var isLast: Bool
    }

    /// The first rows that are meant, at most `limit`.
    ///
    /// - Parameters:
    ///   - last: rows after this one are not meant.
    ///   - isMeant: asked of each row, in their order.
    func cut(_ limit: Int, upTo last: Int64, _ isMeant: (ReplayCandidate) -> Bool) -> Cut {
        var chosen: [ReplayCandidate] = []
        for row in rows where row.id <= last && isMeant(row) {
            chosen.append(row)
            if chosen.count == limit { break }
        }
        // More may be meant after the last of as many as were wanted.
        if chosen.count == limit, let end = chosen.last, end.id < last {
            return Cut(rows: chosen, position: end.id, isLast: false)
        }
        guard let reach, reach < last else { return Cut(rows: chosen, position: last, isLast: true) }
        return Cut(rows: chosen, position: reach, isLast: false)
    }
}
