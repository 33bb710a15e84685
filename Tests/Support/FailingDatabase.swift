package import Database

/// A database that fails as the test says.
package final class FailingDatabase: Database {
    package enum Mood: Sendable {
        case well
        /// Nothing reaches it.
        case away
        /// The statement is executed, but its answer is lost.
        case losesAnswers
    }
    /// What the next transactions meet, one each; after that it is as ``mood`` says.
    package let next = Shared<[Mood]>([])
    package let mood = Shared(Mood.well)
    /// What else happens before the next transaction begins.
    package let meanwhile = Shared<(@Sendable () async -> Void)?>(nil)
    /// Transactions that hold this text among their values are refused as values that it does not take.
    package let refused = Shared<String?>(nil)
    private let real: any Database

    package init(_ real: any Database) { self.real = real }

    private static let away = DatabaseError(.unreachable, "the test took it away", isRetriable: true)
    private static let lost = DatabaseError(
        .unreachable, "the test lost the answer", isRetriable: true, outcome: .unknown)

    package func transaction(
        _ statements: [Statement], urgency: Urgency
    ) async throws(DatabaseError) -> [[Row]] {
        let work = meanwhile.change { work in
            defer { work = nil }
            return work
        }
        await work?()
        let mood = next.change { $0.isEmpty ? nil : $0.removeFirst() } ?? mood.now
        if mood == .away { throw Self.away }
        if let text = refused.now, statements.contains(where: { $0.holds(text) }) {
            throw DatabaseError(.data, "the test refuses it", isRetriable: false, nativeCode: "54000")
        }
        let rows = try await real.transaction(statements, urgency: urgency)
        if mood == .losesAnswers { throw Self.lost }
        return rows
    }
    package func read(_ statement: Statement) async throws(DatabaseError) -> [Row] {
        if mood.now == .away { throw Self.away }
        return try await real.read(statement)
    }
    package func snapshot(_ statements: [Statement]) async throws(DatabaseError) -> [[Row]] {
        if mood.now == .away { throw Self.away }
        return try await real.snapshot(statements)
    }
    package func migrate(_ migrations: [Migration]) async throws(DatabaseError) -> [String] {
        try await real.migrate(migrations)
    }
    package func runAlone(_ texts: [String]) async throws(DatabaseError) {
        let mood = next.change { $0.isEmpty ? nil : $0.removeFirst() } ?? mood.now
        if mood == .away { throw Self.away }
        try await real.runAlone(texts)
        if mood == .losesAnswers { throw Self.lost }
    }
    package func close() async { await real.close() }
}

extension Statement {
    fileprivate func holds(_ text: String) -> Bool {
        (values + rows.joined()).contains { $0.text?.contains(text) == true }
    }
}
