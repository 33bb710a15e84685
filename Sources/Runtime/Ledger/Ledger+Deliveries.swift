import Database
public import Orders

extension Ledger {
    /// Held rows that one take puts off at most.
    private static let putOffMaximum: Int64 = 500

    /// Leases due rows of these destinations to `owner`, of each at most as many as stand with it, oldest due first, none
    /// whose key has an earlier open row. A destination that has none due is not in the answer.
    public func takeDue(
        worker: String, _ limits: [Destination: Int], owner: String
    ) async throws(LedgerError) -> [Destination: [LeasedDelivery]] {
        // Sorted, so that two processes ask for rows in one order.
        let limits = limits.filter { $0.value > 0 }.sorted { $0.key < $1.key }
        guard !limits.isEmpty else { return [:] }
        let rows = try await transaction([
            LedgerLock.sharing(limits.map(\.key)),
            Statement(
                DeliveryStatements.take, [.text(worker), .text(owner)],
                rows: limits.map { [.text($0.key.text), .integer(Int64($0.value))] }),
        ])[1]
        var taken: [Destination: [(dueAt: Int64, delivery: LeasedDelivery)]] = [:]
        for row in rows {
            var reader = RowReader(row, "a delivery")
            let id = try reader.integer()
            let destination = try reader.destination()
            let delivery = LeasedDelivery(
                id: id, worker: worker, destination: destination, eventID: try reader.text(),
                key: try reader.text(), attempt: Int(try reader.integer()),
                attemptsBefore: Int(try reader.integer()), leaseNumber: try reader.integer(),
                isOutcomeUnknown: try reader.bool())
            taken[destination, default: []].append((try reader.integer(), delivery))
        }
        // Whatever else is due there is held: it need not be looked at again until its head may be done.
        let emptied = limits.filter { taken[$0.key, default: []].count < $0.value }
        if !emptied.isEmpty {
            _ = try await transaction([
                Statement(
                    DeliveryStatements.putOffHeld, [.text(worker)],
                    rows: emptied.map { [.text($0.key.text), .integer(Self.putOffMaximum)] })
            ])
        }
        return taken.mapValues { rows in
            rows.sorted { ($0.dueAt, $0.delivery.id) < ($1.dueAt, $1.delivery.id) }.map(\.delivery)
        }
    }

    /// The destinations of a worker that have pending rows, with the time of their earliest due row.
    public func pendingDestinations(
        of worker: String
    ) async throws(LedgerError) -> [(destination: Destination, dueAt: Timestamp)] {
        var destinations: [(destination: Destination, dueAt: Timestamp)] = []
        for row in try await read(DeliveryStatements.pendingDestinations, [.text(worker)]) {
            var reader = RowReader(row, "a destination")
            destinations.append((try reader.destination(), Timestamp(milliseconds: try reader.integer())))
        }
        return destinations
    }

    /// Writes outcomes with their links, each only under the owner and lease number it was taken with; returns the ids that
    /// were written.
    public func complete(_ completions: [Completion], owner: String) async throws(LedgerError) -> Set<Int64> {
        let completions = completions.sorted { $0.delivery.id < $1.delivery.id }
        guard !completions.isEmpty else { return [] }
        let closing = completions.filter(\.closesItsRow)
        var lanes: Set<Lane> = []
        for completion in closing {
            lanes.insert(Lane(destination: completion.delivery.destination, key: completion.delivery.key))
        }
        let holder = [Value.text(owner)]
        let results = try await transaction([
            Statement(DeliveryStatements.attempts, holder, rows: completions.compactMap { $0.attemptRow() }),
            Statement(DeliveryStatements.links, holder, rows: closing.flatMap { $0.linkRows() }),
            Statement(
                DeliveryStatements.reopen, holder, rows: completions.filter { !$0.closesItsRow }.map { $0.row() }),
            Statement(DeliveryStatements.close, holder, rows: closing.map { $0.row() }),
            Statement(
                DeliveryStatements.pullForward,
                rows: lanes.sorted { ($0.key, $0.destination) < ($1.key, $1.destination) }.map {
                    [.text($0.destination.text), .text($0.key)]
                }),
        ])
        return try Self.ids(results[2...3])
    }

    private struct Lane: Hashable {
        var destination: Destination
        var key: String
    }

    /// Prolongs leases still held; returns the ids that were.
    public func renew(_ deliveries: [LeasedDelivery], owner: String) async throws(LedgerError) -> Set<Int64> {
        let rows = deliveries.sorted { $0.id < $1.id }.map { delivery -> [Value] in
            [.integer(delivery.id), .integer(delivery.leaseNumber)]
        }
        guard !rows.isEmpty else { return [] }
        return try Self.ids(
            try await transaction([Statement(DeliveryStatements.renew, [.text(owner)], rows: rows)])[...])
    }

    /// Turns rows with expired leases into pending ones with unknown outcome, or parks them (three leases without an
    /// attempt: "worker died with it"). Returns how many of each.
    public func rescueExpired(worker: String) async throws(LedgerError) -> (rescued: Int, parked: Int) {
        let rows = try await transaction([Statement(DeliveryStatements.rescue, [.text(worker)])])[0]
        let parked = rows.count { $0[0] == .text(DeliveryState.parked.rawValue) }
        return (rows.count - parked, parked)
    }

    /// Rows leased to `owner` now: what counts after a commit with unknown outcome.
    public func leased(to owner: String, worker: String) async throws(LedgerError) -> [LeasedDelivery] {
        var leased: [LeasedDelivery] = []
        for row in try await read(DeliveryStatements.leased, [.text(owner), .text(worker)]) {
            var reader = RowReader(row, "a delivery")
            let id = try reader.integer()
            leased.append(
                LeasedDelivery(
                    id: id, worker: worker, destination: try reader.destination(), eventID: try reader.text(),
                    key: try reader.text(), attempt: Int(try reader.integer()), leaseNumber: try reader.integer(),
                    isOutcomeUnknown: try reader.bool()))
        }
        return leased
    }

    private static func ids(_ results: ArraySlice<[Row]>) throws(LedgerError) -> Set<Int64> {
        var ids: Set<Int64> = []
        for row in results.joined() {
            var reader = RowReader(row, "a delivery's id")
            ids.insert(try reader.integer())
        }
        return ids
    }
}
