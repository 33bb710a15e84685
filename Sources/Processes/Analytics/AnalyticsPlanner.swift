public import Intake
public import Ledger
public import Orders

/// Counts orders: turns the new events of a batch into changes of the read model and the statistics, which the intake
/// writes in the transaction that moves its position, so that each event counts exactly once.
public struct AnalyticsPlanner: Planner {
    /// The destination where conflicts are parked: a separate one, so that they delay nothing else.
    public static let conflicts = Destination.conflict

    public static let declaration = WorkerDeclaration(
        ReadModel.worker, topics: [Event.topic], writesDeadLetters: false)
    public let worker = AnalyticsPlanner.declaration.name
    public let topics = AnalyticsPlanner.declaration.topics
    public let writesDeadLetters = AnalyticsPlanner.declaration.writesDeadLetters

    private let present: @Sendable ([OrderID]) async throws -> [OrderID: OrderRow]

    /// - Parameter present: gives the current rows of orders; throws if they cannot be read now.
    public init(present: @escaping @Sendable ([OrderID]) async throws -> [OrderID: OrderRow]) {
        self.present = present
    }

    /// Reads current rows from the ledger.
    public init(ledger: Ledger) {
        self.init { ids in try await ledger.orders(ids) }
    }

    /// Plans a batch: each event sees the effect of those before it.
    ///
    /// - Throws: what reading the current rows throws; the batch is retried.
    public func plan(_ events: [PlannableEvent]) async throws -> [Plan] {
        let ids = Set(events.lazy.filter { !$0.isConflict }.map(\.event.order))
        guard !ids.isEmpty else { return events.map { _ in Self.parked } }
        var tally = Tally(rows: try await present(ids.sorted { $0.text < $1.text }))
        return events.map { $0.isConflict ? Self.parked : tally.take($0) }
    }

    private static let parked = Plan(
        .planned([PlannedDelivery(destination: conflicts, parked: PlannedDelivery.conflict)]))
}
