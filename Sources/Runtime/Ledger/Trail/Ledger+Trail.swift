import Database
import Orders

extension Ledger {
    /// Entries that one question reads.
    private static let pageMaximum = 500

    /// The trail, oldest first, page by page.
    ///
    /// - Parameter each: of every entry; false where no further ones are wanted.
    public func trail(
        _ filter: TrailFilter, _ each: (TrailEntry) throws -> Bool
    ) async throws {
        var last: [Value] = [.integer(filter.from?.milliseconds ?? 0), .integer(0)]
        let bounds: [Value] = [
            .integer(filter.to?.milliseconds ?? .max), .text(orNull: filter.author), .text(orNull: filter.account),
            .text(orNull: filter.subject), .text(orNull: filter.action), .integer(Int64(Self.pageMaximum)),
        ]
        while true {
            let rows = try await read(TrailStatements.page, last + bounds)
            for row in rows {
                guard try each(try TrailEntry(row)) else { return }
            }
            guard rows.count == Self.pageMaximum, let end = rows.last else { return }
            last = [end[1], end[0]]
        }
    }

    /// Notes what is done outside of the ledger, or in several transactions of it.
    private func note(_ note: TrailNote, by author: Author) async throws(LedgerError) {
        _ = try await transaction([note.statement(by: author)])
    }

    /// Notes that a limit's restriction is about to be lifted, which is done on topic `control`.
    public func noteLifting(ofLimit id: String, level: Int, by author: Author) async throws(LedgerError) {
        try await note(TrailNote(.restrictionLifted, id, to: ["level": "\(level)"]), by: author)
    }

    /// Notes that the ledger is about to be made fit after it was restored; ``raiseBeat(to:by:)`` ends it.
    public func noteReintake(by author: Author) async throws(LedgerError) {
        try await note(TrailNote(.reintakeBegun, "ledger"), by: author)
    }

    func notePrune(_ retention: Retention, by author: Author) async throws(LedgerError) {
        try await note(TrailNote(.pruneBegun, "ledger", to: Trailed.members(retention)), by: author)
    }

    func noteEnd(of report: PruneReport, by author: Author) async throws(LedgerError) {
        var removed = report.removed.mapValues { "\($0)" }
        removed["isCutShort"] = report.isCutShort ? "true" : nil
        try await note(TrailNote(.pruneEnded, "ledger", to: removed), by: author)
    }
}

extension TrailNote {
    /// Belongs in the transaction of the change, so that neither is committed without the other.
    func statement(by author: Author) -> Statement {
        Statement(
            TrailStatements.note,
            [
                .text(author.text), .text(action.rawValue), .text(subject), .text(orNull: account),
                .text(Receipt.text(before)), .text(Receipt.text(after)),
            ], mustChange: 1)
    }
}

extension TrailEntry {
    /// Columns as in ``TrailStatements/page``.
    init(_ row: Row) throws(LedgerError) {
        var reader = RowReader(row, "the audit trail")
        id = try reader.integer()
        at = Timestamp(milliseconds: try reader.integer())
        author = try reader.text()
        action = try reader.text()
        subject = try reader.text()
        account = try reader.textOrNull()
        before = try Receipt.members(try reader.text())
        after = try Receipt.members(try reader.text())
    }
}
