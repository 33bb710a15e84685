/// What went wrong with the database.
public struct DatabaseError: Error, Sendable, CustomStringConvertible {
    /// What kind of fault it is, whatever the database calls it.
    public enum Code: Sendable, Equatable {
        /// A CHECK, UNIQUE or other constraint; ``DatabaseError/constraint`` names it where the database does.
        case constraint
        /// A row is of a time for which no partition has been made.
        case noPartition
        /// A statement changed another number of rows than ``Statement/mustChange``.
        case fence
        /// Another transaction, of this or another program, was in the way for too long.
        case conflict
        /// More waits here than is allowed to, or has waited for too long behind others.
        case overloaded
        /// It cannot be reached, or was lost on the way.
        case unreachable
        /// It does not let this program in, or lets it not write.
        case denied
        /// No room is left: on its disk, or in its memory.
        case full
        /// A value that it does not take: too large, out of range, not of the kind that its place asks for.
        case data
        /// A table is missing: nobody has run the migrations.
        case schemaMissing
        /// The schema holds migrations that this program does not know: a newer one has been here.
        case newerSchema
        /// This is not, or no longer, a database.
        case corrupt
        /// It was closed by this program.
        case closed
        /// The statement is wrong: a fault of ours.
        case statement
        /// Anything else that the database reports; ``DatabaseError/nativeCode`` says what.
        case other
    }

    /// What has become of the transaction.
    public enum Outcome: Sendable, Equatable {
        /// Nothing of it holds.
        case undone
        /// All of it may hold, or nothing: it must be asked.
        case unknown
    }

    public let code: Code
    /// The database's words and the statement's text, never its values.
    public let message: String
    /// Whether the same may succeed later without anyone mending anything of ours.
    public let isRetriable: Bool
    public let outcome: Outcome
    /// The database's own code, as `23514` or `SQLite 275`; nil where the fault was found on this side.
    public let nativeCode: String?
    /// The constraint's name, for ``Code/constraint`` where the database tells it; SQLite tells `table.column` for a key.
    public let constraint: String?

    public var description: String { message }

    public init(
        _ code: Code, _ message: String, isRetriable: Bool, outcome: Outcome = .undone, nativeCode: String? = nil,
        constraint: String? = nil
    ) {
        self.code = code
        self.message = message
        self.isRetriable = isRetriable
        self.outcome = outcome
        self.nativeCode = nativeCode
        self.constraint = constraint
    }
}

extension DatabaseError {
    static let closed = DatabaseError(.closed, "the database is closed", isRetriable: false)

    /// The same fault, after which it is not known what holds.
    var withUnknownOutcome: DatabaseError {
        DatabaseError(
            code, message, isRetriable: isRetriable, outcome: .unknown, nativeCode: nativeCode, constraint: constraint)
    }

    /// A statement's text as it stands in a message: on one line, clipped.
    static func excerpt(_ text: String) -> String {
        let words = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        return words.count > 200 ? words.prefix(200) + "…" : words
    }
}
