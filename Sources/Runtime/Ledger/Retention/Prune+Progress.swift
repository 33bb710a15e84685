import Database

extension Prune {
    /// Finds out how much there is to be done.
    func measure(_ progress: PruneProgress, before: Int64) async throws(LedgerError) {
        let periods = try await ledger.periods()
        let (closedBefore, countedBefore) = try await self.progress()
        let leaving = Periods.leaving(periods, before: before, closedBefore: closedBefore)
        for period in leaving where period.to > countedBefore {
            let (first, last) = try await ends(of: "history_\(period.name)", "id")
            if let first, let last { progress.expects(last - first + 1) }
        }
        if let before = Periods.deleting(periods.filter { !leaving.contains($0) }, before: before) {
            progress.expects(try await count(of: "history", "id", "planned_at", before: before))
            progress.expects(try await count(of: "events", "seq", "taken_at", before: before))
        }
        progress.passes(0)
    }

    private func ends(of table: String, _ key: String) async throws(LedgerError) -> (first: Int64?, last: Int64?) {
        guard let row = try await ledger.read(RetentionStatements.ends(of: table, key)).first else {
            throw .unreadable("a page")
        }
        var reader = RowReader(row, "a page")
        return (try reader.integerOrNull(), try reader.integerOrNull())
    }

    /// How many ids there are until the first row that is not old, by halving: times ascend with ids.
    private func count(
        of table: String, _ key: String, _ time: String, before: Int64
    ) async throws(LedgerError) -> Int64 {
        let (first, last) = try await ends(of: table, key)
        guard let first, let last else { return 0 }
        // Rows before `low` are old; that of `high`, and those after it, are not.
        var (low, high) = (first, last + 1)
        while low < high {
            let middle = low + (high - low) / 2
            guard
                let row = try await ledger.read(
                    RetentionStatements.next(of: table, key, time), [.integer(middle)]
                ).first
            else {
                high = middle
                continue
            }
            var reader = RowReader(row, "a row")
            let (found, at) = (try reader.integer(), try reader.integer())
            if at < before { low = found + 1 } else { high = middle }
        }
        return low - first
    }
}
