import Database

// Periods go whole, oldest first, in an order in which the books balance at every step and from which any process goes on:
// closed, so that nothing of it comes back; counted, which takes its rows out of the books in one transaction; the events
// that are still needed moved on; then its tables dropped, one after another.
extension Prune {
    private static let countedAtOnce: Int64 = 20_000
    /// Who lets go of a partition waits for all transactions that are open.
    private static let dropLength = Duration.seconds(25 * 60)
    /// An event and its rows are written by one transaction, which may lie on both sides of a period's end.
    private static let margin: Int64 = 10 * 60 * 1000

    /// The key of `books`.
    private struct Book: Hashable, Comparable {
        var worker: String
        var destination: String
        var part: Int64

        static func < (one: Book, other: Book) -> Bool {
            (one.worker, one.destination, one.part) < (other.worker, other.destination, other.part)
        }
    }

    /// - Parameter before: periods that ended until then go.
    mutating func dropPeriods(before: Int64) async throws(LedgerError) {
        let periods = try await ledger.periods()
        guard !periods.isEmpty else { return }
        try await bookRemovals()
        let closedBefore = try await progress().closedBefore
        for period in Periods.leaving(periods, before: before, closedBefore: closedBefore) {
            guard try await close(period) else { return }
            try await count(period)
            try await bookRemovals()
            let staying = periods.filter { $0.to > period.to }
            // A row that closes meanwhile is in one table or the other, and one that is replayed, too.
            for table in ["deliveries"] + staying.map({ "history_\($0.name)" }) + ["deliveries"] {
                try await moveEvents(ofRowsIn: table, outOf: period)
            }
            guard !report.isCutShort, try await drop(period) else { return }
        }
    }

    func progress() async throws(LedgerError) -> (closedBefore: Int64, countedBefore: Int64) {
        guard let row = try await ledger.read(PeriodStatements.progress).first else {
            throw .unreadable("the retention")
        }
        var reader = RowReader(row, "the retention")
        return (try reader.integer(), try reader.integer())
    }

    /// False where a dead row has not been copied yet.
    private func close(_ period: Period) async throws(LedgerError) -> Bool {
        let results = try await ledger.transaction([
            LedgerLock.closing, Statement(PeriodStatements.close, [.integer(period.to)]),
        ])
        return !results[1].isEmpty
    }

    /// Takes the period's rows out of the books. Nothing comes to them or goes from them any more, so that they are counted
    /// without holding anybody up.
    private mutating func count(_ period: Period) async throws(LedgerError) {
        guard try await progress().countedBefore < period.to else { return }
        var books: [Book: Int64] = [:]
        var last: Int64 = 0
        let (ledger, watch) = (ledger, watch)
        // What reads tells nothing of what removes.
        let pace = self.pace
        defer { self.pace = pace }
        try await repeated(nil) { _ throws(LedgerError) in
            let rows = try await ledger.read(
                PeriodStatements.count(period), [.integer(last), .integer(Self.countedAtOnce)])
            var seen: Int64 = 0
            var end = last
            for row in rows {
                var reader = RowReader(row, "a count")
                let book = Book(
                    worker: try reader.text(), destination: try reader.text(), part: try reader.integer())
                let number = try reader.integer()
                books[book, default: 0] += number
                seen += number
                end = max(end, try reader.integer())
            }
            // The first page begins somewhere.
            watch?.passes(last == 0 ? seen : max(0, end - last))
            last = end
            return (0, seen < Self.countedAtOnce)
        }
        guard !report.isCutShort else { return }
        let rows = books.sorted { $0.key < $1.key }.map { book, number -> [Value] in
            [.text(book.worker), .text(book.destination), .integer(book.part), .integer(number)]
        }
        _ = try await ledger.transaction(
            [
                Statement(PeriodStatements.noteCounted, [.integer(period.to)], mustChange: 1),
                Statement(PeriodStatements.addRemovals, rows: rows),
            ], urgency: .bulk)
        report.removed["history", default: 0] += books.values.reduce(0, +)
    }

    /// Brings what is counted to the books, a few at a time.
    mutating func bookRemovals() async throws(LedgerError) {
        let prune = self
        try await repeated(nil) { limit throws(LedgerError) in
            let booked = try await prune.sum(Statement(PeriodStatements.bookRemovals, [.integer(Int64(limit))]))
            return (booked, booked < Int64(limit))
        }
    }

    private mutating func moveEvents(ofRowsIn table: String, outOf period: Period) async throws(LedgerError) {
        var last: Int64 = 0
        let ledger = ledger
        try await repeated(nil) { limit throws(LedgerError) in
            let statement = Statement(
                PeriodStatements.moveEvents(ofRowsIn: table),
                [
                    .integer(last), .integer(Int64(limit)), .integer(period.to),
                    .integer(period.to + Self.margin),
                ])
            guard let row = try await ledger.transaction([statement], urgency: .bulk)[0].first else {
                throw .unreadable("a page")
            }
            var reader = RowReader(row, "a page")
            guard let end = try reader.integerOrNull() else { return (0, true) }
            last = end
            let count = try reader.integer()
            return (try reader.integer(), count < Int64(limit))
        }
    }

    /// False where another process has taken over.
    private mutating func drop(_ period: Period) async throws(LedgerError) -> Bool {
        for table in Schema.partitioned.map(\.key) {
            guard try await holdsLease(for: Self.dropLength) else {
                report.isCutShort = true
                return false
            }
            try await ledger.runAlone(PeriodStatements.drop(period, of: table))
        }
        _ = try await ledger.transaction([Statement(PeriodStatements.forget, [.text(period.name)])])
        report.removed["periods", default: 0] += 1
        return true
    }
}
