import CSQLite

/// A prepared statement of one connection.
final class SQLiteStatement {
    /// More rows than this are a fault of the asking statement: it must have a LIMIT.
    static let rowsMaximum = 200_000

    let isReading: Bool
    /// The number of the value that each parameter takes, by the parameter's place in the statement.
    private let numbers: [Int]
    /// How many values it takes: the highest of its `$1 …`.
    let valueCount: Int
    private let handle: OpaquePointer
    /// When it was last used, in uses of its connection.
    var lastUse = 0

    /// - Parameter handle: taken over, and finalized with this object.
    init(_ handle: OpaquePointer) {
        self.handle = handle
        isReading = sqlite3_stmt_readonly(handle) != 0
        numbers = (0..<sqlite3_bind_parameter_count(handle)).map { parameter in
            sqlite3_bind_parameter_name(handle, parameter + 1).flatMap { Int(String(cString: $0).dropFirst()) } ?? 0
        }
        valueCount = numbers.max() ?? 0
    }

    deinit { sqlite3_finalize(handle) }

    /// Binds the values; the result code of the first that could not be.
    func bind(_ values: [Value]) -> Int32 {
        guard values.count == valueCount else { return SQLITE_RANGE }
        for (index, number) in numbers.enumerated() {
            guard number > 0 else { return SQLITE_RANGE }
            let parameter = Int32(index + 1)
            let result =
                switch values[number - 1] {
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

    /// Runs to the end; the result code is SQLITE_DONE where all went well, nil where there are too many rows.
    func run(into rows: inout [Row]) -> Int32? {
        while true {
            let result = sqlite3_step(handle)
            guard result == SQLITE_ROW else { return result }
            guard rows.count < Self.rowsMaximum else { return nil }
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
