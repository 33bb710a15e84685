import Database
import Orders

extension Ledger {
    /// Rows in one question.
    private static let pageMaximum = 500

    fileprivate struct Linked {
        var kind: String
        var account: String
        var isEnabled: Bool
    }

    /// How every destination of a worker stands, by name. Reads by indexes only, a bounded number of rows of each.
    public func destinations(of worker: String) async throws(LedgerError) -> [DestinationStatus] {
        var inFlight: [Destination: Int64] = [:]
        for row in try await read(DestinationStatements.inFlight, [.text(worker)]) {
            var reader = RowReader(row, "rows in flight")
            inFlight[try reader.destination()] = try reader.integer()
        }
        let last = try await lastClosed(of: worker)
        var found: [(status: DestinationStatus, rows: [Int64])] = []
        for row in try await read(DestinationStatements.all, [.text(worker)]) {
            var reader = RowReader(row, "a destination")
            let destination = try reader.destination()
            var rows: [DeliveryState: Int64] = [.inFlight: inFlight[destination] ?? 0]
            for state in [DeliveryState.pending, .parked, .dead] { rows[state] = try reader.integer() }
            let due = try reader.integerOrNull().map(Timestamp.init(milliseconds:))
            let status = DestinationStatus(
                worker: worker, destination: destination, kind: destination.text, state: .idle, rows: rows,
                oldestDue: due)
            found.append((status, [try reader.integerOrNull(), last[destination]].compactMap(\.self)))
        }
        let answers = try await lastAnswers(of: found.flatMap(\.rows))
        let connections = try await linked(found.compactMap { $0.status.destination.connection(worker) })
        return found.map { status, rows in
            var status = status
            status.lastAnswer = rows.compactMap { answers[$0] }.max { $0.at < $1.at }
            status.tell(of: status.destination.connection(worker).map { connections[$0] })
            return status
        }
    }

    /// The kinds of these connections; one that does not exist is not in the answer.
    public func kinds(ofConnections ids: [String]) async throws(LedgerError) -> [String: String] {
        try await linked(ids).mapValues(\.kind)
    }

    private func linked(_ ids: [String]) async throws(LedgerError) -> [String: Linked] {
        var found: [String: Linked] = [:]
        for page in ids.pages(of: Self.pageMaximum) {
            let rows = try await read(
                Statement(DestinationStatements.connections, [], rows: page.map { [.text($0)] }))
            for row in rows {
                var reader = RowReader(row, "a connection")
                let id = try reader.text()
                guard let kind = try reader.textOrNull() else { continue }
                found[id] = Linked(kind: kind, account: try reader.text(), isEnabled: try reader.bool())
            }
        }
        return found
    }

    /// The newest closed row of each destination, among the newest of all.
    private func lastClosed(of worker: String) async throws(LedgerError) -> [Destination: Int64] {
        var newest = RowReader(try await read(DestinationStatements.newestClosed).first ?? [], "the newest row")
        guard let end = try newest.integerOrNull() else { return [:] }
        var last: [Destination: Int64] = [:]
        let range: [Value] = [.integer(end - DestinationStatements.closedMaximum), .integer(end)]
        for row in try await read(DestinationStatements.lastClosed, [.text(worker)] + range) {
            var reader = RowReader(row, "a closed row")
            last[try reader.destination()] = try reader.integer()
        }
        return last
    }

    private func lastAnswers(of ids: [Int64]) async throws(LedgerError) -> [Int64: LastAnswer] {
        var answers: [Int64: LastAnswer] = [:]
        for page in ids.pages(of: Self.pageMaximum) {
            let rows = try await read(
                Statement(DestinationStatements.attempts, [], rows: page.map { [.integer($0)] }))
            for row in rows {
                var reader = RowReader(row, "an attempt")
                // In the order of the attempts: the last one stays.
                answers[try reader.integer()] = LastAnswer(
                    at: Timestamp(milliseconds: try reader.integer()), outcome: try reader.text(),
                    text: try reader.text())
            }
        }
        return answers
    }
}

extension DestinationStatus {
    /// - Parameter connection: nil if the destination is not a connection; nil inside if the connection was removed.
    fileprivate mutating func tell(of connection: Ledger.Linked??) {
        if let connection {
            kind = connection?.kind
            account = connection?.account
            guard let connection else { return state = .gone }
            guard connection.isEnabled else { return state = .off }
        }
        let open = [DeliveryState.pending, .inFlight, .parked].reduce(0) { $0 + (rows[$1] ?? 0) }
        guard open > 0 else { return state = .idle }
        state = lastAnswer?.isFailure == true ? .failing : .waiting
    }
}

extension Array {
    fileprivate func pages(of count: Int) -> [ArraySlice<Element>] {
        stride(from: 0, to: self.count, by: count).map { self[$0..<Swift.min($0 + count, self.count)] }
    }
}
