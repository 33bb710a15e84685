public import Ledger

/// What a CRM's adapter asks of the ledger: the ids that the CRM gave to what is ours, and a lease while a create is
/// in doubt.
public protocol CRMBooks: Sendable {
    func connections(account: String?) async throws(LedgerError) -> [Connection]
    func link(connection: String, ours: String) async throws(LedgerError) -> String?
    func putLink(connection: String, ours: String, theirs: String) async throws(LedgerError)
    func takeLease(_ name: String, owner: String, milliseconds: Int64) async throws(LedgerError) -> Bool
}

extension Ledger: CRMBooks {}
