public import Database

extension Ledger {
    /// How the database stands: its settings that endanger the ledger, or make it slow.
    public func checkUp() async throws(LedgerError) -> DatabaseCheckUp {
        do throws(DatabaseError) { return try await database.checkUp() } catch { throw LedgerError(error) }
    }

    /// The names of migrations that the schema lacks, in order; those of all if there is no schema yet.
    ///
    /// - Throws: ``LedgerError`` if the database cannot be asked.
    public func missingMigrations() async throws(LedgerError) -> [String] {
        let ran: [Row]
        do throws(DatabaseError) {
            ran = try await database.read(Statement("SELECT name FROM migrations ORDER BY name"))
        } catch {
            guard !error.isRetriable else { throw LedgerError(error) }
            ran = []
        }
        let names = Set(ran.compactMap { $0.first?.text })
        return Schema.migrations.map(\.name).filter { !names.contains($0) }
    }
}
