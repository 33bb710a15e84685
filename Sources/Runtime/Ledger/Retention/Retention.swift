/// How long the ledger keeps what it has done with: one setting for the whole cluster, in the ledger itself.
public struct Retention: Sendable, Equatable {
    /// Topics keep their records for a week: an event that is forgotten sooner is new again when its record is read again.
    public static let daysRange = 8...3650
    /// What a new ledger begins with.
    public static let standard = Retention(days: 90, ordersDays: nil)!
    /// Two years and a day: whoever looks through a year's changes in the next one finds them all.
    public static let auditDaysStandard = 731

    /// Of closed deliveries, their attempts, events, and the notes of folded records.
    public let days: Int
    /// Of orders that have not changed since, and of the buyers of sales; nil: for ever.
    public let ordersDays: Int?
    /// Of the audit trail; nil: for ever.
    public let auditDays: Int?

    /// nil where a number is out of range, or orders would go before their events.
    public init?(days: Int, ordersDays: Int?, auditDays: Int? = auditDaysStandard) {
        guard Self.daysRange.contains(days) else { return nil }
        if let ordersDays, ordersDays < days || !Self.daysRange.contains(ordersDays) { return nil }
        if let auditDays, !Self.daysRange.contains(auditDays) { return nil }
        self.days = days
        self.ordersDays = ordersDays
        self.auditDays = auditDays
    }
}

/// What a prune has removed, and what it could not.
public struct PruneReport: Sendable, Equatable {
    /// The names that ``removed`` may have.
    public static let tables = [
        "history", "events", "folds", "replay_rows", "audit", "orders", "sale_buyers", "periods",
    ]

    /// Rows, by the table's name; of `periods`, each is one of every partitioned table.
    public var removed: [String: Int64] = [:]
    /// Whether dead rows that are not on topic `dead-letters` yet kept others from being removed.
    public var waitsForDeadLetters = false
    /// Whether it was ended before all was done: the pause was cut short, or another process has taken over.
    public var isCutShort = false
}
