public import Intake
import Ledger
import Orders
import Outbound

/// Plans for the worker `crm`: a delivery to each CRM that the event's account is connected to.
///
/// A destination is `crm/<connection id>`. Events older than a connection are not delivered to it: an account that
/// connects a CRM today does not get last year's orders, unless they are replayed.
public struct CRMPlanner: Planner {
    /// On the timeline if the account has no CRM, or none that is switched on and old enough.
    static let noConnection = "no connection"

    public static let declaration = WorkerDeclaration(
        "crm", topics: [Event.topic], kinds: CRMDialects.all.map { $0.kind })
    public let worker = CRMPlanner.declaration.name
    public let topics = CRMPlanner.declaration.topics
    public let kinds = CRMPlanner.declaration.kinds
    private let connections: ConnectionCache
    /// The kinds of connections that orders go to.
    private let supported: Set<String>

    init(connections: ConnectionCache, kinds: Set<String>) {
        self.connections = connections
        supported = kinds
    }

    public func plan(_ events: [PlannableEvent]) async throws -> [Plan] {
        var plans: [Plan] = []
        plans.reserveCapacity(events.count)
        for planned in events { plans.append(Plan(try await disposition(of: planned))) }
        return plans
    }

    private func disposition(of planned: PlannableEvent) async throws -> Disposition {
        if planned.isConflict { return .skipped(reason: "conflict") }
        let event = planned.event
        let wanting = try await connections.value(event.account).filter { connection in
            connection.isEnabled && supported.contains(connection.kind) && connection.since <= event.time
        }
        guard !wanting.isEmpty else { return .skipped(reason: Self.noConnection) }
        return .planned(wanting.map { PlannedDelivery(destination: Destination(worker, connection: $0.id)) })
    }
}
