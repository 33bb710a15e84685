import Intake
import Ledger
import Lifecycle
import Orders
import Synchronization

/// Looks through the ledger for due rows that this process does not know of, and keeps its lanes up to date.
final class Lookout: Chore {
    private static let every = Duration.seconds(5)

    private let context: WorkerContext
    private let contact: LedgerContact
    private let lanes: Lanes
    /// How often a look was asked for since the last one that answers it began; 0: none is under way.
    private let asked = Mutex(0)

    init(_ context: WorkerContext, _ contact: LedgerContact, _ lanes: Lanes) {
        self.context = context
        self.contact = contact
        self.lanes = lanes
    }

    func perform() async -> Duration {
        try? await look()
        return context.random.about(Self.every)
    }

    /// Looks now, beside the regular looks; returns at once. Asked again meanwhile, it looks once more: the look under way may
    /// have begun too early.
    func lookNow() {
        let isFirst = asked.withLock { asked in
            asked += 1
            return asked == 1
        }
        guard isFirst else { return }
        Task { await answer() }
    }

    private func answer() async {
        while true {
            let before = asked.withLock { $0 }
            try? await look()
            let isAnswered = asked.withLock { asked in
                guard asked == before else { return false }
                asked = 0
                return true
            }
            if isAnswered { return }
        }
    }

    /// Whether every look that was asked for has ended.
    var isAtRest: Bool { asked.withLock { $0 == 0 } }

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
