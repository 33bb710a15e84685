import Intake
import Ledger
import Orders

/// A worker's planner, with the canary's orders going to the built-in receiver alone.
struct CanaryPlanner: Planner {
    private let planner: any Planner
    private let account: String

    init(_ planner: any Planner, account: String) {
        self.planner = planner
        self.account = account
    }

    var worker: String { planner.worker }
    var topics: [String] { planner.topics }
    var kinds: [String] { planner.kinds + [Destination.canary.text] }
    var reachesBuyers: Bool { planner.reachesBuyers }
    var writesDeadLetters: Bool { planner.writesDeadLetters }

    /// The worker's own plan stands for what it changes: `analytics` counts the canary's orders, too.
    func plan(_ events: [PlannableEvent]) async throws -> [Plan] {
        let plans = try await planner.plan(events)
        return zip(events, plans).map { event, plan in
            guard event.event.account == account, !event.isConflict else { return plan }
            return Plan(.planned([PlannedDelivery(destination: .canary)]), changes: plan.changes)
        }
    }
}
