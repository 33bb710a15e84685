import Intake
import Ledger
import Telemetry

/// Takes back rows that nobody will attempt: those of processes that are gone, and those of this process's own
/// transactions whose outcome was unknown.
final class Rescuer: Chore {
    private static let every = Duration.seconds(5)

    private let context: WorkerContext
    private let contact: LedgerContact
    private let lanes: Lanes
    private let rescued: Counter

    init(_ context: WorkerContext, _ contact: LedgerContact, _ lanes: Lanes, _ metrics: UpkeepMetrics) {
        self.context = context
        self.contact = contact
        self.lanes = lanes
        rescued = metrics.rescued
    }

    func perform() async -> Duration {
        try? await giveBackUnknown()
        try? await rescue()
        return context.random.about(Self.every)
    }

    /// After a commit whose outcome was unknown: rows that are leased to this process but that it does not have are
    /// given back. Only while nothing under way would bring them.
    private func giveBackUnknown() async throws(LedgerError) {
        guard lanes.mayLookForUnknown else { return }
        let rows = try await contact.ask { ledger throws(LedgerError) in
            try await ledger.leased(to: context.owner, worker: context.worker)
        }
        let count = lanes.giveBackStrangers(among: rows)
        guard count > 0 else { return }
        context.log.warning("rows of a transaction with unknown outcome are given back", ["count": "\(count)"])
    }

    /// Once this process has reached the ledger for a whole lease without interruption, and has no unwritten outcome.
    private func rescue() async throws(LedgerError) {
        guard contact.mayRescue, lanes.completer.isEmpty else { return }
        let (pending, parked) = try await contact.ask { ledger throws(LedgerError) in
            try await ledger.rescueExpired(worker: context.worker)
        }
        if pending > 0 { rescued.add(pending, context.worker, "pending") }
        if parked > 0 { rescued.add(parked, context.worker, "parked") }
        guard pending + parked > 0 else { return }
        context.log.warning(
            "rows were taken back from processes that are gone", ["pending": "\(pending)", "parked": "\(parked)"])
    }
}
