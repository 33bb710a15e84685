import CLibpq
import Database
import Foundation
import Support
import Synchronization

/// The driver of PostgreSQL beside libpq's own calls, in the same run, on a server of its own.
///
/// A transaction is BEGIN, an upsert of one row of its own and COMMIT in one pipeline; a read is one row by its key. The
/// bare program has a thread a connection, which waits in libpq; the driver is asked by 64 tasks.
enum PostgreSQLBenchmark {
    static let usage = "[SECONDS [CONNECTIONS…]]"
    private static let tasks = 64
    private static let upsert =
        "INSERT INTO t(id, n) VALUES ($1, 1) ON CONFLICT (id) DO UPDATE SET n = t.n + 1"
    private static let selection = "SELECT n FROM t WHERE id = $1"

    @Sendable static func run(_ words: [String]) async throws {
        let numbers = words.compactMap(Int.init)
        let seconds = numbers.first ?? 3
        let connections = numbers.count > 1 ? Array(numbers.dropFirst()) : [1, 4, 16]
        let server = try await PostgreSQLServer(settings: ["fsync=on", "max_connections=50", "shared_buffers=256MB"])
        let name = try await server.makeDatabase()
        let url = server.url(database: name)
        let setup = try PostgreSQLDatabase(url: url, options: PostgreSQLOptions(name: "setup"))
        _ = try await setup.migrate([
            Migration(
                name: "t", statements: ["CREATE TABLE t (id bigint PRIMARY KEY, n bigint) WITH (fillfactor = 50)"])
        ])
        for id in 0..<tasks { _ = try await setup.transaction([Statement(upsert, [.integer(Int64(id))])]) }
        await setup.close()
        print("\(tasks) tasks, \(seconds) s each; PostgreSQL's own disk, fsync on")
        for count in connections {
            let bareTransactions = await bare(url, count, seconds, isReading: false)
            let transactions = try await driven(url, count, seconds, isReading: false)
            report("transactions/s, \(count) connections", bareTransactions, transactions)
            let bareReads = await bare(url, count, seconds, isReading: true)
            let reads = try await driven(url, count, seconds, isReading: true)
            report("reads/s, \(count) connections", bareReads, reads)
        }
        try await rows(url)
    }

    private static func report(_ what: String, _ bare: Double, _ driven: Double) {
        print("  \(what): libpq \(Int(bare)), driver \(Int(driven)) (\(Int(driven / bare * 100)) %)")
    }

    // MARK: The driver

    private static func driven(_ url: String, _ connections: Int, _ seconds: Int, isReading: Bool) async throws
        -> Double
    {
        let options = PostgreSQLOptions(
            name: "benchmark", bulk: 1, brisk: isReading ? 1 : connections, reading: isReading ? connections : 1)
        let database = try PostgreSQLDatabase(url: url, options: options)
        let count = Counter()
        let start = ContinuousClock.now
        let end = start + .seconds(seconds)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for task in 0..<tasks {
                group.addTask {
                    let key = [Value.integer(Int64(task))]
                    while ContinuousClock.now < end {
                        if isReading {
                            _ = try await database.read(Statement(selection, key))
                        } else {
                            _ = try await database.transaction([Statement(upsert, key)])
                        }
                        count.add()
                    }
                }
            }
            try await group.waitForAll()
        }
        let time = ContinuousClock.now - start
        await database.close()
        return Double(count.value) / (time / .seconds(1))
    }

    /// 100 rows of 1 KB a transaction.
    private static func rows(_ url: String) async throws {
        let database = try PostgreSQLDatabase(url: url, options: PostgreSQLOptions(name: "rows"))
        _ = try await database.transaction([
            Statement("CREATE TABLE e (id text, body bytea)")
        ])
        let insertion = SQL("INSERT INTO e SELECT v.id, v.body FROM rows AS v", rows: ["id": .text, "body": .blob])
        let body = Value.blob([UInt8](repeating: 7, count: 900))
        let rows = (0..<100).map { [Value.text("event-\($0)-of-a-length-that-is-usual"), body] }
        let rounds = 500
        let start = ContinuousClock.now
        for _ in 0..<rounds { _ = try await database.transaction([Statement(insertion, rows: rows)], urgency: .bulk) }
        let time = ContinuousClock.now - start
        print(
            "  rows/s, one connection, 100 rows of 0.9 KB a transaction: \(Int(Double(rounds * 100) / (time / .seconds(1))))"
        )
        await database.close()
    }

    // MARK: libpq itself

    private static func bare(_ url: String, _ connections: Int, _ seconds: Int, isReading: Bool) async -> Double {
        let count = Counter()
        let start = ContinuousClock.now
        let end = start + .seconds(seconds)
        await withTaskGroup(of: Void.self) { group in
            for number in 0..<connections {
                group.addTask {
                    await onThread {
                        let connection = BareConnection(url, isReading ? [selection] : ["BEGIN", upsert, "COMMIT"])
                        while ContinuousClock.now < end {
                            connection.run(key: "\(number)", keyed: isReading ? 0 : 1)
                            count.add()
                        }
                        connection.close()
                    }
                }
            }
        }
        return Double(count.value) / ((ContinuousClock.now - start) / .seconds(1))
    }
}

private final class Counter: Sendable {
    private let count = Atomic(0)
    func add() { count.add(1, ordering: .relaxed) }
    var value: Int { count.load(ordering: .relaxed) }
}

/// A connection that is used as libpq's documentation shows it: prepared statements in a pipeline, and waiting in libpq.
private final class BareConnection {
    private let handle: OpaquePointer
    private let count: Int

    init(_ url: String, _ statements: [String]) {
        handle = PQconnectdb(url)!
        precondition(PQstatus(handle) == CONNECTION_OK, "\(String(cString: PQerrorMessage(handle)))")
        count = statements.count
        for (index, text) in statements.enumerated() { PQclear(PQprepare(handle, "s\(index)", text, 0, nil)) }
        precondition(PQenterPipelineMode(handle) == 1)
    }

    func run(key: String, keyed: Int) {
        key.withCString { key in
            for index in 0..<count {
                var values: [UnsafePointer<CChar>?] = index == keyed ? [key] : []
                precondition(PQsendQueryPrepared(handle, "s\(index)", Int32(values.count), &values, nil, nil, 1) == 1)
            }
        }
        precondition(PQpipelineSync(handle) == 1)
        while true {
            guard let result = PQgetResult(handle) else { continue }
            let status = PQresultStatus(result)
            PQclear(result)
            precondition(status != PGRES_FATAL_ERROR, "\(String(cString: PQerrorMessage(handle)))")
            if status == PGRES_PIPELINE_SYNC { return }
        }
    }

    func close() { PQfinish(handle) }
}
