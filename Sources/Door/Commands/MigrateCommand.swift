import CommandLine

/// `migrate`: brings the ledger's schema up to date.
enum MigrateCommand {
    static let action = Action(Command("migrate", "brings the ledger's schema up to date")) { base, _ in
        try await base.patiently(waitingFor: "the database") {
            try await base.withLedger { _ in print("the ledger's schema is up to date") }
        }
    }
}
