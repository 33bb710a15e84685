import CSQLite

extension DatabaseError {
    /// What a result code of SQLite's means (https://www.sqlite.org/rescode.html).
    init(result: Int32, words: String, doing what: String) {
        let (code, isRetriable): (Code, Bool) =
            switch result & 0xFF {
            case SQLITE_CONSTRAINT: (.constraint, false)
            case SQLITE_BUSY, SQLITE_LOCKED: (.conflict, true)
            case SQLITE_FULL: (.full, true)
            case SQLITE_READONLY, SQLITE_PERM, SQLITE_CANTOPEN: (.denied, false)
            case SQLITE_CORRUPT, SQLITE_NOTADB: (.corrupt, false)
            case SQLITE_TOOBIG, SQLITE_MISMATCH: (.data, false)
            case SQLITE_ERROR where words.hasPrefix("no such table"): (.schemaMissing, false)
            case SQLITE_ERROR, SQLITE_MISUSE, SQLITE_RANGE: (.statement, false)
            case SQLITE_IOERR, SQLITE_NOMEM, SQLITE_INTERRUPT, SQLITE_PROTOCOL: (.other, true)
            default: (.other, false)
            }
        self.init(
            code, "\(words) (SQLite \(result)): \(what)\(Self.advice(code, result))", isRetriable: isRetriable,
            nativeCode: "SQLite \(result)", constraint: code == .constraint ? Self.constraint(in: words) : nil)
    }

    /// The name at the end of "CHECK constraint failed: closed_books".
    private static func constraint(in words: String) -> String? {
        words.firstRange(of: " constraint failed: ").map { String(words[$0.upperBound...]) }
    }

    private static func advice(_ code: Code, _ result: Int32) -> String {
        switch code {
        case .conflict: "; another program holds the file's lock: end it, or wait"
        case .full: "; free space on the file system of the data folder"
        case .denied where result & 0xFF == SQLITE_CANTOPEN:
            "; the folder must exist and be writable for this user"
        case .denied: "; make the data folder and the files in it writable for this user"
        case .corrupt: "; this is not, or no longer, a database: restore it from a backup"
        case .schemaMissing: "; the migrations have not run here yet: start a worker first"
        default: ""
        }
    }
}
