import Database
public import Orders

extension Ledger {
    /// Oldest first; empty where no worker has seen the order yet, or the order is another account's.
    public func timeline(of id: OrderID, account: String) async throws(LedgerError) -> [TimelineEntry] {
        let key = [Value.text(id.text)]
        let events = try await read(TimelineStatements.events, key)
        let accounts = events.compactMap { $0.count > 2 ? $0[2].text : nil }
        guard accounts.allSatisfy({ $0 == account }), !accounts.isEmpty else { return [] }
        let order = try await read(TimelineStatements.order, key).first
        let currency = order.flatMap { $0.count > 1 ? $0[1].text : nil }
        var timeline = Timeline()
        for row in events { try timeline.addEvent(row, currency: currency) }
        for row in try await read(TimelineStatements.folds, key) { try timeline.addFold(row) }
        for row in try await read(TimelineStatements.deliveries, key) { try timeline.addDelivery(row) }
        for row in try await read(Statement(TimelineStatements.attempts, key)) { try timeline.addAttempt(row) }
        for row in try await read(TimelineStatements.replays, key) { try timeline.addReplay(row) }
        return timeline.sorted()
    }
}
