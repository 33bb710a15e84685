import Confirmations
import Lifecycle

/// `confirmations`, `analytics`, `crm`: each a worker of its own.
enum WorkerCommand {
    static func confirmations(_ base: Base) async throws {
        let settings = try ConfirmationsSettings(base.environment)
        try await base.serve { assembly in
            let (before, worker) = assembly.confirmations(settings)
            return [[before], [worker] + companions(assembly)]
        }
    }

    static func analytics(_ base: Base) async throws {
        try await base.serve { [[$0.analytics()] + companions($0)] }
    }

    static func crm(_ base: Base) async throws {
        try await base.serve { [[$0.crm()] + companions($0)] }
    }

    /// What runs beside every worker.
    private static func companions(_ assembly: Assembly) -> [any Service] { [assembly.drainer(), HeapTrimmer()] }
}
