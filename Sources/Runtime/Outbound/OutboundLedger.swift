import Delivery
public import Ledger

/// What adapters need from the ledger: an account's connections, the ids that receivers gave to our records, and leases
/// while a create is in doubt. All calls throw `LedgerError` if the ledger does not answer.
///
/// `Ledger` has the meaning of each.
public protocol OutboundLedger: Sendable {
    func connections(account: String?) async throws(LedgerError) -> [Connection]
    func link(connection: String, ours: String) async throws(LedgerError) -> String?
    func putLink(connection: String, ours: String, theirs: String) async throws(LedgerError)
    func takeLease(_ name: String, owner: String, milliseconds: Int64) async throws(LedgerError) -> Bool
}

extension Ledger: OutboundLedger {}

/// What the ledger knows about one connection, for one attempt. If the ledger does not answer, the attempt ends: all
/// calls throw ``AttemptEnd`` then.
public struct ConnectionNotes: Sendable {
    private let ledger: any OutboundLedger
    private let connection: String
    private let delivery: LeasedDelivery

    /// - Parameter delivery: the attempt's row, whose number and lease number identify the owner of leases.
    public init(_ ledger: any OutboundLedger, connection: String, delivery: LeasedDelivery) {
        self.ledger = ledger
        self.connection = connection
        self.delivery = delivery
    }

    /// The id that the receiver gave to our record; nil if none is known.
    public func link(_ ours: String) async throws(AttemptEnd) -> String? {
        do throws(LedgerError) {
            return try await ledger.link(connection: connection, ours: ours)
        } catch { throw AttemptEnd(error) }
    }

    /// The id that the receiver gave to our record, to be noted with the attempt's outcome.
    public func naming(_ ours: String, _ theirs: String) -> Link {
        Link(connection: connection, ours: ours, theirs: theirs)
    }

    /// Notes the id that the receiver gave to our record, at once: for what other orders may look for before this attempt
    /// has ended.
    public func putLink(_ ours: String, _ theirs: String) async throws(AttemptEnd) {
        do throws(LedgerError) {
            try await ledger.putLink(connection: connection, ours: ours, theirs: theirs)
        } catch { throw AttemptEnd(error) }
    }

    /// Takes the lease with this name within the row's destination, or renews it; false if another attempt holds it.
    ///
    /// - Parameter duration: zero releases it.
    public func takeLease(_ name: String, for duration: Duration) async throws(AttemptEnd) -> Bool {
        do throws(LedgerError) {
            return try await ledger.takeLease(
                "\(delivery.destination)/\(name)", owner: "\(delivery.id)/\(delivery.leaseNumber)",
                milliseconds: duration.components.seconds * 1_000)
        } catch { throw AttemptEnd(error) }
    }
}

extension AttemptEnd {
    fileprivate init(_ error: LedgerError) {
        self.init(.retry(after: .seconds(5), why: "the ledger did not answer: \(error.message)"))
    }
}
