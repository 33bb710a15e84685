public import Intake
public import Ledger
public import Orders

/// Counts orders: turns the new events of a batch into changes of the read model and the statistics, which the intake
/// writes in the transaction that moves its position, so that each event counts exactly once.
public struct AnalyticsPlanner: Planner {
    /// Where conflicts are parked: a destination of its own, so that they hold nobody up.
    public static let conflicts = "conflict"

    /// `analytics`.
    public let worker = "analytics"
    /// `orders`; `people` will follow with the events of people.
    public let topics = [Event.topic]

    private let present: @Sendable ([OrderID]) async throws -> [OrderID: OrderRow]

    /// - Parameter present: gives the present rows of orders; throws where they cannot be asked for now.
    public init(present: @escaping @Sendable ([OrderID]) async throws -> [OrderID: OrderRow]) {
        self.present = present
    }

    /// Asks the ledger for present rows.
    public init(ledger: Ledger) {
        self.init { ids in try await ledger.orders(ids) }
    }

    /// Plans a batch: each event sees what those before it did.
    public func plan(_ events: [PlannableEvent]) async throws -> [Plan] {
        let ids = Set(events.lazy.filter { !$0.isConflict }.map(\.event.order))
        guard !ids.isEmpty else { return events.map { _ in Self.parked } }
        var tally = Tally(rows: try await present(ids.sorted { $0.text < $1.text }))
        return events.map { $0.isConflict ? Self.parked : tally.take($0.event, partition: $0.source.partition) }
    }

    private static let parked = Plan(.planned([PlannedDelivery(destination: conflicts, parked: "conflict")]))
}
