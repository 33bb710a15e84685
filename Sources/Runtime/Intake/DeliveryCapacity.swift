public import Ledger

/// The room that the delivery half of a worker has for new rows.
///
/// Before a transaction the intake reserves room, so that rows can be inserted already leased to this process; after
/// it, it passes on what was leased and returns the rest of the room.
public protocol DeliveryCapacity: Sendable {
    /// How many of the wanted rows of each destination this process may attempt at once; held until
    /// ``settle(_:planned:rows:sentAt:)`` or ``abandon(_:isOutcomeUnknown:)``.
    func reserve(_ wanted: [Destination: Int]) -> [Destination: Int]
    /// The transaction is committed.
    ///
    /// - Parameters:
    ///   - reserved: what ``reserve(_:)`` gave.
    ///   - planned: rows inserted to be attempted, by destination; those not in `rows` wait in the ledger.
    ///   - rows: leased to this process.
    ///   - sentAt: read before the transaction was sent: the lease counts from there.
    func settle(
        _ reserved: [Destination: Int], planned: [Destination: Int], rows: [LeasedDelivery],
        sentAt: ContinuousClock.Instant)
    /// The transaction failed, or is given up.
    ///
    /// - Parameter isOutcomeUnknown: whether it may have been committed nevertheless.
    func abandon(_ reserved: [Destination: Int], isOutcomeUnknown: Bool)
}
