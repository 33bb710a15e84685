import Database
import Orders

extension Replay {
    init(_ row: Row) throws(LedgerError) {
        var reader = RowReader(row, "a replay")
        id = try reader.text()
        name = try reader.text()
        author = try reader.text()
        account = try reader.textOrNull()
        madeAt = Timestamp(milliseconds: try reader.integer())
        rate = Int(try reader.integer())
        guard let state = State(rawValue: try reader.text()) else { throw reader.unreadable }
        self.state = state
        endedAt = try reader.integerOrNull().map { Timestamp(milliseconds: $0) }
        endedBy = try reader.textOrNull()
        selection = try ReplaySelection(stored: try reader.text(), account: account)
        tally = try ReplayTally(stored: try reader.text())
    }
}

extension Replay.Part {
    init(_ row: Row) throws(LedgerError) {
        var reader = RowReader(row, "a replay's part")
        worker = try reader.text()
        destination = try reader.destination()
        isOpen = try reader.bool()
        fates = [:]
        for fate in ReplayFate.allCases { fates[fate] = try reader.integer() }
    }
}

extension LeftOutRow {
    init(_ row: Row) throws(LedgerError) {
        var reader = RowReader(row, "a row that was left out")
        order = try reader.text()
        event = try reader.text()
        worker = try reader.text()
        destination = try reader.destination()
        state = try reader.state()
        guard let fate = ReplayFate(rawValue: try reader.text()) else { throw reader.unreadable }
        self.fate = fate
    }
}
