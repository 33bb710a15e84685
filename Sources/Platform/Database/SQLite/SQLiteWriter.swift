/// What the writing thread does: transactions, several of them in one commit where several wait.
///
/// A durable commit waits for the disk (3 ms where this was measured), whatever it holds. So what has queued up behind
/// one commit goes into the next together. A transaction that fails must not take others with it: the group is then
/// undone, and each is run by itself. Fences fail only when a partition changes hands, so that this costs nothing
/// worth savepoints on the way of all others.
///
/// Used by its thread only; `Sendable`, since it holds no state but the connection.
final class SQLiteWriter: Sendable {
    typealias Answer<Success> = CheckedContinuation<Result<Success, DatabaseError>, Never>

    enum Job: Sendable {
        case transaction([Statement], Answer<[[Row]]>)
        case read(Statement, Answer<[Row]>)
        case snapshot([Statement], Answer<[[Row]]>)
        case migration([Migration], Answer<[String]>)
    }
    private typealias Transaction = (statements: [Statement], answer: Answer<[[Row]]>)

    /// Statements in one commit: bounds how long other processes wait for the lock.
    static let groupStatementsMaximum = 256

    private let connection: SQLiteConnection
    private let fenceHeld: (@Sendable () -> Void)?

    /// - Parameter fenceHeld: a test's hook, called when a transaction with a fence has run and is not committed yet.
    init(_ connection: SQLiteConnection, fenceHeld: (@Sendable () -> Void)? = nil) {
        self.connection = connection
        self.fenceHeld = fenceHeld
    }

    func serve(_ jobs: [Job]) {
        var group: [Transaction] = []
        var count = 0
        for job in jobs {
            if case .transaction(let statements, let answer) = job {
                if count + statements.count > Self.groupStatementsMaximum { commit(&group, &count) }
                group.append((statements, answer))
                count += statements.count
                continue
            }
            commit(&group, &count)
            switch job {
            case .read(let statement, let answer):
                answer.resume(
                    returning: attempt { () throws(DatabaseError) in try connection.run(statement, isReading: true) })
            case .snapshot(let statements, let answer):
                answer.resume(returning: attempt { () throws(DatabaseError) in try connection.snapshot(statements) })
            case .migration(let migrations, let answer):
                answer.resume(returning: attempt { () throws(DatabaseError) in try connection.migrate(migrations) })
            case .transaction: break
            }
        }
        commit(&group, &count)
    }

    private func commit(_ group: inout [Transaction], _ count: inout Int) {
        defer {
            group.removeAll(keepingCapacity: true)
            count = 0
        }
        if group.count > 1, let answers = commitTogether(group) {
            for (transaction, answer) in zip(group, answers) { transaction.answer.resume(returning: answer) }
            return
        }
        for (statements, answer) in group {
            answer.resume(
                returning: attempt { () throws(DatabaseError) in
                    try connection.transaction { () throws(DatabaseError) in try run(statements) }
                })
        }
    }

    /// nil where one of them was at fault: nothing holds, and each must be run by itself.
    private func commitTogether(_ group: [Transaction]) -> [Result<[[Row]], DatabaseError>]? {
        let rows = attempt { () throws(DatabaseError) in
            try connection.transaction { () throws(DatabaseError) in
                var rows: [[[Row]]] = []
                for transaction in group { rows.append(try run(transaction.statements)) }
                return rows
            }
        }
        switch rows {
        case .success(let rows):
            return rows.map(Result.success)
        case .failure(let error):
            switch error.code {
            case .constraint, .fence, .data, .statement: return nil
            // Locked, full, broken: true of all of them, and after a failed COMMIT nothing may be run twice.
            default: return group.map { _ in .failure(error) }
            }
        }
    }

    private func run(_ statements: [Statement]) throws(DatabaseError) -> [[Row]] {
        var rows: [[Row]] = []
        rows.reserveCapacity(statements.count)
        for statement in statements { rows.append(try connection.run(statement)) }
        if let fenceHeld, statements.contains(where: \.isFence) { fenceHeld() }
        return rows
    }

    private func attempt<Success>(
        _ work: () throws(DatabaseError) -> Success
    ) -> Result<Success, DatabaseError> {
        do throws(DatabaseError) { return .success(try work()) } catch { return .failure(error) }
    }

    func close() { connection.close() }
}
