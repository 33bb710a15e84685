public import Crypto
public import Database

extension Ledger {
    /// A ledger of what `DATABASE_URL` names, `sqlite:<path>` (`sqlite::memory:` for one that does not last) or
    /// `postgresql://…`, not opened yet: until ``open()`` whatever is asked fails as ``LedgerError/Code/unavailable``.
    ///
    /// - Parameters:
    ///   - url: as in the environment.
    ///   - postgreSQL: how PostgreSQL is used, if it is.
    ///   - intakeWritten: a test's hook, called when an intake's rows are written and not committed yet.
    ///   - now: milliseconds since 1970, UTC; PostgreSQL has its own clock.
    /// - Throws: ``LedgerError`` where the address cannot be used.
    public convenience init(
        url: String, postgreSQL: PostgreSQLOptions = PostgreSQLOptions(name: "ledger"), sealing: SealingKeys?,
        intakeWritten: (@Sendable () -> Void)? = nil, now: @escaping @Sendable () -> Int64
    ) throws(LedgerError) {
        do throws(DatabaseError) {
            let named = try Databases(url: url, options: postgreSQL, fenceHeld: intakeWritten, now: now)
            self.init(database: LaterDatabase { () throws(DatabaseError) in try named.open() }, sealing: sealing)
        } catch { throw LedgerError(error) }
    }

    /// Opens it, where that has not been done yet.
    ///
    /// - Throws: ``LedgerError``; ``LedgerError/isRetriable`` says whether waiting may help.
    public func open() async throws(LedgerError) {
        do throws(DatabaseError) { try opening?.open() } catch { throw LedgerError(error) }
    }

    /// Whether it has been opened, and not been closed.
    public var isOpen: Bool { opening?.isOpen ?? true }

    /// The same as making one and opening it.
    public static func open(
        url: String, postgreSQL: PostgreSQLOptions = PostgreSQLOptions(name: "ledger"), sealing: SealingKeys?,
        intakeWritten: (@Sendable () -> Void)? = nil, now: @escaping @Sendable () -> Int64
    ) throws(LedgerError) -> Ledger {
        let ledger = try Ledger(
            url: url, postgreSQL: postgreSQL, sealing: sealing, intakeWritten: intakeWritten, now: now)
        do throws(DatabaseError) { try ledger.opening?.open() } catch { throw LedgerError(error) }
        return ledger
    }
}
