import Database

/// Reads a row's values from left to right. A value of another kind is refused: rows are input.
struct RowReader {
    private let row: Row
    private let what: StaticString
    private var next = 0

    /// - Parameter what: what the row is, for the error.
    init(_ row: Row, _ what: StaticString) {
        self.row = row
        self.what = what
    }

    mutating func integer() throws(LedgerError) -> Int64 {
        guard let value = try take().integer else { throw unreadable }
        return value
    }

    mutating func text() throws(LedgerError) -> String {
        guard let value = try take().text else { throw unreadable }
        return value
    }

    mutating func destination() throws(LedgerError) -> Destination { Destination(try text()) }

    mutating func state() throws(LedgerError) -> DeliveryState {
        guard let state = DeliveryState(rawValue: try text()) else { throw unreadable }
        return state
    }

    mutating func blob() throws(LedgerError) -> [UInt8] {
        guard let value = try take().blob else { throw unreadable }
        return value
    }

    mutating func bool() throws(LedgerError) -> Bool { try integer() != 0 }

    mutating func integerOrNull() throws(LedgerError) -> Int64? {
        let value = try take()
        guard value == .null || value.integer != nil else { throw unreadable }
        return value.integer
    }

    mutating func textOrNull() throws(LedgerError) -> String? {
        let value = try take()
        guard value == .null || value.text != nil else { throw unreadable }
        return value.text
    }

    mutating func blobOrNull() throws(LedgerError) -> [UInt8]? {
        let value = try take()
        guard value == .null || value.blob != nil else { throw unreadable }
        return value.blob
    }

    private mutating func take() throws(LedgerError) -> Value {
        guard next < row.count else { throw unreadable }
        defer { next += 1 }
        return row[next]
    }

    var unreadable: LedgerError { .unreadable("\(what)") }
}
