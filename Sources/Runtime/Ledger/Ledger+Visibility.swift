import Database
public import Orders

extension Ledger {
    /// The accounts of those of these orders that the read model shows.
    public func accounts(ofOrders ids: [OrderID]) async throws(LedgerError) -> [OrderID: String] {
        try await accounts(OrderStatements.accounts, ids)
    }

    /// The accounts of those of these orders of which some worker has taken an event in.
    public func accounts(ofTimelines ids: [OrderID]) async throws(LedgerError) -> [OrderID: String] {
        try await accounts(TimelineStatements.accounts, ids)
    }

    private func accounts(_ sql: SQL, _ ids: [OrderID]) async throws(LedgerError) -> [OrderID: String] {
        var accounts: [OrderID: String] = [:]
        for row in try await read(Statement(sql, rows: ids.map { [.text($0.text)] })) {
            var reader = RowReader(row, "an order's account")
            guard let id = OrderID(try reader.text()) else { continue }
            accounts[id] = try reader.textOrNull()
        }
        return accounts
    }
}
