import Database
import Orders

/// Which rows a replay may mean: read in pages, so that none reads a large table at once.
extension Ledger {
    /// Keys of which rows are read at once.
    private static let keysAtOnce = 32
    /// By how much ids and times of planning may be out of step: as long as a transaction may last.
    private static let planningMilliseconds: Int64 = 60_000

    /// The latest id.
    func lastRow() async throws(LedgerError) -> Int64 {
        guard let row = try await read(ReplayStatements.lastRow).first else { throw .unreadable("an id") }
        var reader = RowReader(row, "an id")
        return try reader.integer()
    }

    /// The id after which rows may be meant. Done rows are read along the ids, so those from before are passed over.
    func start(of selection: ReplaySelection) async throws(LedgerError) -> Int64 {
        guard selection.states == [.done], selection.orders.isEmpty, let from = selection.from else { return 0 }
        let time = from.milliseconds - Self.planningMilliseconds
        var (low, high): (Int64, Int64) = (0, try await lastRow())
        while high - low > ReplayStatements.spanMaximum {
            let middle = low + (high - low) / 2
            var plannedAt: Int64?
            if let row = try await read(ReplayStatements.plannedAfter, [.integer(middle)]).first {
                var reader = RowReader(row, "a time")
                plannedAt = try reader.integer()
            }
            if plannedAt.map({ $0 < time }) ?? false { low = middle } else { high = middle }
        }
        return low
    }

    /// Whose rows are to be looked through; one of nobody stands for all where orders say which rows are meant.
    func targets(
        of selection: ReplaySelection
    ) async throws(LedgerError) -> [(worker: String?, destination: Destination?)] {
        guard selection.orders.isEmpty else { return [(nil, nil)] }
        var targets: [(worker: String?, destination: Destination?)] = []
        for row in try await read(ReplayStatements.destinations) {
            var reader = RowReader(row, "a destination")
            let (worker, destination) = (try reader.text(), try reader.destination())
            if selection.includes(worker: worker, destination) { targets.append((worker, destination)) }
        }
        return targets
    }

    /// Rows of a destination after an id, which may be meant.
    ///
    /// - Parameters:
    ///   - worker, destination: nil only where the selection names orders.
    func page(
        of selection: ReplaySelection, _ worker: String?, _ destination: Destination?, after position: Int64
    ) async throws(LedgerError) -> ReplayPage {
        guard selection.orders.isEmpty else {
            return ReplayPage(try await rows(of: selection.orders, worker, destination, after: position), reach: nil)
        }
        let place: [Value] = [.text(orNull: worker), .text(orNull: destination?.text), .integer(position)]
        var pages: [ReplayPage] = []
        if selection.states.contains(.dead) { pages.append(try await page(ReplayStatements.dead, place)) }
        if selection.states.contains(.parked) { pages.append(try await page(ReplayStatements.parked, place)) }
        if selection.states.contains(.done) {
            guard let row = try await read(ReplayStatements.span, [.integer(position)]).first else {
                throw .unreadable("an id")
            }
            var reader = RowReader(row, "an id")
            if let reach = try reader.integerOrNull() {
                let rows = try await candidates(Statement(ReplayStatements.done, place + [.integer(reach)]))
                pages.append(ReplayPage(rows, reach: reach))
            }
        }
        return ReplayPage(merging: pages)
    }

    private func page(_ text: String, _ place: [Value]) async throws(LedgerError) -> ReplayPage {
        let rows = try await candidates(Statement(text, place))
        return ReplayPage(rows, reach: rows.count < ReplayStatements.pageMaximum ? nil : rows.last?.id)
    }

    private func rows(
        of orders: [OrderID], _ worker: String?, _ destination: Destination?, after position: Int64
    ) async throws(LedgerError) -> [ReplayCandidate] {
        let asked: [Value] = [.integer(position), .text(orNull: worker), .text(orNull: destination?.text)]
        var rows: [ReplayCandidate] = []
        // An order that is named twice has its rows once.
        var rest = Set(orders).sorted()[...]
        while !rest.isEmpty {
            let some = rest.prefix(Self.keysAtOnce)
            rest = rest.dropFirst(some.count)
            rows += try await candidates(
                Statement(ReplayStatements.ofKeys, asked, rows: some.map { [.text($0.text)] }))
        }
        return rows.sorted { $0.id < $1.id }
    }

    private func candidates(_ statement: Statement) async throws(LedgerError) -> [ReplayCandidate] {
        var rows: [ReplayCandidate] = []
        for row in try await read(statement) { rows.append(try ReplayCandidate(row)) }
        return rows
    }
}
