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
        guard let dialect = dialect(of: connection) else { throw CRMWithoutPipelines(kind: connection.kind) }
        return try await dialect.options(of: connection, pipeline: pipeline, stages: stages, client)
    }

    /// Whether a connection's CRM accepts its credentials. Throws an error whose description is for the user.
    static func examine(_ connection: Connection, _ client: Client) async throws -> String {
        guard let dialect = dialect(of: connection) else { throw UnknownCRM(kind: connection.kind) }
        return try await dialect.examine(connection, client)
    }

    private static func dialect(of connection: Connection) -> (any CRMDialect.Type)? {
        all.first { $0.kind == connection.kind }
    }
}

/// A connection has a kind that this program does not support.
struct UnknownCRM: Error, CustomStringConvertible {
    var kind: String
    var description: String { "this program does not support the kind \(kind)" }
}
