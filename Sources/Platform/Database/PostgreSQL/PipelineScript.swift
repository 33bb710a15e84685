/// What is sent in one pipeline, with all its values, and the steps whose answers come back. Made before anything is sent.
struct PipelineScript {
    enum Send {
        case prepare(name: String, text: String)
        /// Under its name, or with its text where it is not prepared; the values are those of the writer.
        case run(name: String?, text: String, parameters: Range<Int>)
        case sync
        /// Have the server send what it has, without a Sync.
        case flush
    }

    static let begin = PostgreSQLText(text: "BEGIN ISOLATION LEVEL READ COMMITTED")
    /// All of its statements see what was there when the first one began.
    static let beginSnapshot = PostgreSQLText(text: "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
    static let commit = PostgreSQLText(text: "COMMIT")

    private(set) var sends: [Send] = []
    private(set) var jobs: [(steps: [Pipeline.Step], statements: Int)] = []
    private(set) var writer = ParameterWriter()
    private var steps: [Pipeline.Step] = []

    /// - Parameter forgetting: the server is to let go of all that it has prepared here.
    init(_ prepared: borrowing PreparedStatements, forgetting: Bool = false) {
        for name in forgetting ? ["ALL"] : prepared.discarded {
            sends.append(.run(name: nil, text: "DEALLOCATE \(name)", parameters: 0..<0))
            steps.append(.deallocate(name: name))
        }
    }

    /// - Parameters:
    ///   - settings: of this transaction alone.
    ///   - isSnapshot: it only reads, and sees one instant.
    ///   - holdsCommit: COMMIT is sent later, by who sends this.
    /// - Throws: ``DatabaseError/Code/data`` or ``DatabaseError/Code/statement``; the script is as it was before.
    mutating func addTransaction(
        _ statements: [Statement], _ prepared: inout PreparedStatements, settings: [SessionSettings.Setting] = [],
        isSnapshot: Bool = false, holdsCommit: Bool = false
    ) throws(DatabaseError) {
        try wholly(&prepared) { (script, prepared) throws(DatabaseError) in
            try script.add(isSnapshot ? Self.beginSnapshot : Self.begin, step: .begin, &prepared)
            if !settings.isEmpty {
                let calls = settings.map { "set_config('\($0.name)', '\($0.value)', true)" }
                let text = PostgreSQLText(text: "SELECT \(calls.joined(separator: ", "))")
                try script.add(text, step: .setting, &prepared)
            }
            for (index, statement) in statements.enumerated() { try script.add(statement, at: index, &prepared) }
            if holdsCommit {
                script.sends.append(.flush)
            } else {
                try script.add(Self.commit, step: .commit, &prepared)
                script.addSync()
            }
        }
        endJob(statements.count)
    }

    /// Statements that are no transaction of ours, up to a Sync: a read, or what no transaction may hold. Throws likewise.
    mutating func addPlain(_ statements: [Statement], _ prepared: inout PreparedStatements) throws(DatabaseError) {
        try wholly(&prepared) { (script, prepared) throws(DatabaseError) in
            for (index, statement) in statements.enumerated() { try script.add(statement, at: index, &prepared) }
            script.addSync()
        }
        endJob(statements.count)
    }

    /// Adds all that `body` adds, or nothing of it.
    private mutating func wholly(
        _ prepared: inout PreparedStatements,
        _ body: (inout PipelineScript, inout PreparedStatements) throws(DatabaseError) -> Void
    ) throws(DatabaseError) {
        let (sendCount, stepCount) = (sends.count, steps.count)
        let (byteCount, parameterCount) = (writer.bytes.count, writer.parameters.count)
        do throws(DatabaseError) {
            try body(&self, &prepared)
        } catch {
            for case .prepare(let name, _) in sends[sendCount...] { prepared.failed(name) }
            sends.removeLast(sends.count - sendCount)
            steps.removeLast(steps.count - stepCount)
            writer.truncate(bytes: byteCount, parameters: parameterCount)
            throw error
        }
    }

    private mutating func addSync() {
        sends.append(.sync)
        steps.append(.sync)
    }

    private mutating func endJob(_ statements: Int) {
        jobs.append((steps, statements))
        steps = []
    }

    private mutating func add(
        _ text: PostgreSQLText, step: Pipeline.Step, _ prepared: inout PreparedStatements
    ) throws(DatabaseError) {
        let (entry, isNew) = try prepared.use(text)
        prepare(entry, isNew, for: 0)
        sends.append(.run(name: entry.name, text: entry.rendered.text, parameters: 0..<0))
        steps.append(step)
    }

    private mutating func prepare(_ entry: PreparedStatements.Entry, _ isNew: Bool, for statement: Int) {
        guard isNew, let name = entry.name else { return }
        sends.append(.prepare(name: name, text: entry.rendered.text))
        steps.append(.prepare(name: name, statement: statement))
    }

    private mutating func add(
        _ statement: Statement, at index: Int, _ prepared: inout PreparedStatements
    ) throws(DatabaseError) {
        let sql = statement.sql
        if !sql.columns.isEmpty && statement.rows.isEmpty {
            guard statement.mustChange ?? 0 == 0 else {
                throw DatabaseError(
                    .fence, "is given no rows, and must change \(statement.mustChange!): \(statement.excerpt)",
                    isRetriable: false)
            }
            return
        }
        for (place, text) in sql.postgreSQL.enumerated() {
            let mustChange = place == sql.postgreSQL.count - 1 ? statement.mustChange : nil
            let (entry, isNew) = try prepared.use(
                PostgreSQLText(text: text, columns: sql.columns, isCounted: mustChange != nil))
            guard entry.rendered.takesRows || sql.columns.isEmpty || sql.postgreSQL.count > 1 else {
                throw DatabaseError(
                    .statement, "takes rows, and has no `rows AS name`: \(statement.excerpt)", isRetriable: false)
            }
            let count = entry.rendered.valueCount
            guard count == statement.values.count || (sql.postgreSQL.count > 1 && count < statement.values.count) else {
                throw DatabaseError(
                    .statement, "the number of values is not the statement's: \(statement.excerpt)", isRetriable: false)
            }
            let first = writer.parameters.count
            for value in statement.values.prefix(count) { try writer.write(value) }
            if entry.rendered.takesRows {
                for (number, column) in sql.columns.enumerated() {
                    try writer.write(column: column, at: number, of: statement.rows)
                }
            }
            if let mustChange { try writer.write(.integer(Int64(mustChange))) }
            prepare(entry, isNew, for: index)
            sends.append(
                .run(
                    name: entry.name, text: entry.rendered.text, parameters: first..<writer.parameters.count))
            steps.append(.run(statement: index, mustChange: mustChange))
        }
    }
}

extension Statement {
    /// Its text on PostgreSQL, for messages.
    var excerpt: String { DatabaseError.excerpt(sql.postgreSQL.last ?? "") }
}
