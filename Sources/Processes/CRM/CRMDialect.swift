import HTTP
import Ledger
import Orders
import Outbound

/// One CRM's API, as the steps of ``CRMProcedure``: how each is done there, not when or why.
///
/// Each step throws ``AttemptEnd`` if the attempt ends with it; everything else that can happen is in its result.
/// Nothing here uses the ledger.
protocol CRMDialect: Sendable {
    /// The kind that connections name.
    static var kind: String { get }
    /// The address of its API, unless a connection has another.
    static var address: String { get }
    /// How many requests it allows at this address, and how many a new order needs; nil: no limit.
    static func rate(at address: String) -> (rate: RequestRate, requestsPerOrder: Int)?
    /// The header fields of every call, with the credentials made from a connection's secret.
    static func fields(secret: String) -> HeaderFields
    /// A connection's options with the pipeline and the stages that are named, by name or id, each checked against what
    /// the CRM has; what is not named stays. Throws an error whose description is for the user.
    static func options(
        of connection: Connection, pipeline: String?, stages: [OrderStatus: String], _ client: Client
    ) async throws -> [String: String]

    /// Asks the CRM by a call that only reads whether it accepts the connection's credentials; what it answered, in a few words.
    /// Throws an error whose description is for the user.
    static func examine(_ connection: Connection, _ client: Client) async throws -> String

    /// - Parameters:
    ///   - order: the state to bring to the CRM.
    ///   - connection: its options; the credentials are in the session.
    init(_ order: OrderState, _ connection: Connection, _ session: OutboundSession)

    /// The stage that the deal is given, in the CRM's words; for the timeline.
    var stage: String { get }
    /// The id of the order's deal; nil if the CRM has no such deal. Reads the record itself, not an index that may be late.
    func findDeal() async throws(AttemptEnd) -> String?
    /// Creates the order's deal, or updates it.
    func upsertDeal() async throws(AttemptEnd) -> CRMDeal
    /// Creates the contact with the buyer's e-mail address, or updates it.
    func upsertContact(email: String) async throws(AttemptEnd) -> CRMContact
    /// The id of a contact with this phone number; nil if none is found.
    func findContact(phone: String) async throws(AttemptEnd) -> String?
    /// Updates a contact; false if it is gone.
    /// - Parameter withEmail: false if the CRM refuses the address.
    func updateContact(_ id: String, withEmail: Bool) async throws(AttemptEnd) -> Bool
    /// Creates a contact and returns its id. Done twice it may leave two.
    func createContact(withEmail: Bool) async throws(AttemptEnd) -> String
    /// Associates deal and contact; false if one of them is gone.
    func tie(deal: String, contact: String) async throws(AttemptEnd) -> Bool
}

/// An order's deal in the CRM.
struct CRMDeal: Equatable {
    var id: String
    var isNew: Bool
    /// What differs from the order, for the timeline; nil if nothing does.
    var note: String?
}

/// The result of bringing a contact by e-mail.
enum CRMContact: Equatable {
    /// It exists, with this id.
    case there(String)
    /// The CRM refuses the address; why, for the timeline.
    case refused(String)
}

extension CRMDialect {
    static func rate(at address: String) -> (rate: RequestRate, requestsPerOrder: Int)? { nil }
    static func fields(secret: String) -> HeaderFields {
        ["Authorization": "Bearer \(secret)", "Accept": "application/json"]
    }
    static func options(
        of connection: Connection, pipeline: String?, stages: [OrderStatus: String], _ client: Client
    ) async throws -> [String: String] { throw CRMWithoutPipelines(kind: connection.kind) }
}

/// A pipeline or a stage was named for a CRM that has no pipelines.
struct CRMWithoutPipelines: Error, CustomStringConvertible {
    var kind: String
    var description: String { "connections to \(kind) have no pipeline and no stages to set" }
}
