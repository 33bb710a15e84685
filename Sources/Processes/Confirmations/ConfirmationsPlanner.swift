public import Intake
import Ledger
import Orders

/// Plans for the worker `confirmations`: a delivery by each channel that may reach the buyer, or a reason why there is
/// none.
///
/// If an order's history must decide, a delivery is planned, and its attempt, which has the history, declines. The
/// reasons have the same words either way.
public struct ConfirmationsPlanner: Planner {
    public static let declaration = WorkerDeclaration(
        Messages.worker, topics: [Event.topic], kinds: ConfirmationChannels.all.map { $0.destination.text },
        reachesBuyers: true)
    public let reachesBuyers = ConfirmationsPlanner.declaration.reachesBuyers
    public let worker = ConfirmationsPlanner.declaration.name
    public let topics = ConfirmationsPlanner.declaration.topics
    public let kinds = ConfirmationsPlanner.declaration.kinds
    private let channels: [any ConfirmationChannel.Type]

    public init() { self.init(channels: ConfirmationChannels.all) }
    init(channels: [any ConfirmationChannel.Type]) { self.channels = channels }

    public func plan(_ events: [PlannableEvent]) async throws -> [Plan] { events.map { Plan(disposition(of: $0)) } }

    private func disposition(of planned: PlannableEvent) -> Disposition {
        if planned.isConflict { return .skipped(reason: Notice.Reason.conflict.text) }
        var deliveries: [PlannedDelivery] = []
        var reason = Notice.Reason.nothingToConfirm
        for channel in channels {
            switch Notice.deciding(planned.event, history: nil, by: channel) {
            case .tell, .undecided: deliveries.append(PlannedDelivery(destination: channel.destination))
            // A row of its own, so that the timeline shows that no confirmation was wanted.
            case .declined(.notWanted):
                deliveries.append(
                    PlannedDelivery(destination: channel.destination, declined: Notice.Reason.notWanted.text))
            case .declined(let why): reason = why
            }
        }
        return deliveries.isEmpty ? .skipped(reason: reason.text) : .planned(deliveries)
    }
}
