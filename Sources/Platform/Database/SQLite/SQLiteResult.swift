import CSQLite

extension DatabaseError {
    /// What a result code of SQLite's means (https://www.sqlite.org/rescode.html).
    init(result: Int32, words: String, doing what: String) {
        let (code, isRetriable): (Code, Bool) =
            switch result & 0xFF {
            case SQLITE_CONSTRAINT: (.constraint, false)
            case SQLITE_BUSY, SQLITE_LOCKED: (.busy, true)
            case SQLITE_FULL: (.full, true)
            case SQLITE_READONLY, SQLITE_PERM: (.readOnly, false)
            case SQLITE_CANTOPEN: (.cannotOpen, false)
            case SQLITE_CORRUPT, SQLITE_NOTADB: (.corrupt, false)
            case SQLITE_ERROR, SQLITE_MISUSE, SQLITE_RANGE, SQLITE_TOOBIG, SQLITE_MISMATCH: (.statement, false)
            case SQLITE_IOERR, SQLITE_NOMEM, SQLITE_INTERRUPT, SQLITE_PROTOCOL: (.other(result), true)
            default: (.other(result), false)
            }
        self.init(code, "\(words) (SQLite \(result)): \(what)\(Self.advice(code))", isRetriable: isRetriable)
    }

    private static func advice(_ code: Code) -> String {
        switch code {
        case .busy: "; another program holds the file's lock: end it, or wait"
        case .full: "; free space on the file system of the data folder"
        case .readOnly: "; make the data folder and the files in it writable for this user"
        case .cannotOpen: "; the folder must exist and be writable for this user"
        case .corrupt: "; this is not, or no longer, a database: restore it from a backup"
        default: ""
        }
    }
}
