import Intake
import Ledger
import Synchronization

/// Notes in the ledger every few seconds that this process is alive.
final class Heartbeat: Chore {
    static let every = Duration.seconds(5)

    private let context: WorkerContext
    private let contact: LedgerContact
    private let last = Mutex<Int64?>(nil)

    init(_ context: WorkerContext, _ contact: LedgerContact) {
        self.context = context
        self.contact = contact
    }

    /// The ledger's beat as of the latest heartbeat; nil before the first.
    var beat: Int64? { last.withLock { $0 } }

    func perform() async -> Duration {
        // An unavailable ledger is noted where it is called.
        try? await contact.ask { _ throws(LedgerError) in try await note() }
        return context.random.about(Self.every)
    }

    func note() async throws(LedgerError) {
        let beat = try await context.ledger.heartbeat(process: context.owner, worker: context.worker)
        last.withLock { $0 = beat }
    }
}
