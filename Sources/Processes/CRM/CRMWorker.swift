public import Delivery
public import HTTP
import Ledger

/// The parts of the worker `crm`, ready to be driven by intake and delivery.
public struct CRMWorker: Sendable {
    public let planner: CRMPlanner
    private let parts: CRMAdapter.Parts

    /// - Parameters:
    ///   - books: the ledger.
    ///   - client: carries the requests; whoever made it closes it.
    public init(books: any CRMBooks, client: Client) {
        let connections = ConnectionCache { try await books.connections(account: $0) }
        planner = CRMPlanner(connections: connections)
        parts = CRMAdapter.Parts(connections: connections, books: books, client: client)
    }

    /// The adapter of a destination; nil where it is no CRM.
    public func adapter(for destination: String) -> (any Adapter)? {
        Destination.connection(destination).map { CRMAdapter(connectionID: $0, parts: parts) }
    }
}
