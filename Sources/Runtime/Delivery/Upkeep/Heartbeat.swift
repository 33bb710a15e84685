import Intake
import Ledger

/// Notes in the ledger every few seconds that this process is alive.
final class Heartbeat: Chore {
    static let every = Duration.seconds(5)

    private let context: WorkerContext
    private let contact: LedgerContact

    init(_ context: WorkerContext, _ contact: LedgerContact) {
        self.context = context
        self.contact = contact
    }

    func perform() async -> Duration {
        // An unavailable ledger is noted where it is called.
        try? await contact.ask { _ throws(LedgerError) in try await note() }
        return context.random.about(Self.every)
    }

    func note() async throws(LedgerError) {
        context.beat.saw(try await context.ledger.heartbeat(process: context.owner, worker: context.worker))
    }
}
