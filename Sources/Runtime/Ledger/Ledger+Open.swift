public import Crypto
import Database

extension Ledger {
    /// Opens what `DATABASE_URL` names: `sqlite:<path>` (`sqlite::memory:` for none that lasts).
    ///
    /// - Parameters:
    ///   - url: as in the environment.
    ///   - intakeWritten: a test's hook, called when an intake's rows are written and not committed yet.
    ///   - now: milliseconds since 1970, UTC.
    /// - Throws: ``LedgerError`` where the address is none, or the file cannot be opened; ``LedgerError/isRetriable``
    ///   tells whether waiting may help.
    public static func open(
        url: String, sealing: SealingKey?, intakeWritten: (@Sendable () -> Void)? = nil,
        now: @escaping @Sendable () -> Int64
    ) throws(LedgerError) -> Ledger {
        let scheme = "sqlite:"
        if url.hasPrefix("postgresql:") || url.hasPrefix("postgres:") {
            // The address may hold a password, and is not repeated.
            throw LedgerError(
                .other, "DATABASE_URL names PostgreSQL, which this version does not know yet: use sqlite:<path>")
        }
        guard url.hasPrefix(scheme) else {
            throw LedgerError(.other, "DATABASE_URL must be sqlite:<path>, as sqlite:orderrelay.db")
        }
        var path = String(url.dropFirst(scheme.count))
        if path.hasPrefix("///") { path.removeFirst(2) }
        guard !path.isEmpty, !path.utf8.contains(0) else {
            throw LedgerError(.other, "DATABASE_URL names no file: sqlite:<path>, as sqlite:orderrelay.db")
        }
        do throws(DatabaseError) {
            let written = intakeWritten.map { hook -> @Sendable ([Statement]) -> Void in
                { statements in if statements.first?.text == IntakeStatements.fence { hook() } }
            }
            return Ledger(database: try SQLiteDatabase(path: path, written: written, now: now), sealing: sealing)
        } catch { throw LedgerError(error) }
    }
}
