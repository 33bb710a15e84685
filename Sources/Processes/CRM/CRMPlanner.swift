public import Intake
import Ledger
import Orders

/// What the worker `crm` makes of an event: a delivery to each CRM that its account is connected to.
///
/// A destination is `crm/<connection id>`. Events older than a connection are not for it: whoever connects a CRM today
/// does not get the orders of last year, unless they are replayed.
public struct CRMPlanner: Planner {
    /// On the timeline where the account has no CRM, or none that is switched on and old enough.
    static let noConnection = "no connection"

    public let worker = "crm"
    public let topics = [Event.topic]
    private let connections: ConnectionCache

    init(connections: ConnectionCache) { self.connections = connections }

    public func plan(_ events: [PlannableEvent]) async throws -> [Plan] {
        var plans: [Plan] = []
        plans.reserveCapacity(events.count)
        for planned in events { plans.append(Plan(try await disposition(of: planned))) }
        return plans
    }

    private func disposition(of planned: PlannableEvent) async throws -> Disposition {
        if planned.isConflict { return .skipped(reason: "conflict") }
        let event = planned.event
        let wanting = try await connections.of(event.account).filter { connection in
            connection.isEnabled && CRMKinds.names.contains(connection.kind) && connection.since <= event.time
        }
        guard !wanting.isEmpty else { return .skipped(reason: Self.noConnection) }
        return .planned(wanting.map { PlannedDelivery(destination: Destination.name(of: $0.id)) })
    }
}

/// `crm/<connection id>`
enum Destination {
    private static let prefix = "crm/"
    static func name(of connection: String) -> String { prefix + connection }
    /// The connection's id; nil where the destination is no CRM.
    static func connection(_ destination: String) -> String? {
        guard destination.hasPrefix(prefix), destination.utf8.count > prefix.utf8.count else { return nil }
        return String(destination.dropFirst(prefix.count))
    }
}
