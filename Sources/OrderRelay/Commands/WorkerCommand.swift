import Confirmations
import Lifecycle

/// `confirmations`, `analytics`, `crm`: each a worker of its own.
enum WorkerCommand {
    static func confirmations(_ base: Base) async throws {
        let settings = try ConfirmationsSettings(base.environment)
        try await base.serve { assembly in
            let (before, worker) = assembly.confirmations(settings)
            return [[before], [worker, assembly.drainer()]]
        }
    }

    static func analytics(_ base: Base) async throws {
        try await base.serve { [[$0.analytics(), $0.drainer()]] }
    }

    static func crm(_ base: Base) async throws {
        try await base.serve { [[$0.crm(), $0.drainer()]] }
    }
}
