/// What one of PostgreSQL's five-character codes means (https://www.postgresql.org/docs/15/errcodes-appendix.html).
struct SQLState: Sendable, Equatable {
    /// What may be done about it before anybody is told.
    enum Remedy: Sendable, Equatable {
        case none
        /// The transaction is undone, and may hold when it is run again.
        case runAgain
        /// The server does not know, or knows differently, what this connection has prepared.
        case prepareAgain
        /// This connection is of no more use.
        case reconnect
    }

    /// A lock was waited for in vain.
    static let lockNotAvailable = "55P03"

    let text: String

    init(_ text: String) { self.text = text }

    var code: DatabaseError.Code { meaning.code }
    var isRetriable: Bool { meaning.isRetriable }
    var remedy: Remedy { meaning.remedy }

    /// A statement that had to change a number of rows divides by zero where it changed another.
    var isDivisionByZero: Bool { text == "22012" }

    /// A transaction, session or server that takes no writes.
    var isReadOnly: Bool { text == "25006" }

    /// Whether the primary message may hold a value of a row: `invalid input syntax for type bigint: "…"`.
    var mayTellValues: Bool { text.hasPrefix("22") }

    private var meaning: (code: DatabaseError.Code, isRetriable: Bool, remedy: Remedy) {
        switch text {
        case "40001", "40P01": (.conflict, true, .runAgain)
        case Self.lockNotAvailable, "55006": (.conflict, true, .none)
        // Cancelled by the server's time limit, or by its administrator.
        case "57014": (.overloaded, true, .none)
        // A standby, or a server that has become one: the next connection looks for the primary.
        case "25006": (.unreachable, true, .reconnect)
        case "25P03", "25P04", "53300": (.unreachable, true, .reconnect)
        case "26000", "42P05", "0A000": (.statement, false, .prepareAgain)
        case "3D000": (.denied, false, .reconnect)
        case "42501": (.denied, false, .none)
        case "42P01", "3F000": (.schemaMissing, false, .none)
        // More than an index takes: what is stored is at fault, not the statement.
        case "54000": (.data, false, .none)
        // Two rows of one upsert are the same to the database, and were not to us: texts with U+0000 and with U+FFFD.
        case "21000": (.data, false, .none)
        case "58030": (.other, true, .none)
        case "XX001", "XX002": (.corrupt, false, .none)
        default: Self.meaning(ofClass: text.prefix(2))
        }
    }

    private static func meaning(
        ofClass prefix: Substring
    ) -> (code: DatabaseError.Code, isRetriable: Bool, remedy: Remedy) {
        switch prefix {
        case "08", "57": (.unreachable, true, .reconnect)
        case "22": (.data, false, .none)
        case "23": (.constraint, false, .none)
        case "28": (.denied, false, .reconnect)
        case "40": (.conflict, true, .none)
        case "53": (.full, true, .none)
        case "0A", "21", "24", "25", "26", "34", "42", "44", "54", "55", "P0": (.statement, false, .none)
        default: (.other, false, .none)
        }
    }
}

/// An error that the server reports, with those of its fields that may be shown: neither DETAIL nor CONTEXT is among them.
struct ServerFault: Sendable, Equatable {
    var state: SQLState
    /// ERROR, FATAL or PANIC; the latter two end the connection.
    var severity: String
    var primary: String
    var constraint: String?
    var table: String?

    var endsConnection: Bool { severity == "FATAL" || severity == "PANIC" || state.remedy == .reconnect }

    /// - Parameters:
    ///   - what: the statement's excerpt, or what else was being done.
    ///   - outcome: of the transaction.
    func error(doing what: String, outcome: DatabaseError.Outcome = .undone) -> DatabaseError {
        var words = state.mayTellValues ? "a value is refused" : primary
        if let table, !words.contains("\"\(table)\"") { words += ", table \"\(table)\"" }
        if let constraint, !words.contains("\"\(constraint)\"") { words += ", constraint \"\(constraint)\"" }
        return DatabaseError(
            hasNoPartition ? .noPartition : state.code, "\(words) (PostgreSQL \(state.text)): \(what)\(advice)",
            isRetriable: state.isRetriable,
            outcome: outcome, nativeCode: state.text, constraint: constraint)
    }

    /// A row that no partition takes is told by the code of a CHECK, without the name that every CHECK has.
    private var hasNoPartition: Bool { state.text == "23514" && constraint == nil }

    private var advice: String {
        switch state.text {
        case "42P01", "3F000": "; the migrations have not run here yet: start a worker first"
        case "53100": "; free space on the database's disk"
        case "53300": "; raise max_connections, or lower DATABASE_CONNECTIONS"
        default: ""
        }
    }
}
