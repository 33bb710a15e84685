public import Crypto
import Database
import Orders

extension Ledger {
    /// The worker's position, created at `base` if it does not exist yet.
    public func position(
        of worker: String, in source: LogPartition, base: Int64
    ) async throws(LedgerError) -> Position {
        if let position = try await position(of: worker, in: source) { return position }
        let place = source.values(worker: worker)
        let rows = try await transaction([
            Statement(IntakeStatements.makePosition, place + [.integer(base), .integer(base)]),
            Statement(IntakeStatements.position, place),
        ])
        guard let row = rows[1].first else { throw .unreadable("a position") }
        return try Position(row)
    }

    /// nil where the worker has never read the partition.
    public func position(of worker: String, in source: LogPartition) async throws(LedgerError) -> Position? {
        guard let row = try await read(IntakeStatements.position, source.values(worker: worker)).first else {
            return nil
        }
        return try Position(row)
    }

    /// Every position that the worker has in a cluster.
    public func positions(of worker: String, cluster: String) async throws(LedgerError) -> [LogPartition: Position] {
        try Self.positions(
            try await read(IntakeStatements.positions, [.text(worker), .text(cluster)]), cluster: cluster)
    }

    static func positions(_ rows: [Row], cluster: String) throws(LedgerError) -> [LogPartition: Position] {
        var positions: [LogPartition: Position] = [:]
        for row in rows {
            var reader = RowReader(row, "a position")
            let position = try Position(&reader)
            let source = LogPartition(
                cluster: cluster, topic: try reader.text(), partition: Int32(clamping: try reader.integer()))
            positions[source] = position
        }
        return positions
    }

    /// Which of these events the worker knows, with their digests (nil for poison).
    public func known(_ eventIDs: [String], to worker: String) async throws(LedgerError) -> [String: Digest?] {
        // NULL is an event that is not known: no bytes stand for the digest that poison does not have.
        let lookup = Statement(
            IntakeStatements.known, [.text(worker), .blob([])], rows: eventIDs.map { [.text($0)] })
        var known: [String: Digest?] = [:]
        for row in try await read(lookup) {
            var reader = RowReader(row, "an event")
            let id = try reader.text()
            guard let digest = try reader.blobOrNull() else { continue }
            known.updateValue(try Digest(row: digest.isEmpty ? nil : digest), forKey: id)
        }
        return known
    }

    /// Takes a batch in: events, delivery rows, read model, books and position in one transaction. Returns the rows that
    /// are leased to the batch's owner, ready to be attempted, in the order of planning.
    ///
    /// - Throws: ``LedgerError/Code/fenced`` where the position is not `from`; ``LedgerError/Code/unavailable`` also
    ///   where an event of the batch was taken in meanwhile: ask again which are known; ``LedgerError/Code/data`` where a
    ///   record of the batch holds what no row can: the others are taken in without it.
    public func takeIn(_ batch: IntakeBatch) async throws(LedgerError) -> [LeasedDelivery] {
        let script = try IntakeScript(batch)
        let results: [[Row]]
        do throws(DatabaseError) {
            results = try await transact(script.statements, urgency: .bulk)
        } catch {
            throw Self.intakeError(error, batch)
        }
        var leased: [LeasedDelivery] = []
        for row in results[script.planning].joined() {
            var reader = RowReader(row, "a delivery")
            let id = try reader.integer()
            let eventID = try reader.text()
            let destination = try reader.destination()
            let key = try reader.text()
            guard try reader.state() == .inFlight else { continue }
            leased.append(
                LeasedDelivery(
                    id: id, worker: batch.worker, destination: destination, eventID: eventID, key: key, attempt: 0,
                    leaseNumber: 1, isOutcomeUnknown: false))
        }
        // RETURNING promises no order.
        return leased.sorted { $0.id < $1.id }
    }

    private static func intakeError(_ error: DatabaseError, _ batch: IntakeBatch) -> LedgerError {
        let place = "\(batch.worker) at \(batch.source.topic)/\(batch.source.partition)"
        switch error.code {
        case .fence:
            return LedgerError(.fenced, "\(place): there is no position to move on from \(batch.from)")
        case .constraint where error.constraint == "closed_books":
            return LedgerError(.fenced, "\(place): the position is not \(batch.from) any more: another owner moved it")
        case .constraint:
            return LedgerError(
                .unavailable, "\(place): an event or row of the batch is there already: \(error.message)")
        case .noPartition:
            return LedgerError(.unavailable, "\(place): \(error.message); `orderrelay prune` makes partitions")
        case .data:
            // In the timeline and on dead-letters stands what is wrong, not our statement.
            return LedgerError(.data, "the database takes no such value (\(error.nativeCode ?? "too much at once"))")
        default:
            return LedgerError(error)
        }
    }
}

extension LogPartition {
    /// The key of its position.
    func values(worker: String) -> [Value] {
        [.text(worker), .text(cluster), .text(topic), .integer(Int64(partition))]
    }
}

extension Position {
    fileprivate init(_ row: Row) throws(LedgerError) {
        var reader = RowReader(row, "a position")
        try self.init(&reader)
    }

    fileprivate init(_ reader: inout RowReader) throws(LedgerError) {
        self.init(
            base: try reader.integer(), next: try reader.integer(), planned: try reader.integer(),
            folded: try reader.integer(), skipped: try reader.integer(), lost: try reader.integer(),
            lastEvent: try reader.textOrNull(),
            lastTime: try reader.integerOrNull().map(Timestamp.init(milliseconds:)),
            repeatsUntil: try reader.integerOrNull())
    }
}

extension Digest {
    /// - Parameter bytes: a column's value; nil for poison.
    init?(row bytes: [UInt8]?) throws(LedgerError) {
        guard let bytes else { return nil }
        guard bytes.count == 32 else { throw .unreadable("a digest") }
        self.init(bytes)
    }
}
