public import Delivery
public import HTTP
public import Ledger
public import Outbound

/// The parts of the worker `crm`, to be driven by intake and delivery.
public struct CRMWorker: Sendable {
    public let planner: CRMPlanner
    private let parts: CRMAdapter.Parts

    /// - Parameter client: carries the requests; the caller closes it.
    public init(ledger: any OutboundLedger, client: Client) {
        self.init(ledger: ledger, client: client, dialects: CRMDialects.all)
    }

    init(ledger: any OutboundLedger, client: Client, dialects: [any CRMDialect.Type]) {
        let connections = ConnectionCache { try await ledger.connections(account: $0) }
        planner = CRMPlanner(connections: connections, kinds: Set(dialects.map { $0.kind }))
        parts = CRMAdapter.Parts(connections: connections, ledger: ledger, client: client, dialects: dialects)
    }

    /// The adapter of a destination; nil if it is not a CRM.
    public func adapter(for destination: Destination) -> (any Adapter)? {
        destination.connection(planner.worker).map { CRMAdapter(connectionID: $0, parts: parts) }
    }
}
