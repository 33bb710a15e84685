import Database
import Orders

extension Ledger {
    /// Rows that one step decides about, at most.
    static let stepMaximum = 50

    /// A replay's part that is due first.
    struct DuePart {
        var replay: String
        var destination: Destination
        var position: Int64
        var last: Int64
        var wait: Int64
        var madeAt: Timestamp
        var rate: Int64
        var selection: ReplaySelection
    }

    /// Whether a replay is open that has rows of this worker.
    public func hasOpenReplay(of worker: String) async throws(LedgerError) -> Bool {
        try await !read(ReplayStatements.hasOpen, [.text(worker)]).isEmpty
    }

    /// The next step of the worker's replays: opens some rows again, in one transaction that also moves the replay on. So it
    /// may be made by any process, and be lost: another goes on where it was.
    public func stepReplays(of worker: String) async throws(LedgerError) -> ReplayStep {
        guard let part = try await duePart(of: worker) else { return .nothing }
        guard part.wait <= 0 else { return .waits(milliseconds: part.wait) }
        let page = try await page(of: part.selection, worker, part.destination, after: part.position)
        let cut = page.cut(Int(min(part.rate, Int64(Self.stepMaximum))), upTo: part.last) { row in
            part.selection.includes(row, madeAt: part.madeAt)
        }
        let results: [[Row]]
        do throws(DatabaseError) {
            results = try await database.transaction(Self.statements(of: part, worker, cut))
        } catch  where error.code == .fence {
            return .overtaken
        } catch { throw LedgerError(error) }
        var fates: [ReplayFate: Int] = [:]
        for row in results[Self.deciding] {
            var reader = RowReader(row, "a fate")
            guard let fate = ReplayFate(rawValue: try reader.text()) else { throw reader.unreadable }
            fates[fate, default: 0] += 1
        }
        return .done(replay: part.replay, destination: part.destination, fates: fates)
    }

    /// Where, among a step's statements, the one is that decides.
    private static let deciding = 5

    /// The replay is locked first, then the destination, as everywhere.
    private static func statements(of part: DuePart, _ worker: String, _ cut: ReplayPage.Cut) -> [Statement] {
        let place: [Value] = [.text(part.replay), .text(worker), .text(part.destination.text)]
        let pause = Int64(cut.rows.count) * 1000 / part.rate
        let rows = cut.rows.map(\.values)
        return [
            Statement(ReplayStatements.running, [.text(part.replay)], mustChange: 1),
            Statement(
                ReplayStatements.move,
                place + [.integer(part.position), .integer(cut.position), .integer(cut.isLast ? 0 : 1)], mustChange: 1),
            Statement(ReplayStatements.delay, [.text(part.replay), .text(worker), .integer(pause)]),
            LedgerLock.retaining,
            LedgerLock.alone(with: part.destination),
            Statement(
                ReplayStatements.decide,
                [.text(part.replay), .integer(part.selection.again ? 1 : 0), .text(Messages.worker)], rows: rows),
            Statement(ReplayStatements.reopen, [.text(part.replay)], rows: rows),
            Statement(ReplayStatements.release, [.text(part.replay)], rows: rows),
            Statement(ReplayStatements.note, place, rows: rows),
            Statement(ReplayStatements.endIfDone, [.text(part.replay)]),
        ]
    }

    private func duePart(of worker: String) async throws(LedgerError) -> DuePart? {
        guard let row = try await read(ReplayStatements.next, [.text(worker)]).first else { return nil }
        var reader = RowReader(row, "a replay's part")
        let replay = try reader.text()
        let destination = try reader.destination()
        let (position, last, wait) = (try reader.integer(), try reader.integer(), try reader.integer())
        let madeAt = Timestamp(milliseconds: try reader.integer())
        let account = try reader.textOrNull()
        return DuePart(
            replay: replay, destination: destination, position: position, last: last, wait: wait, madeAt: madeAt,
            rate: try reader.integer(), selection: try ReplaySelection(stored: try reader.text(), account: account))
    }
}
