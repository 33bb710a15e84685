/// SQLite in WAL mode: one writing connection on a thread of its own, a few for reading; several processes may share
/// the file. `now_ms()` is registered, and read once per statement.
///
/// Bulk and brisk transactions take turns. Those of a kind that wait while one is being committed are committed together; each still holds or fails by itself.
public final class SQLiteDatabase: Database {
    private static let readersCount = 3
    /// Jobs waiting for a thread; the one after is refused as ``DatabaseError/Code/overloaded``.
    private static let waitingMaximum = 10_000
    private static let groupTransactionsMaximum = 128

    private struct Read: Sendable {
        var statement: Statement
        var answer: SQLiteWriter.Answer<[Row]>
    }
    private let writes = Inbox<SQLiteWriter.Job>(
        capacity: SQLiteDatabase.waitingMaximum, lanes: Urgency.allCases.count)
    /// nil where the file is in memory, and so has but one connection.
    private let reads: Inbox<Read>?
    private let threads: [ServingThread]
    let path: String
    private let now: @Sendable () -> Int64

    /// - Parameters:
    ///   - path: the file, or `:memory:` (one connection).
    ///   - isDurable: synchronous FULL; else NORMAL.
    ///   - fenceHeld: a test's hook, called when a transaction with a fence has run and is not committed yet.
    ///   - now: milliseconds since 1970, UTC.
    public convenience init(
        path: String, isDurable: Bool = true, fenceHeld: (@Sendable () -> Void)? = nil,
        now: @escaping @Sendable () -> Int64
    ) throws(DatabaseError) {
        try self.init(path: path, settings: .init(isDurable: isDurable), fenceHeld: fenceHeld, now: now)
    }

    init(
        path: String, settings: SQLiteConnection.Settings, fenceHeld: (@Sendable () -> Void)? = nil,
        now: @escaping @Sendable () -> Int64
    ) throws(DatabaseError) {
        self.path = path
        self.now = now
        let writer = SQLiteWriter(try SQLiteConnection(path: path, settings: settings, now: now), fenceHeld: fenceHeld)
        var threads = [
            ServingThread(
                "sqlite", writes, atMost: Self.groupTransactionsMaximum, serve: { writer.serve($0) },
                finally: { writer.close() })
        ]
        reads = path == ":memory:" ? nil : Inbox(capacity: Self.waitingMaximum)
        if let reads {
            var settings = settings
            settings.isReading = true
            for _ in 0..<Self.readersCount {
                do throws(DatabaseError) {
                    let connection = try SQLiteConnection(path: path, settings: settings, now: now)
                    threads.append(Self.reader(connection, of: reads))
                } catch {
                    writes.close()
                    reads.close()
                    throw error
                }
            }
        }
        self.threads = threads
    }

    deinit {
        writes.close()
        reads?.close()
    }

    private static func reader(_ connection: SQLiteConnection, of reads: Inbox<Read>) -> ServingThread {
        ServingThread(
            "sqlite", reads, atMost: 1,
            serve: { jobs in
                for job in jobs {
                    do throws(DatabaseError) {
                        job.answer.resume(returning: .success(try connection.run(job.statement, isReading: true)))
                    } catch {
                        job.answer.resume(returning: .failure(error))
                    }
                }
            }, finally: { connection.close() })
    }

    public func transaction(
        _ statements: [Statement], urgency: Urgency
    ) async throws(DatabaseError) -> [[Row]] {
        try await ask(writes, lane: urgency.lane) { .transaction(statements, $0) }
    }

    public func read(_ statement: Statement) async throws(DatabaseError) -> [Row] {
        guard let reads else { return try await ask(writes) { .read(statement, $0) } }
        return try await ask(reads) { Read(statement: statement, answer: $0) }
    }

    /// On a connection of its own, unless the database is in memory and has but one.
    public func snapshot(_ statements: [Statement]) async throws(DatabaseError) -> [[Row]] {
        guard reads != nil else { return try await ask(writes) { .snapshot(statements, $0) } }
        let (path, now) = (path, now)
        return try await onOwnThread("sqlite-snapshot", path) { () throws(DatabaseError) in
            var settings = SQLiteConnection.Settings()
            settings.isReading = true
            let connection = try SQLiteConnection(path: path, settings: settings, now: now)
            defer { connection.close() }
            return try connection.snapshot(statements)
        }
    }

    public func migrate(_ migrations: [Migration]) async throws(DatabaseError) -> [String] {
        try await ask(writes) { .migration(migrations, $0) }
    }

    /// What SQLite has no need of is done as any other transaction.
    public func runAlone(_ texts: [String]) async throws(DatabaseError) {
        for text in texts { _ = try await transaction([Statement(text)], urgency: .bulk) }
    }

    public func close() async {
        writes.close()
        reads?.close()
        for thread in threads { await thread.end() }
    }

    private func ask<Job: Sendable, Success: Sendable>(
        _ inbox: Inbox<Job>, lane: Int = 0, _ job: (SQLiteWriter.Answer<Success>) -> Job
    ) async throws(DatabaseError) -> Success {
        let result: Result<Success, DatabaseError> = await withCheckedContinuation { answer in
            switch inbox.put(job(answer), lane: lane) {
            case nil: break
            case .closed: answer.resume(returning: .failure(.closed))
            case .full:
                answer.resume(
                    returning: .failure(
                        DatabaseError(
                            .overloaded, "\(Self.waitingMaximum) jobs wait for the database", isRetriable: true)))
            }
        }
        return try result.get()
    }
}

extension Urgency {
    /// Of the writer's inbox.
    fileprivate var lane: Int { self == .brisk ? 0 : 1 }
}
