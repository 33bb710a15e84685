package import Access
package import Crypto
package import Database
package import Ledger
import Orders

extension Ledger {
    /// A migrated ledger of one test's own, not synchronised at each commit.
    ///
    /// - Parameters:
    ///   - file: one that others may open too; nil: in memory.
    ///   - now: its clock, in milliseconds since 1970.
    package static func made(
        file: String? = nil, sealing: SealingKeys? = nil, now: @escaping @Sendable () -> Int64 = { epoch.milliseconds }
    ) async throws -> Ledger {
        try await made(on: SQLiteDatabase(path: file ?? ":memory:", isDurable: false, now: now), sealing: sealing)
    }

    /// Leases due rows of one destination alone.
    package func takeDue(
        worker: String, destination: Destination, limit: Int, owner: String
    ) async throws(LedgerError) -> [LeasedDelivery] {
        try await takeDue(worker: worker, [destination: limit], owner: owner)[destination] ?? []
    }

    /// A migrated ledger on a database that the test has by itself, too.
    package static func made(on database: any Database, sealing: SealingKeys? = nil) async throws -> Ledger {
        let ledger = Ledger(database: database, sealing: sealing)
        try await ledger.migrate()
        return ledger
    }
}

/// Changes whose author does not matter to the test.
extension Ledger {
    package func put(_ account: AccountRecord) async throws(LedgerError) { try await put(account, by: "test") }
    package func put(_ token: TokenRecord) async throws(LedgerError) { try await put(token, by: "test") }
    package func put(_ limit: LimitSetting) async throws(LedgerError) { try await put(limit, by: "test") }
    package func put(_ connection: Connection) async throws(LedgerError) { try await put(connection, by: "test") }
}
