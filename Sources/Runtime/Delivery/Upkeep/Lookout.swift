import Intake
import Ledger
import Lifecycle
import Orders

/// Looks through the ledger for due rows that this process does not know of, and keeps its lanes up to date.
final class Lookout: Chore {
    private static let every = Duration.seconds(5)

    private let context: WorkerContext
    private let contact: LedgerContact
    private let lanes: Lanes

    init(_ context: WorkerContext, _ contact: LedgerContact, _ lanes: Lanes) {
        self.context = context
        self.contact = contact
        self.lanes = lanes
    }

    func perform() async -> Duration {
        try? await look()
        return context.random.about(Self.every)
    }

    private func look() async throws(LedgerError) {
        let (processes, pending) = try await contact.ask { ledger throws(LedgerError) in
            (
                try await ledger.liveProcesses(of: context.worker),
                try await ledger.pendingDestinations(of: context.worker)
            )
        }
        for destination in lanes.destinations { lanes.refresh(destination, processes: processes) }
        let (now, wall) = (context.time.now, context.time.wall)
        for (destination, dueAt) in pending {
            let late = Duration.milliseconds(wall.milliseconds - dueAt.milliseconds)
            lanes.change(destination) { lane in
                lane.noticed(dueAt: now - late)
                if late > .zero { lane.hasHeldBack = true }
            }
        }
    }
}
