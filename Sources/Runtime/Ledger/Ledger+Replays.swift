import Crypto
import Database
public import Orders

extension Ledger {
    /// Rows that are looked at before a replay is made, at most.
    public static let tallyMaximum = 1_000_000

    /// The ledger's time.
    public func now() async throws(LedgerError) -> Timestamp {
        guard let row = try await read(ReplayStatements.now).first else { throw .unreadable("the time") }
        var reader = RowReader(row, "the time")
        return Timestamp(milliseconds: try reader.integer())
    }

    /// Counts what a replay would be about, and what would become of it; changes nothing.
    ///
    /// - Parameter maximum: of rows that are looked at.
    /// - Throws: ``LedgerError/Code/data`` where there are more.
    public func tally(
        _ selection: ReplaySelection, atMost maximum: Int = tallyMaximum
    ) async throws(LedgerError) -> ReplayTally {
        let now = try await now()
        let start = try await start(of: selection)
        var tally = ReplayTally()
        var looked = 0
        for (worker, destination) in try await targets(of: selection) {
            var position = start
            while true {
                let page = try await page(of: selection, worker, destination, after: position)
                looked += page.rows.count
                guard looked <= maximum else {
                    throw LedgerError(
                        .data,
                        "more than \(maximum) deliveries would have to be looked at: narrow it, by destination or time")
                }
                for row in page.rows where selection.includes(row, madeAt: now) {
                    tally.add(row, selection.fate(of: row))
                }
                guard let reach = page.reach else { break }
                position = reach
            }
        }
        return tally
    }

    /// Makes a replay of what has been counted; the workers begin with it within some seconds.
    ///
    /// - Returns: its id.
    /// - Throws: ``LedgerError/Code/data`` if nothing would be replayed, or the name or the rate is not valid.
    public func makeReplay(
        _ selection: ReplaySelection, tally: ReplayTally, name: String, author: Author, rate: Int
    ) async throws(LedgerError) -> String {
        guard !name.isEmpty, name.count <= Replay.wordsMaximum else {
            throw LedgerError(.data, "a replay's name has 1 to \(Replay.wordsMaximum) characters")
        }
        try Self.check(rate: rate)
        guard tally.count(.replayed) > 0 else { throw LedgerError(.data, "there is nothing to replay") }
        let id = hexadecimal(randomBytes(4))
        let start = try await start(of: selection)
        var parts: Set<[Value]> = []
        for line in tally.counts.keys {
            parts.insert([.text(line.worker), .text(line.destination.text), .integer(start)])
        }
        let (made, last) = (try await now(), try await lastRow())
        _ = try await transaction([
            Statement(
                ReplayStatements.make,
                [
                    .text(id), .text(name), .text(author.text), .text(orNull: selection.account),
                    .integer(made.milliseconds), .text(selection.stored), .text(tally.stored), .integer(Int64(rate)),
                ]),
            Statement(ReplayStatements.makeParts, [.text(id), .integer(last)], rows: Array(parts)),
            TrailNote(
                .replayMade, id, account: selection.account,
                to: Trailed.members(selection).merging([
                    "name": PersonalText.masked(name), "rate": "\(rate)", "expected": "\(tally.count(.replayed))",
                ]) { $1 }
            ).statement(by: author),
        ])
        return id
    }

    private static func check(rate: Int) throws(LedgerError) {
        guard Replay.rates.contains(rate) else {
            throw LedgerError(
                .data,
                "a replay's rate is \(Replay.rates.lowerBound) to \(Replay.rates.upperBound) a second, not \(rate)")
        }
    }

    // MARK: Looking after them

    /// The replay with this id; nil if there is none.
    public func replay(_ id: String) async throws(LedgerError) -> Replay? {
        guard let row = try await read(ReplayStatements.one, [.text(id)]).first else { return nil }
        var replay = try Replay(row)
        for row in try await read(ReplayStatements.parts, [.text(id)]) { replay.parts.append(try Replay.Part(row)) }
        return replay
    }

    /// The latest first, without their parts.
    public func replays(limit: Int) async throws(LedgerError) -> [Replay] {
        var replays: [Replay] = []
        for row in try await read(ReplayStatements.list, [.integer(Int64(limit))]) { replays.append(try Replay(row)) }
        return replays
    }

    /// Rows that a replay has left out so far, and why.
    public func leftOut(of replay: String, limit: Int) async throws(LedgerError) -> [LeftOutRow] {
        var rows: [LeftOutRow] = []
        for row in try await read(ReplayStatements.leftOut, [.text(replay), .integer(Int64(limit))]) {
            rows.append(try LeftOutRow(row))
        }
        return rows
    }

    /// False where the replay does not run, or is none.
    public func setRate(_ rate: Int, ofReplay id: String, by author: Author) async throws(LedgerError) -> Bool {
        try Self.check(rate: rate)
        return try await change(
            Statement(ReplayStatements.setRate, [.text(id), .integer(Int64(rate))], mustChange: 1),
            TrailNote(.replaySet, id, to: ["rate": "\(rate)"]).statement(by: author))
    }

    /// Ends a replay: rows that it has not opened again stay as they are. False where it does not run, or is none.
    public func abortReplay(_ id: String, by author: Author) async throws(LedgerError) -> Bool {
        try await change(
            Statement(ReplayStatements.abort, [.text(id), .text(author.text)], mustChange: 1),
            Statement(ReplayStatements.closeParts, [.text(id)]),
            TrailNote(.replayAborted, id).statement(by: author))
    }

    private func change(_ statements: Statement...) async throws(LedgerError) -> Bool {
        do throws(DatabaseError) {
            _ = try await database.transaction(statements)
            return true
        } catch  where error.code == .fence {
            return false
        } catch { throw LedgerError(error) }
    }
}
