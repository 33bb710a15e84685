import Database
public import Orders

extension Ledger {
    /// Held rows that one take puts off at most.
    private static let putOffMax: Int64 = 500

    /// Leases at most `limit` due rows of a destination to `owner`, oldest due first, none whose key has an earlier open row.
    public func takeDue(
        worker: String, destination: String, limit: Int, owner: String
    ) async throws(LedgerError) -> [LeasedDelivery] {
        guard limit > 0 else { return [] }
        let rows = try await transaction([
            Statement(DeliveryStatements.take, [.text(destination), .integer(Int64(limit)), .text(owner)])
        ])[0]
        var taken: [(dueAt: Int64, delivery: LeasedDelivery)] = []
        for row in rows {
            var reader = RowReader(row, "a delivery")
            let delivery = LeasedDelivery(
                id: try reader.integer(), worker: worker, destination: destination, eventID: try reader.text(),
                key: try reader.text(), attempt: Int(try reader.integer()), leaseNumber: try reader.integer(),
                isOutcomeUnknown: try reader.bool())
            taken.append((try reader.integer(), delivery))
        }
        if rows.count < limit {
            // Whatever else is due is held: it need not be looked at again until its head may be done.
            _ = try await transaction([
                Statement(DeliveryStatements.putOffHeld, [.text(destination), .integer(Self.putOffMax)])
            ])
        }
        return taken.sorted { ($0.dueAt, $0.delivery.id) < ($1.dueAt, $1.delivery.id) }.map(\.delivery)
    }

    /// The destinations of a worker that have pending rows, with the time of their earliest due row.
    public func pendingDestinations(
        of worker: String
    ) async throws(LedgerError) -> [(destination: String, dueAt: Timestamp)] {
        var destinations: [(destination: String, dueAt: Timestamp)] = []
        for row in try await read(DeliveryStatements.pendingDestinations, [.text(worker)]) {
            var reader = RowReader(row, "a destination")
            destinations.append((try reader.text(), Timestamp(milliseconds: try reader.integer())))
        }
        return destinations
    }

    /// Writes outcomes, each only under the owner and lease number it was taken with; returns the ids that were written.
    public func complete(_ completions: [Completion], owner: String) async throws(LedgerError) -> Set<Int64> {
        let completions = completions.sorted { $0.delivery.id < $1.delivery.id }
        let noting = DeliveryStatements.attempts.statements(
            rows: completions.compactMap { $0.attemptRow(owner: owner) })
        let writing = DeliveryStatements.complete.statements(rows: completions.map { $0.row(owner: owner) })
        let pulling = DeliveryStatements.pullForward.lookups(
            of: completions.filter(\.closesItsRow).map { .integer($0.delivery.id) })
        guard !writing.isEmpty else { return [] }
        let rows = try await transaction(noting + writing + pulling)
        return try Self.ids(rows[noting.count..<(noting.count + writing.count)])
    }

    /// Prolongs leases still held; returns the ids that were.
    public func renew(_ deliveries: [LeasedDelivery], owner: String) async throws(LedgerError) -> Set<Int64> {
        let rows = deliveries.sorted { $0.id < $1.id }.map { delivery -> [Value] in
            [.integer(delivery.id), .integer(delivery.leaseNumber), .text(owner)]
        }
        guard !rows.isEmpty else { return [] }
        return try Self.ids(try await transaction(DeliveryStatements.renew.statements(rows: rows))[...])
    }

    /// Turns rows with expired leases into pending ones with unknown outcome, or parks them (three leases without an
    /// attempt: "worker died with it"). Returns how many of each.
    public func rescueExpired(worker: String) async throws(LedgerError) -> (rescued: Int, parked: Int) {
        let rows = try await transaction([Statement(DeliveryStatements.rescue, [.text(worker)])])[0]
        let parked = rows.count { $0[0] == .text("parked") }
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
                    id: id, worker: worker, destination: try reader.text(), eventID: try reader.text(),
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
