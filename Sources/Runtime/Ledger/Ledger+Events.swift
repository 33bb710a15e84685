import Database
import Orders

extension Ledger {
    /// The event of a row, as the worker took it in.
    public func event(_ id: String, worker: String) async throws(LedgerError) -> StoredEvent? {
        guard let row = try await read(EventStatements.one, [.text(worker), .text(id)]).first else { return nil }
        var reader = RowReader(row, "an event")
        return try StoredEvent(&reader)
    }

    /// All events of a key that the worker took in, in order, conflicts left out: from these a worker folds an order's state.
    public func events(ofKey key: String, worker: String) async throws(LedgerError) -> [StoredEvent] {
        var events: [StoredEvent] = []
        for row in try await read(EventStatements.ofKey, [.text(key), .text(worker)]) {
            var reader = RowReader(row, "an event")
            events.append(try StoredEvent(&reader))
        }
        return events
    }

    /// Dead rows not yet copied to `dead-letters`.
    public func deadLetters(worker: String, limit: Int) async throws(LedgerError) -> [DeadLetter] {
        var letters: [DeadLetter] = []
        for row in try await read(Statement(EventStatements.deadLetters, [.text(worker), .integer(Int64(limit))])) {
            var reader = RowReader(row, "a dead row")
            let id = try reader.integer()
            let destination = try reader.destination()
            let attempt = Int(try reader.integer())
            let reason = try reader.textOrNull() ?? ""
            let diedAt = Timestamp(milliseconds: try reader.integer())
            letters.append(
                DeadLetter(
                    id: id, worker: worker, destination: destination, stored: try StoredEvent(&reader),
                    attempt: attempt,
                    reason: reason, diedAt: diedAt))
        }
        return letters
    }

    /// Notes that dead rows lie on topic `dead-letters`.
    public func markCopied(_ ids: [Int64]) async throws(LedgerError) {
        guard !ids.isEmpty else { return }
        _ = try await transaction([
            Statement(DeliveryStatements.markCopied, rows: ids.sorted().map { [.integer($0)] })
        ])
    }
}
