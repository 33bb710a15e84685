import Database

/// What the ledger has noted about a worker: how far it has come in every partition, and its rows by destination.
public struct WorkerBooks: Sendable, Equatable {
    public var worker: String
    public var positions: [LogPartition: Position]
    public var destinations: [DestinationBook]
}

extension Ledger {
    /// The books of every destination of a worker, by name.
    public func books(of worker: String) async throws(LedgerError) -> [DestinationBook] {
        try Self.books(try await read(DeliveryStatements.books, [.text(worker)]), of: worker)
    }

    /// The books of these workers, all as they were at one instant. Counts all rows, which may take minutes.
    ///
    /// - Parameter cluster: whose positions are meant.
    public func books(of workers: [String], cluster: String) async throws(LedgerError) -> [WorkerBooks] {
        let results = try await snapshot(
            workers.flatMap { worker in
                [
                    Statement(IntakeStatements.positions, [.text(worker), .text(cluster)]),
                    Statement(DeliveryStatements.books, [.text(worker)]),
                ]
            })
        var books: [WorkerBooks] = []
        for (index, worker) in workers.enumerated() {
            books.append(
                WorkerBooks(
                    worker: worker, positions: try Self.positions(results[2 * index], cluster: cluster),
                    destinations: try Self.books(results[2 * index + 1], of: worker)))
        }
        return books
    }

    private static func books(_ rows: [Row], of worker: String) throws(LedgerError) -> [DestinationBook] {
        var books: [Destination: DestinationBook] = [:]
        for row in rows {
            var reader = RowReader(row, "a book")
            let destination = try reader.destination()
            let name = try reader.text()
            let count = try reader.integer()
            let removed = try reader.integer()
            let empty = DestinationBook(worker: worker, destination: destination, planned: 0, removed: 0, rows: [:])
            if name.isEmpty {
                books[destination, default: empty].planned += count
                books[destination, default: empty].removed += removed
            } else if let state = DeliveryState(rawValue: name) {
                // Open rows and closed ones are counted apart.
                books[destination, default: empty].rows[state, default: 0] += count
            } else {
                throw reader.unreadable
            }
        }
        return books.values.sorted { $0.destination < $1.destination }
    }
}
