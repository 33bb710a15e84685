import CSQLite

/// The time that `now_ms()` tells one connection: read at its first call within a statement, and kept until the next.
///
/// Used by the connection's thread only.
final class SQLiteClock {
    private let now: () -> Int64
    private var reading: Int64?

    init(now: @escaping () -> Int64) { self.now = now }

    func beginStatement() { reading = nil }

    func milliseconds() -> Int64 {
        if let reading { return reading }
        let milliseconds = now()
        reading = milliseconds
        return milliseconds
    }

    /// Registers `now_ms()`; the clock must outlive the connection.
    func register(in handle: OpaquePointer) -> Int32 {
        sqlite3_create_function_v2(
            handle, "now_ms", 0, SQLITE_UTF8, Unmanaged.passUnretained(self).toOpaque(), tellMilliseconds, nil, nil, nil
        )
    }
}

private func tellMilliseconds(
    context: OpaquePointer?, count: Int32, values: UnsafeMutablePointer<OpaquePointer?>?
) {
    let clock = Unmanaged<SQLiteClock>.fromOpaque(sqlite3_user_data(context)).takeUnretainedValue()
    sqlite3_result_int64(context, clock.milliseconds())
}
