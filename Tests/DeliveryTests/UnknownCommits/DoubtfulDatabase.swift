import Database
import Support

/// A transaction whose answer is to be lost, and what becomes of it.
struct Doubt: Sendable {
    enum Verb: CaseIterable {
        case intake, take, complete

        /// Whether it is this verb's transaction.
        func isMeant(by statements: [Statement], _ urgency: Urgency) -> Bool {
            let columns = statements.flatMap(\.sql.columns).map(\.name)
            return switch self {
            case .intake: urgency == .bulk
            // Its second statement, after the lock: putting off has one.
            case .take: statements.count == 2 && columns.contains("room")
            case .complete: columns.contains("receipt")
            }
        }

        /// Tells whether it holds; `$1` is the event.
        var fact: String {
            switch self {
            case .intake: "SELECT count(*) FROM events WHERE event_id = $1"
            case .take: "SELECT count(*) FROM deliveries WHERE event_id = $1 AND state = 'in_flight'"
            case .complete: "SELECT count(*) FROM history WHERE event_id = $1"
            }
        }
    }

    var verb: Verb
    /// Whether it holds nevertheless.
    var isCommitted: Bool
    /// The event that the transaction is about.
    var event: String
}

/// A ledger on a server whose synchronous standby is away, which says of one transaction at a time that nobody knows its
/// outcome: its session is ended where it waits for the standby, already committed here, or for a lock before COMMIT.
///
/// All other transactions do not wait for the standby.
final class DoubtfulDatabase: Database {
    /// The next one.
    let next = Shared<Doubt?>(nil)
    /// Those that were, and whether they held.
    let past = Shared<[(doubt: Doubt, held: Bool)]>([])
    private let begun = Shared(0)
    private let certain: PostgreSQLDatabase
    private let url: String
    private let localURL: String
    private let options = PostgreSQLOptions(name: "doubtful")

    init(_ name: String, on server: PostgreSQLServer) throws {
        url = server.url(database: name)
        localURL = server.url(database: name, query: "options=-c%20synchronous_commit%3Dlocal")
        certain = try PostgreSQLDatabase(url: localURL, options: PostgreSQLOptions(name: "certain"))
    }

    /// Whether no transaction is being played with.
    var isAtRest: Bool { begun.now == past.now.count }

    func transaction(_ statements: [Statement], urgency: Urgency) async throws(DatabaseError) -> [[Row]] {
        guard let doubt = next.now, doubt.verb.isMeant(by: statements, urgency), try await hasSubject(doubt) else {
            return try await certain.transaction(statements, urgency: urgency)
        }
        let isMine = next.change { next in
            guard next?.event == doubt.event else { return false }
            next = nil
            return true
        }
        guard isMine else { return try await certain.transaction(statements, urgency: urgency) }
        begun.change { $0 += 1 }
        let outcome: Result<[[Row]], any Error>
        do {
            outcome = try await ended(statements, urgency, doubt)
        } catch { throw DatabaseError(.statement, "the test could not end the session: \(error)", isRetriable: false) }
        switch outcome {
        case .success(let rows):
            // Another take was faster, and left it nothing that would have to be committed.
            next.now = doubt
            begun.change { $0 -= 1 }
            return rows
        case .failure(let error as DatabaseError): throw error
        case .failure(let error): throw DatabaseError(.statement, "\(error)", isRetriable: false)
        }
    }

    /// Whether there is something that the transaction would change: a take may come before its row.
    private func hasSubject(_ doubt: Doubt) async throws(DatabaseError) -> Bool {
        guard doubt.verb == .take else { return true }
        let pending = "SELECT count(*) FROM deliveries WHERE event_id = $1 AND state = 'pending'"
        return try await certain.read(Statement(pending, [.text(doubt.event)])) == [[.integer(1)]]
    }

    /// Runs the transaction on a connection of its own, and ends its session where it waits.
    private func ended(
        _ statements: [Statement], _ urgency: Urgency, _ doubt: Doubt
    ) async throws -> Result<[[Row]], any Error> {
        let database = try PostgreSQLDatabase(url: url, options: options)
        let lock = Statement("LOCK TABLE deliveries IN ACCESS EXCLUSIVE MODE", isFence: true)
        let holder = doubt.isCommitted ? nil : try await HeldTransaction([lock], at: localURL)
        let isAnswered = Shared(false)
        let work = Task {
            defer { isAnswered.now = true }
            return try await database.transaction(statements, urgency: urgency)
        }
        let condition = doubt.isCommitted ? "wait_event = 'SyncRep'" : "wait_event_type = 'Lock'"
        try await eventually("the session waits: \(condition)") {
            if isAnswered.now { return true }
            return try await endSession(waitingFor: condition)
        }
        let outcome = await work.result
        try await holder?.commit()
        await database.close()
        if case .failure = outcome {
            let held = try await certain.read(Statement(doubt.verb.fact, [.text(doubt.event)])) == [[.integer(1)]]
            past.change { $0.append((doubt, held)) }
        }
        return outcome
    }

    /// - Returns: whether there was one.
    private func endSession(waitingFor condition: String) async throws -> Bool {
        let ending = Statement(
            """
            SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
            WHERE datname = current_database() AND application_name = 'orderrelay/doubtful' AND \(condition)
            """)
        return try await certain.read(ending) == [[.integer(1)]]
    }

    func read(_ statement: Statement) async throws(DatabaseError) -> [Row] { try await certain.read(statement) }
    func snapshot(_ statements: [Statement]) async throws(DatabaseError) -> [[Row]] {
        try await certain.snapshot(statements)
    }
    func migrate(_ migrations: [Migration]) async throws(DatabaseError) -> [String] {
        try await certain.migrate(migrations)
    }
    func runAlone(_ texts: [String]) async throws(DatabaseError) { try await certain.runAlone(texts) }
    func close() async { await certain.close() }
}
