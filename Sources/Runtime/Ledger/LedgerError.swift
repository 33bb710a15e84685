import Database

/// What went wrong with the ledger.
public struct LedgerError: Error, Sendable, CustomStringConvertible {
    /// What whoever asked must do about it.
    public enum Code: Sendable, Equatable {
        /// Another owner has moved the position: this one must stop reading the partition and ask again.
        case fenced
        /// The database is away, locked or full; the same may succeed later. A commit's outcome may be unknown.
        case unavailable
        /// The database does not take a value: too long for an index, or out of range. The same will fail again; what else was
        /// asked for in the same breath may succeed without it.
        case data
        /// No such account, token, connection …
        case notFound
        case other
    }
    public let code: Code
    public let message: String
    public var isRetriable: Bool { code == .unavailable }
    public var description: String { message }
    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }
}

extension LedgerError {
    init(_ error: DatabaseError) {
        let isLater = error.isRetriable || error.code == .noPartition
        let code: Code = isLater ? .unavailable : error.code == .data ? .data : .other
        self.init(code, "ledger: \(error.message)")
    }

    /// A row that no statement of ours has written.
    static func unreadable(_ what: String) -> LedgerError {
        LedgerError(.other, "ledger: \(what) holds what this program cannot read")
    }
}
