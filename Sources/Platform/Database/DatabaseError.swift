/// What went wrong with the database.
public struct DatabaseError: Error, Sendable, CustomStringConvertible {
    /// What kind of fault it is, whatever the database calls it.
    public enum Code: Sendable, Equatable {
        /// A CHECK, UNIQUE or other constraint.
        case constraint
        /// A statement changed another number of rows than ``Statement/mustChange``.
        case fence
        /// Locked by another program for longer than the time-out, or more waits here than is allowed to.
        case busy
        case full, readOnly, cannotOpen, corrupt, closed
        /// The schema holds migrations that this program does not know: a newer one has been here.
        case newerSchema
        /// The statement is wrong: a fault of ours.
        case statement
        /// Any other result code of the database's.
        case other(Int32)
    }
    public let code: Code
    /// The database's words and the statement's text, never its values.
    public let message: String
    /// Whether the same may succeed later without anyone mending anything of ours.
    public let isRetriable: Bool
    public var description: String { message }
    public init(_ code: Code, _ message: String, isRetriable: Bool) {
        self.code = code
        self.message = message
        self.isRetriable = isRetriable
    }
}

extension DatabaseError {
    static let closed = DatabaseError(.closed, "the database is closed", isRetriable: false)

    /// A statement's text as it stands in a message: on one line, clipped.
    static func excerpt(_ text: String) -> String {
        let words = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        return words.count > 200 ? words.prefix(200) + "…" : words
    }
}
