public import Ledger

/// What the intake asks of the delivery half of a worker.
///
/// Before a transaction it asks for room, so that rows may be born leased to this process; after it, it hands over
/// what was leased and gives the rest of the room back.
public protocol DeliveryDesk: Sendable {
    /// How many of the wanted rows of each destination this process may attempt at once; held until
    /// ``settle(_:planned:rows:sentAt:)`` or ``abandon(_:isOutcomeUnknown:)``.
    func reserve(_ wanted: [String: Int]) -> [String: Int]
    /// The transaction is committed.
    /// - Parameters:
    ///   - reserved: what ``reserve(_:)`` gave.
    ///   - planned: rows inserted to be attempted, by destination; what is not among `rows` waits in the ledger.
    ///   - rows: leased to this process.
    ///   - sentAt: read before the transaction was sent: the lease counts from there.
    func settle(
        _ reserved: [String: Int], planned: [String: Int], rows: [LeasedDelivery], sentAt: ContinuousClock.Instant)
    /// The transaction failed, or is given up.
    /// - Parameter isOutcomeUnknown: whether it may have been committed all the same.
    func abandon(_ reserved: [String: Int], isOutcomeUnknown: Bool)
}

/// The desk of a worker that attempts nothing (`analytics`).
public struct NoDesk: DeliveryDesk {
    public init() {}
    public func reserve(_ wanted: [String: Int]) -> [String: Int] { [:] }
    public func settle(
        _ reserved: [String: Int], planned: [String: Int], rows: [LeasedDelivery], sentAt: ContinuousClock.Instant
    ) {}
    public func abandon(_ reserved: [String: Int], isOutcomeUnknown: Bool) {}
}
