import Intake
import Ledger
import Lifecycle

/// Renews the leases of rows that wait, are attempted or whose outcome is being written, once they are half over.
final class Leases: Chore {
    private let context: WorkerContext
    private let contact: LedgerContact
    private let lanes: Lanes

    init(_ context: WorkerContext, _ contact: LedgerContact, _ lanes: Lanes) {
        self.context = context
        self.contact = contact
        self.lanes = lanes
    }

    func perform() async -> Duration {
        let rows = Lease.renewals(of: lanes.held, at: context.time.now)
        do throws(LedgerError) {
            if !rows.isEmpty { try await renew(rows) }
        } catch { return .seconds(1) }
        return Lease.nextLook(at: lanes.held, now: context.time.now)
    }

    private func renew(_ rows: [LeasedDelivery]) async throws(LedgerError) {
        let lease = Lease(since: context.time.now)
        let kept = try await contact.ask { ledger throws(LedgerError) in
            try await ledger.renew(rows, owner: context.owner)
        }
        for (destination, group) in Dictionary(grouping: rows, by: \.destination) {
            let ids = Set(group.map(\.id))
            lanes.change(destination) { lane in
                lane.renewed(ids.intersection(kept), lease: lease)
                lane.lost(ids.subtracting(kept))
            }
        }
    }
}
