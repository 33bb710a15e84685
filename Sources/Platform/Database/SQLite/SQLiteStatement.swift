import CSQLite

/// A prepared statement of one connection.
final class SQLiteStatement {
    /// More rows than this are a fault of the asking statement: it must have a LIMIT.
    static let rowsMax = 200_000

    let text: String
    let isReading: Bool
    /// The parameter's place among the values, by its place in the statement.
    private let valueIndexes: [Int]
    private let handle: OpaquePointer
    /// When it was last used, in uses of its connection.
    var lastUse = 0

    /// - Parameter handle: taken over, and finalized with this object.
    init(_ handle: OpaquePointer, text: String) throws(DatabaseError) {
        self.handle = handle
        self.text = text
        isReading = sqlite3_stmt_readonly(handle) != 0
        var indexes: [Int] = []
        var isNumbered = true
        for parameter in 0..<sqlite3_bind_parameter_count(handle) {
            let name = sqlite3_bind_parameter_name(handle, parameter + 1).map { String(cString: $0) } ?? ""
            let number = name.hasPrefix("$") ? Int(name.dropFirst()) : nil
            isNumbered = isNumbered && number == indexes.count + 1
            indexes.append((number ?? 1) - 1)
        }
        valueIndexes = indexes
        guard isNumbered else {
            throw DatabaseError(
                .statement, "parameters must be $1, $2 … in order of appearance: \(DatabaseError.excerpt(text))",
                isRetriable: false)
        }
    }

    deinit { sqlite3_finalize(handle) }

    /// Binds the values; the result code of the first that could not be.
    func bind(_ values: [Value]) -> Int32 {
        guard values.count == valueIndexes.count else { return SQLITE_RANGE }
        for (index, value) in values.enumerated() {
            let parameter = Int32(index + 1)
            let result =
                switch value {
                case .null: sqlite3_bind_null(handle, parameter)
                case .integer(let integer): sqlite3_bind_int64(handle, parameter, integer)
                case .text(var text):
                    text.withUTF8 { utf8 in
                        utf8.withMemoryRebound(to: CChar.self) {
                            // An empty text has no address, and no address would be NULL.
                            orderrelay_bind_text(handle, parameter, $0.baseAddress ?? Self.empty, UInt64($0.count))
                        }
                    }
                case .blob(let bytes):
                    bytes.isEmpty
                        ? sqlite3_bind_zeroblob(handle, parameter, 0)
                        : orderrelay_bind_blob(handle, parameter, bytes, UInt64(bytes.count))
                }
            guard result == SQLITE_OK else { return result }
        }
        return SQLITE_OK
    }

    private nonisolated(unsafe) static let empty: UnsafePointer<CChar> = {
        let byte = UnsafeMutablePointer<CChar>.allocate(capacity: 1)
        byte.initialize(to: 0)
        return UnsafePointer(byte)
    }()

    /// Runs to the end; the result code is SQLITE_DONE where all went well.
    func run(into rows: inout [Row]) -> Int32 {
        while true {
            let result = sqlite3_step(handle)
            guard result == SQLITE_ROW else { return result }
            guard rows.count < Self.rowsMax else { return SQLITE_TOOBIG }
            rows.append(row())
        }
    }

    /// Ready for its next use; lets go of the values.
    func reset() {
        sqlite3_reset(handle)
        sqlite3_clear_bindings(handle)
    }

    private func row() -> Row {
        let count = sqlite3_column_count(handle)
        var row = Row()
        row.reserveCapacity(Int(count))
        for column in 0..<count { row.append(value(column)) }
        return row
    }

    private func value(_ column: Int32) -> Value {
        switch sqlite3_column_type(handle, column) {
        case SQLITE_INTEGER:
            return .integer(sqlite3_column_int64(handle, column))
        case SQLITE_BLOB:
            let bytes = sqlite3_column_blob(handle, column)
            let count = Int(sqlite3_column_bytes(handle, column))
            return .blob([UInt8](UnsafeRawBufferPointer(start: bytes, count: count)))
        case SQLITE_NULL:
            return .null
        default:
            // A floating-point number comes as its text: nothing of ours is one.
            let text = sqlite3_column_text(handle, column)
            let count = Int(sqlite3_column_bytes(handle, column))
            return .text(String(decoding: UnsafeBufferPointer(start: text, count: count), as: UTF8.self))
        }
    }
}
