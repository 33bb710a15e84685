import Delivery
import HTTP
import Ledger
import Orders
import Outbound

/// HubSpot's CRM (API v3 for objects, v4 for associations): the deal's stage follows the order.
///
/// A connection's secret is an access token with the scopes `crm.objects.contacts.read/write`,
/// `crm.objects.deals.read/write` and `crm.schemas.deals.write` (the last is needed once, for the property
/// ``HubSpotFields/orderID``).
struct HubSpot: CRMDialect {
    static let kind = "hubspot"
    static let address = "https://api.hubapi.com"

    static func rate(at address: String) -> (rate: RequestRate, requestsPerOrder: Int)? {
        // 100 requests in 10 s for the smallest plans, three requests for a new order:
        // https://developers.hubspot.com/docs/api/usage-details
        address.contains("hubapi.com") ? (RequestRate(100, per: .seconds(10)), 3) : nil
    }

    static func options(
        of connection: Connection, pipeline: String?, stages: [OrderStatus: String], _ client: Client
    ) async throws -> [String: String] {
        let portal = try await HubSpotPipeline.Portal.ask(connection, client)
        return try HubSpotPipeline(connection).naming(pipeline, stages: stages, in: portal).options
    }

    /// By the portal's pipelines, which are read with the scope that deals need; that of the connection must be there.
    static func examine(_ connection: Connection, _ client: Client) async throws -> String {
        let portal = try await HubSpotPipeline.Portal.ask(connection, client)
        let pipeline = try HubSpotPipeline(connection).naming(nil, stages: [:], in: portal)
        return "the token is accepted, and the pipeline \(pipeline.id) has the stages"
    }

    private let order: String
    private let fields: HubSpotFields
    private let session: OutboundSession

    init(_ order: OrderState, _ connection: Connection, _ session: OutboundSession) {
        self.order = order.id.text
        fields = HubSpotFields(order, in: HubSpotPipeline(connection))
        self.session = session
    }

    var stage: String { fields.deal["dealstage"] ?? "" }

    // MARK: The deal

    func findDeal() async throws(AttemptEnd) -> String? {
        if case .objects(let found) = try await ask(.readDeal(order: order)) { found.first?.id } else { nil }
    }

    func upsertDeal() async throws(AttemptEnd) -> CRMDeal {
        var properties = fields.deal
        var note: String?
        for _ in 0..<3 {
            switch try await ask(.upsertDeal(order: order, properties)) {
            case .objects(let objects): return CRMDeal(id: objects[0].id, isNew: objects[0].isNew, note: note)
            case .lacksOrderProperty: try await addOrderProperty()
            case .refusesCurrency where note == nil:
                let currency = properties["deal_currency_code"] ?? ""
                properties = fields.dealWithoutCurrency
                note = "the currency \(currency) is not enabled in the portal: it is in the description"
            case .exists: throw takenMeanwhile("the deal")
            default: throw AttemptEnd(.retry(after: nil, why: "HubSpot has no deals at this address"))
            }
        }
        throw AttemptEnd(
            .configuration(
                why:
                    "the deal property \(HubSpotFields.orderID) of the portal is not unique: make it unique, or delete it"
            )
        )
    }

    private func addOrderProperty() async throws(AttemptEnd) {
        switch try await ask(.addOrderProperty) {
        case .done, .exists: return
        default:
            throw AttemptEnd(.configuration(why: "the deal property \(HubSpotFields.orderID) cannot be created"))
        }
    }

    // MARK: The contact

    func upsertContact(email: String) async throws(AttemptEnd) -> CRMContact {
        switch try await ask(.upsertContact(email: email, fields.contact)) {
        case .objects(let objects): return .there(objects[0].id)
        case .exists(let id?): return .there(id)
        case .refusesEmail: return .refused("HubSpot does not accept the e-mail address")
        default: throw AttemptEnd(.retry(after: nil, why: "the contact was changed by someone else just now"))
        }
    }

    func findContact(phone: String) async throws(AttemptEnd) -> String? {
        if case .objects(let found) = try await ask(.findContact(phone: phone)) { found.first?.id } else { nil }
    }

    func updateContact(_ id: String, withEmail: Bool) async throws(AttemptEnd) -> Bool {
        if case .objects = try await ask(.updateContact(id: id, contact(withEmail: withEmail))) { true } else { false }
    }

    func createContact(withEmail: Bool) async throws(AttemptEnd) -> String {
        switch try await ask(.createContact(contact(withEmail: withEmail))) {
        case .objects(let made): return made[0].id
        case .exists(let id?): return id
        default: throw takenMeanwhile("the contact")
        }
    }

    private func contact(withEmail: Bool) -> [String: String] {
        withEmail ? fields.contact : fields.contact.filter { $0.key != "email" }
    }

    func tie(deal: String, contact: String) async throws(AttemptEnd) -> Bool {
        if case .done = try await ask(.associate(deal: deal, contact: contact)) { true } else { false }
    }

    private func takenMeanwhile(_ what: String) -> AttemptEnd {
        AttemptEnd(.retry(after: nil, why: "409: \(what) was changed by someone else just now"))
    }

    /// Sends one request; throws if the attempt ends with it.
    private func ask(_ call: HubSpotCall) async throws(AttemptEnd) -> HubSpotAnswer {
        let answer = HubSpotAnswer(try await session.send(call), to: call)
        if case .ends(let outcome) = answer { throw AttemptEnd(outcome) }
        return answer
    }
}
