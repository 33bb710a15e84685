public import HTTP
public import Ledger
public import Orders

/// The CRMs that this program supports.
public enum CRMDialects {
    static let all: [any CRMDialect.Type] = [HubSpot.self]

    /// The kinds of connections, each with the usual address of its API.
    public static var kinds: [(name: String, address: String)] { all.map { ($0.kind, $0.address) } }

    /// A connection's options with the pipeline and the stages that are named, by name or id, checked against what its
    /// CRM has.
    ///
    /// - Throws: an error whose description is for the user: no such pipeline or stage, the CRM does not answer, or its
    ///   kind has no pipelines.
    public static func options(
        of connection: Connection, pipeline: String?, stages: [OrderStatus: String], _ client: Client
    ) async throws -> [String: String] {
        guard let dialect = all.first(where: { $0.kind == connection.kind }) else {
            throw CRMWithoutPipelines(kind: connection.kind)
        }
        return try await dialect.options(of: connection, pipeline: pipeline, stages: stages, client)
    }
}
