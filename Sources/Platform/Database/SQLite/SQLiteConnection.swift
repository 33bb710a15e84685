import CSQLite
import Glibc

/// One connection to a file, with its prepared statements.
///
/// `@unchecked`: made by one thread, then used and ended by the one thread that it is handed to.
final class SQLiteConnection: @unchecked Sendable {
    struct Settings {
        var isDurable = true
        var isReading = false
        /// How long to wait for a lock that another process holds.
        var patienceMilliseconds: Int64 = 5_000
    }
    /// Statement texts kept prepared; beyond, the one unused for longest goes.
    static let statementsMaximum = 300
    /// What is left of the log's file when it is begun anew.
    static let journalBytesMaximum = 64 << 20

    /// The path of a database that is in no file.
    static let inMemory = ":memory:"

    let path: String
    private let handle: OpaquePointer
    private let clock: SQLiteClock
    private let patience: SQLitePatience
    private let logKeeper: SQLiteLogKeeper
    private var statements: [SQLiteText: SQLiteStatement] = [:]
    private var uses = 0
    private var isClosed = false

    init(path: String, settings: Settings, now: @escaping @Sendable () -> Int64) throws(DatabaseError) {
        var opened: OpaquePointer?
        let flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE
        let result = sqlite3_open_v2(path, &opened, flags, nil)
        guard let handle = opened, result == SQLITE_OK else {
            let words = opened.map { String(cString: sqlite3_errmsg($0)) } ?? "no memory"
            sqlite3_close_v2(opened)
            throw DatabaseError(result: result, words: words, doing: "opening \(path)")
        }
        self.handle = handle
        self.path = path
        clock = SQLiteClock(now: now)
        patience = SQLitePatience(limitMilliseconds: settings.patienceMilliseconds)
        logKeeper = SQLiteLogKeeper(patience: patience)
        guard clock.register(in: handle) == SQLITE_OK, patience.register(in: handle) == SQLITE_OK else {
            throw error(sqlite3_extended_errcode(handle), doing: "preparing \(path)")
        }
        guard sqlite3_db_readonly(handle, "main") == 0 else {
            throw DatabaseError(result: SQLITE_READONLY, words: "the file is read-only", doing: "opening \(path)")
        }
        try configure(settings)
    }

    deinit { close() }

    /// Closes the file; nothing may be asked afterwards.
    func close() {
        guard !isClosed else { return }
        isClosed = true
        statements.removeAll()
        sqlite3_close_v2(handle)
    }

    private func configure(_ settings: Settings) throws(DatabaseError) {
        if !settings.isReading { try enterWriteAheadMode(patienceMilliseconds: settings.patienceMilliseconds) }
        try execute("PRAGMA synchronous = \(settings.isDurable ? "FULL" : "NORMAL")")
        logKeeper.register(in: handle)
        try execute("PRAGMA journal_size_limit = \(Self.journalBytesMaximum)")
        try execute("PRAGMA temp_store = MEMORY")
        // More only fills as the file grows, which lies in the system's cache anyway (Tests/Benchmarks/README.md, memory).
        try execute("PRAGMA cache_size = -\(settings.isReading ? 2_000 : 8_000)")
        if settings.isReading { try execute("PRAGMA query_only = ON") }
    }

    /// Changing the journal's mode does not ask the busy handler where several processes try at once.
    private func enterWriteAheadMode(patienceMilliseconds: Int64) throws(DatabaseError) {
        var tries: Int32 = 0
        while true {
            do throws(DatabaseError) {
                return try execute("PRAGMA journal_mode = WAL")
            } catch  where error.code == .conflict && patience.wait(tries: tries) {
                tries += 1
            }
        }
    }

    /// Whether a transaction is open: some errors end it.
    var isInTransaction: Bool { sqlite3_get_autocommit(handle) == 0 }

    /// Runs one statement whose text is not kept.
    func execute(_ text: String) throws(DatabaseError) {
        let statement = try prepare(text, isKept: false)
        var rows: [Row] = []
        let result = statement.run(into: &rows) ?? SQLITE_MISUSE
        guard result == SQLITE_DONE else { throw error(result, doing: DatabaseError.excerpt(text)) }
    }

    /// Runs one statement; its rows.
    func run(_ statement: Statement, isReading: Bool = false) throws(DatabaseError) -> [Row] {
        clock.beginStatement()
        var rows: [Row] = []
        var changed = 0
        let columns = statement.sql.columns
        for text in statement.sql.sqlite {
            guard !columns.isEmpty else {
                changed = try run(SQLiteText(text), of: statement, isReading, into: &rows)
                continue
            }
            changed = 0
            var next = 0
            for count in SQLiteText.runs(of: statement.rows.count, atMost: statement.sql.sqliteRowsMaximum) {
                changed += try run(
                    SQLiteText(text, columns: columns, rowCount: count), of: statement,
                    taking: statement.rows[next..<(next + count)], isReading, into: &rows)
                next += count
            }
        }
        if let expected = statement.mustChange, changed != expected {
            let excerpt = DatabaseError.excerpt(statement.sql.sqlite.last!)
            throw DatabaseError(
                .fence, "changed \(changed) rows, not \(expected): \(excerpt)", isRetriable: false)
        }
        return rows
    }

    /// How many rows it changed.
    private func run(
        _ text: SQLiteText, of statement: Statement, taking given: ArraySlice<[Value]> = [], _ isReading: Bool,
        into rows: inout [Row]
    ) throws(DatabaseError) -> Int {
        let prepared = try prepared(text)
        if isReading && !prepared.isReading {
            throw DatabaseError(
                .statement, "a statement that writes was given to read: \(DatabaseError.excerpt(text.text))",
                isRetriable: false)
        }
        defer { prepared.reset() }
        // One of several texts takes the values that it names.
        var values = statement.values
        if statement.sql.sqlite.count > 1 {
            values = Array(values.prefix(prepared.valueCount - text.rowCount * text.columns.count))
        }
        values.reserveCapacity(prepared.valueCount)
        for row in given { values += row }
        var result = prepared.bind(values)
        if result == SQLITE_OK {
            guard let ended = prepared.run(into: &rows) else {
                throw DatabaseError(
                    .statement, "more than \(SQLiteStatement.rowsMaximum) rows: \(DatabaseError.excerpt(text.text))",
                    isRetriable: false)
            }
            result = ended
        }
        guard result == SQLITE_DONE else { throw error(result, doing: DatabaseError.excerpt(text.text)) }
        return Int(sqlite3_changes64(handle))
    }

    private func prepared(_ text: SQLiteText) throws(DatabaseError) -> SQLiteStatement {
        uses += 1
        if let statement = statements[text] {
            statement.lastUse = uses
            return statement
        }
        if statements.count >= Self.statementsMaximum,
            let oldest = statements.min(by: { $0.value.lastUse < $1.value.lastUse })
        {
            statements[oldest.key] = nil
        }
        let statement = try prepare(try text.rendered(), isKept: true)
        statement.lastUse = uses
        statements[text] = statement
        return statement
    }

    private func prepare(_ text: String, isKept: Bool) throws(DatabaseError) -> SQLiteStatement {
        var prepared: OpaquePointer?
        var hasMore = false
        let result = text.withCString { start in
            var tail: UnsafePointer<CChar>?
            let flags = isKept ? UInt32(SQLITE_PREPARE_PERSISTENT) : 0
            let result = sqlite3_prepare_v3(handle, start, -1, flags, &prepared, &tail)
            hasMore = tail.map { String(cString: $0).contains { !$0.isWhitespace && $0 != ";" } } ?? false
            return result
        }
        guard result == SQLITE_OK else { throw error(result, doing: DatabaseError.excerpt(text)) }
        guard let prepared else {
            throw DatabaseError(.statement, "an empty statement", isRetriable: false)
        }
        let statement = SQLiteStatement(prepared)
        guard !hasMore else {
            throw DatabaseError(
                .statement, "more than one statement in one text: \(DatabaseError.excerpt(text))", isRetriable: false)
        }
        return statement
    }

    private func error(_ result: Int32, doing what: String) -> DatabaseError {
        // The codes that we made ourselves have no words of the connection's.
        let words =
            switch result {
            case SQLITE_TOOBIG: "longer than SQLite takes"
            case SQLITE_RANGE: "the number of values is not the statement's"
            default: String(cString: sqlite3_errmsg(handle))
            }
        return DatabaseError(result: result, words: words, doing: what)
    }
}
