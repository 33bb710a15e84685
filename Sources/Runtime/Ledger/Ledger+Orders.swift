import Database
public import Orders

extension Ledger {
    /// An account's order; nil where it has none of this id.
    public func order(_ id: OrderID, account: String) async throws(LedgerError) -> OrderRow? {
        guard let row = try await read(OrderStatements.one, [.text(id.text), .text(account)]).first else { return nil }
        return try OrderRow(row)
    }

    /// Present rows of several orders, for `analytics` to change.
    public func orders(_ ids: [OrderID]) async throws(LedgerError) -> [OrderID: OrderRow] {
        var orders: [OrderID: OrderRow] = [:]
        for row in try await read(Statement(OrderStatements.some, rows: ids.map { [.text($0.text)] })) {
            let order = try OrderRow(row)
            orders[order.id] = order
        }
        return orders
    }

    /// A page of orders, newest first. Counts stop at 100,000.
    public func orders(_ filter: OrderFilter) async throws(LedgerError) -> OrderPage {
        let selection = OrderStatements.Selection.of(filter)
        var values: [Value] = [
            .text(filter.account), .integer(filter.from?.milliseconds ?? .min),
            .integer(filter.to?.milliseconds ?? .max),
            .text(orNull: filter.status?.rawValue), .text(orNull: filter.externalID),
            .text(orNull: filter.email?.lowercased()),
        ]
        if filter.sort == .updated { values.append(.integer(filter.updatedFrom?.milliseconds ?? .min)) }
        var pageValues = values + [.integer(Int64(max(0, filter.limit))), .integer(Int64(max(0, filter.offset)))]
        if let after = filter.after {
            pageValues += [.integer(after.time(filter.sort).milliseconds), .text(after.id.text)]
        }
        var orders: [OrderRow] = []
        for row in try await read(filter.after == nil ? selection.page : selection.nextPage, pageValues) {
            orders.append(try OrderRow(row))
        }
        return OrderPage(
            rows: orders, filteredCount: try await count(selection.count, values),
            totalCount: try await count(OrderStatements.total, [.text(filter.account)]))
    }

    /// The state of each delivery of these orders, by worker and destination; of several events' the newest.
    public func deliveryStates(
        of ids: [OrderID]
    ) async throws(LedgerError) -> [OrderID: [(worker: String, destination: Destination, state: DeliveryState)]] {
        struct Lane: Hashable {
            var worker: String
            var destination: Destination
        }
        var states: [OrderID: [Lane: DeliveryState]] = [:]
        for row in try await read(Statement(TimelineStatements.states, rows: ids.map { [.text($0.text)] })) {
            var reader = RowReader(row, "a delivery's state")
            guard let id = OrderID(try reader.text()) else { continue }
            let lane = Lane(worker: try reader.text(), destination: try reader.destination())
            states[id, default: [:]][lane] = try reader.state()
        }
        return states.mapValues { lanes in
            lanes.map { ($0.key.worker, $0.key.destination, $0.value) }.sorted { ($0.0, $0.1) < ($1.0, $1.1) }
        }
    }

    /// Buckets summed over partitions (each key's partition is -1), ascending by minute.
    public func statistics(
        _ filter: StatisticsFilter
    ) async throws(LedgerError) -> [(key: StatisticsKey, value: Statistics)] {
        let rows = try await read(OrderStatements.statistics, filter.values)
        var buckets: [(key: StatisticsKey, value: Statistics)] = []
        buckets.reserveCapacity(rows.count)
        for row in rows {
            var reader = RowReader(row, "a statistics bucket")
            let minute = try reader.integer()
            let key = StatisticsKey(
                account: filter.account, currency: try reader.text(), offer: try reader.text(),
                source: try reader.text(), minute: minute, partition: -1)
            var value = Statistics()
            value.orders = try reader.integer()
            value.sales = try reader.integer()
            value.totalSale = try reader.integer()
            value.totalOrdered = try reader.integer()
            buckets.append((key, value))
        }
        return buckets
    }

    /// Distinct buyers of the sales that a filter asks for.
    public func uniqueBuyers(_ filter: StatisticsFilter) async throws(LedgerError) -> Int {
        try await count(OrderStatements.uniqueBuyers, filter.values)
    }

    private func count(_ text: String, _ values: [Value]) async throws(LedgerError) -> Int {
        guard let row = try await read(text, values).first else { throw .unreadable("a count") }
        var reader = RowReader(row, "a count")
        return Int(try reader.integer())
    }
}

extension StatisticsFilter {
    fileprivate var values: [Value] {
        [
            .text(account), .integer(minutes.lowerBound), .integer(minutes.upperBound), .text(orNull: offer),
            .text(orNull: source),
        ]
    }
}

extension OrderRow {
    fileprivate func time(_ sort: OrderFilter.Sort) -> Timestamp {
        switch sort {
        case .created: createdAt
        case .updated: updatedAt
        }
    }
}
