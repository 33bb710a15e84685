import Crypto
import Delivery
import HTTP
import Ledger
import Orders

/// HubSpot's CRM (API v3 for objects, v4 for associations): a contact by e-mail, else by phone; a deal by our order's id;
/// the two tied together; the deal's stage follows the order.
///
/// A connection's secret is an access token with the scopes `crm.objects.contacts.read/write`,
/// `crm.objects.deals.read/write` and `crm.schemas.deals.write` (the last is needed once, for the property
/// ``HubSpotFields/orderID``).
struct HubSpot: CRMKind {
    static let name = "hubspot"
    /// How long a create whose outcome nobody knows keeps others from creating the same contact: longer than the index
    /// that a search asks is late.
    static let doubtMilliseconds: Int64 = 60_000

    static func attemptsPerSecond(at url: String) -> Int? {
        // 100 requests in 10 s for the smallest plans, three requests for a new order:
        // https://developers.hubspot.com/docs/api/usage-details
        url.contains("hubapi.com") ? 3 : nil
    }

    static func bring(_ job: CRMJob) async -> Outcome {
        do throws(Ended) {
            return try await HubSpot(job: job).bring()
        } catch { return error.outcome }
    }

    /// The attempt is over, with this.
    struct Ended: Error { let outcome: Outcome }

    let job: CRMJob
    private let fields: HubSpotFields
    private var contactLink: String { "order/\(job.order.id.text)/contact" }
    private var dealLink: String { "order/\(job.order.id.text)/deal" }

    private init(job: CRMJob) {
        self.job = job
        fields = HubSpotFields(job.order)
    }

    /// What every event changes is the deal, and a link tells whether the rest is there already.
    private func bring() async throws(Ended) -> Outcome {
        if !job.isOutcomeUnknown, let contact = try await link(contactLink) {
            let deal = try await upsertedDeal()
            if !deal.isNew { return done("deal updated", deal: deal.id, contact: contact) }
            // Deleted in the CRM, or the CRM was begun anew: everything again.
            return try await tie(deal, to: try await self.contact())
        }
        let (deal, contact) = try await dealAndContact()
        return try await tie(deal, to: contact)
    }

    private func tie(_ deal: HubSpotAnswer.Object, to contact: String?) async throws(Ended) -> Outcome {
        guard let contact else {
            try await putLink(dealLink, deal.id)
            return done("deal without contact: the order has neither e-mail nor phone", deal: deal.id, contact: nil)
        }
        guard case .done = try await ask(.associate(deal: deal.id, contact: contact)) else {
            // Deleted in the CRM just now; the next attempt makes it anew.
            throw Ended(outcome: .retry(after: nil, why: "404: the contact or the deal is gone"))
        }
        // Only now: whoever finds the contact's link knows that contact, deal and association are there.
        async let isPut = settled { () throws(Ended) in try await self.putLink(self.dealLink, deal.id) }
        try await putLink(contactLink, contact)
        _ = try await isPut.get()
        return done(deal.isNew ? "deal created" : "deal updated", deal: deal.id, contact: contact)
    }

    /// Side by side where nothing is lost by it. After an unknown outcome the look comes first; and the create of a
    /// contact by phone must not be under way when the attempt ends for another reason.
    private func dealAndContact() async throws(Ended) -> (HubSpotAnswer.Object, String?) {
        guard job.order.draft.buyer.email != nil, !job.isOutcomeUnknown else {
            let deal = try await upsertedDeal()
            return (deal, try await contact())
        }
        async let made = settled { () throws(Ended) in try await self.contact() }
        let deal = await settled { () throws(Ended) in try await self.upsertedDeal() }
        let contact = await made
        return (try deal.get(), try contact.get())
    }

    /// The work's end as a value: so that both of two are awaited, whatever becomes of one.
    private func settled<Success: Sendable>(_ work: () async throws(Ended) -> Success) async -> Result<Success, Ended> {
        do throws(Ended) {
            return .success(try await work())
        } catch { return .failure(error) }
    }

    private func done(_ what: String, deal: String, contact: String?) -> Outcome {
        var receipt = ["dealId": deal, "stage": fields.deal["dealstage"] ?? ""]
        receipt["contactId"] = contact
        return .done(answer: what, receipt: receipt)
    }

    // MARK: The deal

    private func upsertedDeal() async throws(Ended) -> HubSpotAnswer.Object {
        let order = job.order.id.text
        if job.isOutcomeUnknown, case .objects(let found) = try await ask(.readDeal(order: order)),
            let deal = found.first
        {
            // It was taken: what follows only brings it up to date.
            _ = try await upsert(order)
            return HubSpotAnswer.Object(id: deal.id, isNew: false)
        }
        return try await upsert(order)
    }

    private func upsert(_ order: String) async throws(Ended) -> HubSpotAnswer.Object {
        for _ in 0..<2 {
            switch try await ask(.upsertDeal(order: order, fields.deal)) {
            case .objects(let objects): return objects[0]
            case .lacksOrderProperty: try await addOrderProperty()
            case .exists:
                throw Ended(outcome: .retry(after: nil, why: "409: the deal was written by someone else just now"))
            default: throw Ended(outcome: .retry(after: nil, why: "HubSpot has no deals at this address"))
            }
        }
        throw Ended(
            outcome: .configuration(
                why: "the account's property \(HubSpotFields.orderID) of deals is not unique: make it so, or delete it")
        )
    }

    private func addOrderProperty() async throws(Ended) {
        switch try await ask(.addOrderProperty) {
        case .done, .exists: return
        default:
            throw Ended(outcome: .configuration(why: "the property \(HubSpotFields.orderID) of deals cannot be made"))
        }
    }

    // MARK: The contact

    private func contact() async throws(Ended) -> String? {
        let buyer = job.order.draft.buyer
        if let email = buyer.email {
            switch try await ask(.upsertContact(email: email, fields.contact)) {
            case .objects(let objects): return objects[0].id
            case .exists(let id?): return id
            default: throw Ended(outcome: .retry(after: nil, why: "the contact was written by someone else just now"))
            }
        }
        guard let phone = buyer.phone else { return nil }
        return try await contact(phone: phone)
    }

    /// A phone number is no unique property, so nothing in HubSpot keeps two creates apart: a lease of ours does, and
    /// our own link tells what its late index does not.
    private func contact(phone: String) async throws(Ended) -> String {
        let mark = "phone/\(hexadecimal(sha256(Array(phone.utf8)).bytes.prefix(16)))"
        let lease = "crm/\(job.connection.id)/\(mark)"
        guard try await takeLease(lease, Self.doubtMilliseconds) else {
            throw Ended(outcome: .retry(after: .seconds(10), why: "another order is about to make the same contact"))
        }
        let id: String
        do throws(Ended) {
            id = try await foundOrCreated(phone, mark)
        } catch {
            // With an unknown outcome the lease stays until it runs out: by then a search knows.
            if case .unknown = error.outcome { throw error }
            _ = try await takeLease(lease, 0)
            throw error
        }
        try await putLink(mark, id)
        _ = try await takeLease(lease, 0)
        return id
    }

    private func foundOrCreated(_ phone: String, _ mark: String) async throws(Ended) -> String {
        if let known = try await link(mark), case .objects = try await ask(.updateContact(id: known, fields.contact)) {
            return known
        }
        if case .objects(let found) = try await ask(.findContact(phone: phone)), let first = found.first {
            if case .objects = try await ask(.updateContact(id: first.id, fields.contact)) { return first.id }
        }
        switch try await ask(.createContact(fields.contact)) {
        case .objects(let made): return made[0].id
        case .exists(let id?): return id
        default: throw Ended(outcome: .retry(after: nil, why: "409: the contact was written by someone else just now"))
        }
    }
}
