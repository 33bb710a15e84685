public import Orders

/// Which deliveries a replay is about: each bound narrows it.
public struct ReplaySelection: Sendable, Equatable {
    /// The states that a row may be in to be replayed.
    public static let possibleStates: Set<DeliveryState> = [.dead, .parked, .done]
    /// Where none is said: what was given up, and what waits for somebody's decision.
    public static let usualStates: Set<DeliveryState> = [.dead, .parked]
    /// Orders of one replay.
    public static let ordersMaximum = 1_000

    /// Of these orders; empty: of all.
    public var orders: [OrderID]
    /// Of the orders of this account; nil: of all.
    public var account: String?
    public var worker: String?
    public var destination: Destination?
    /// Of whatever destination names this connection.
    public var connection: String?
    /// Planned at this time or later, and before.
    public var from, to: Timestamp?
    public var states: Set<DeliveryState>
    /// What the row's reason begins with: `550 5.1.1`.
    public var reason: String?
    /// Whether a buyer may get a message again that was, or may have been, delivered.
    public var again: Bool

    public init(
        orders: [OrderID] = [], account: String? = nil, worker: String? = nil, destination: Destination? = nil,
        connection: String? = nil, from: Timestamp? = nil, to: Timestamp? = nil,
        states: Set<DeliveryState> = Self.usualStates, reason: String? = nil, again: Bool = false
    ) {
        self.orders = orders
        self.account = account
        self.worker = worker
        self.destination = destination
        self.connection = connection
        self.from = from
        self.to = to
        self.states = states
        self.reason = reason
        self.again = again
    }

    /// Whether it asks for less than everything that there is.
    public var isNarrowed: Bool {
        !orders.isEmpty || destination != nil || connection != nil || from != nil || to != nil
    }
}

extension ReplaySelection {
    /// Whether rows of the destination may be meant. A conflict has no receiver.
    func includes(worker: String, _ destination: Destination) -> Bool {
        guard destination != .conflict, self.worker.map({ $0 == worker }) ?? true else { return false }
        if let wanted = self.destination, wanted != destination { return false }
        if let connection, !destination.text.hasSuffix("/\(connection)") { return false }
        return true
    }

    /// - Parameter madeAt: when the replay is, or was, made: what has changed since is not meant.
    func includes(_ row: ReplayCandidate, madeAt: Timestamp) -> Bool {
        guard includes(worker: row.worker, row.destination), row.changedAt <= madeAt,
            Self.possibleStates.intersection(states).contains(row.state)
        else { return false }
        if let from, row.plannedAt < from { return false }
        if let to, row.plannedAt >= to { return false }
        if let reason, !row.reason.hasPrefix(reason) { return false }
        // Whose it was cannot be told where the event is gone.
        if let account, row.account != account { return false }
        return true
    }

    /// What would become of a row that is meant. The ledger's statement decides the same, when the row is replayed.
    func fate(of row: ReplayCandidate) -> ReplayFate {
        if row.account == nil { return .withoutEvent }
        if row.supersededBy != nil { return .superseded }
        if row.isInDoubt, !again, row.worker == Messages.worker { return .inDoubt }
        return .replayed
    }
}

/// What becomes of a row that a replay is about.
public enum ReplayFate: String, Sendable, Hashable, CaseIterable {
    /// It is attempted once more.
    case replayed
    /// A later row of its order was attempted or is being attempted: this one would come after it, and say what was.
    case superseded
    /// The buyer has its message, or may have it, and nobody has said `again`.
    case inDoubt = "in_doubt"
    /// Its event is not kept any more: there is nothing to deliver.
    case withoutEvent = "without_event"
}

/// Messages to buyers: unlike a program, a person notices when the same comes twice.
public enum Messages {
    /// The worker that brings them.
    public static let worker = "confirmations"
}
