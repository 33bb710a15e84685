/// `migrate`: brings the ledger's schema up to date.
enum MigrateCommand {
    static func run(_ base: Base) async throws {
        try await base.withLedger { _ in print("the ledger's schema is up to date") }
    }
}
