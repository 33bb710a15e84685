public import Intake
import Ledger
import Orders

/// What the worker `confirmations` makes of an event: a delivery to `email`, or a reason why not.
///
/// A change of an order does not say who its buyer is; so it is always planned, and the adapter, which is given the
/// order's history, declines what has no address or is not wanted. The reasons read the same either way.
public struct ConfirmationsPlanner: Planner {
    /// The one destination so far.
    public static let email = "email"

    /// On the timeline where the buyer's e-mail address is not known.
    static let noAddress = "no address"
    /// On the timeline where the order says that its buyer is not to be told.
    static let notWanted = "isNotifyAccount=false"

    public let worker = "confirmations"
    public let topics = [Event.topic]

    public init() {}

    public func plan(_ events: [PlannableEvent]) async throws -> [Plan] {
        events.map { Plan(Self.disposition(of: $0)) }
    }

    private static func disposition(of planned: PlannableEvent) -> Disposition {
        if planned.isConflict { return .skipped(reason: "conflict") }
        guard ConfirmationKind(causedBy: planned.event) != nil else { return .skipped(reason: "nothing to confirm") }
        guard case .created(let draft) = planned.event.content else {
            return .planned([PlannedDelivery(destination: email)])
        }
        guard draft.isNotifyAccount else { return .planned([PlannedDelivery(destination: email, declined: notWanted)]) }
        guard draft.buyer.email != nil else { return .skipped(reason: noAddress) }
        return .planned([PlannedDelivery(destination: email)])
    }
}
