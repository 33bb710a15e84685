import Crypto
import Delivery
import Ledger
import Orders
import Outbound

/// Brings one order to any CRM: looks up, creates or updates, associates, notes. A deal by our order's id; a contact by
/// e-mail, else by phone; the two associated; the contact noted, so that the next event of the order needs one request.
struct CRMProcedure<Dialect: CRMDialect> {
    /// How long a create with unknown outcome keeps others from creating the same contact: longer than the search index
    /// lags.
    private let doubt = Duration.seconds(60)

    private let crm: Dialect
    private let order: OrderState
    private let notes: ConnectionNotes
    /// Whether an earlier attempt may have been accepted: look before repeating.
    private let isOutcomeUnknown: Bool
    /// Whether nothing of the order was ever attempted here, so that no link can be there.
    private let isFirst: Bool
    /// Means that the order's contact, its deal and their association exist.
    private var contactLink: String { "order/\(order.id.text)/contact" }

    init(_ crm: Dialect, _ order: OrderState, _ notes: ConnectionNotes, _ attempt: Attempt) {
        self.crm = crm
        self.order = order
        self.notes = notes
        isOutcomeUnknown = attempt.delivery.isOutcomeUnknown
        isFirst = attempt.history.count == 1 && attempt.delivery.leaseNumber == 1
    }

    /// Never throws: everything that can happen is an outcome.
    func outcome() async -> Outcome {
        do throws(AttemptEnd) {
            return try await bring()
        } catch { return error.outcome }
    }

    /// Every event changes the deal, and a link shows whether the rest exists already.
    private func bring() async throws(AttemptEnd) -> Outcome {
        if !isOutcomeUnknown, !isFirst, let contact = try await notes.link(contactLink) {
            let deal = try await upsertedDeal()
            if !deal.isNew { return done("deal updated", deal, contact: contact == Self.noContact ? nil : contact) }
            // Deleted in the CRM, or the CRM was reset: everything once more.
            return try await tie(deal, to: try await self.contact())
        }
        let (deal, contact) = try await dealAndContact()
        return try await tie(deal, to: contact)
    }

    private func tie(_ deal: CRMDeal, to contact: Contact) async throws(AttemptEnd) -> Outcome {
        guard let id = contact.id else {
            guard let note = contact.note else {
                return done("deal without contact: the order has neither e-mail nor phone", deal, contact: nil)
            }
            // Noted once: later changes do not try again.
            return done(
                "deal without contact: \(note)", deal, contact: nil, links: [notes.naming(contactLink, Self.noContact)])
        }
        guard try await crm.tie(deal: deal.id, contact: id) else {
            // Deleted in the CRM just now; the next attempt creates it again.
            throw AttemptEnd(.retry(after: nil, why: "404: the contact or the deal is gone"))
        }
        let what = deal.isNew ? "deal created" : "deal updated"
        return done(
            contact.note.map { "\(what); contact by phone: \($0)" } ?? what, deal, contact: id,
            links: [notes.naming(contactLink, id)])
    }

    /// The order's contact; without an id if the CRM has no such contact, with the reason unless the order has no address.
    private struct Contact {
        var id: String?
        var note: String?
    }

    /// Stands for a contact that the CRM refuses: no id looks like this.
    private static var noContact: String { "-" }

    /// Concurrently where that is safe. After an unknown outcome the look-up comes first; and the creation of a contact
    /// by phone must not be under way when the attempt ends for another reason.
    private func dealAndContact() async throws(AttemptEnd) -> (CRMDeal, Contact) {
        guard order.draft.buyer.email != nil, !isOutcomeUnknown else {
            let deal = try await upsertedDeal()
            return (deal, try await self.contact())
        }
        async let made = settled { () throws(AttemptEnd) in try await self.contact() }
        let deal = await settled { () throws(AttemptEnd) in try await upsertedDeal() }
        let contact = await made
        return (try deal.get(), try contact.get())
    }

    /// The work's result as a value, so that both of two are awaited, even if one fails.
    private func settled<Success: Sendable>(
        _ work: () async throws(AttemptEnd) -> Success
    ) async -> Result<Success, AttemptEnd> {
        do throws(AttemptEnd) {
            return .success(try await work())
        } catch { return .failure(error) }
    }

    private func done(_ what: String, _ deal: CRMDeal, contact: String?, links: [Link] = []) -> Outcome {
        var receipt = ["dealId": deal.id, "stage": crm.stage]
        receipt["contactId"] = contact
        return .done(
            answer: [what, deal.note].compactMap(\.self).joined(separator: "; "), receipt: receipt, links: links)
    }

    private func upsertedDeal() async throws(AttemptEnd) -> CRMDeal {
        if isOutcomeUnknown, let id = try await crm.findDeal() {
            // It was accepted: what follows only updates it.
            return CRMDeal(id: id, isNew: false, note: try await crm.upsertDeal().note)
        }
        return try await crm.upsertDeal()
    }

    // MARK: The contact

    private func contact() async throws(AttemptEnd) -> Contact {
        let buyer = order.draft.buyer
        var contact = Contact()
        if let email = buyer.email {
            switch try await crm.upsertContact(email: email) {
            case .there(let id): return Contact(id: id)
            case .refused(let why): contact.note = why
            }
        }
        if let phone = buyer.phone {
            contact.id = try await self.contact(phone: phone, withEmail: contact.note == nil)
        }
        return contact
    }

    /// A phone number is not unique, so a CRM does not prevent two creates: a lease of ours does, and our own link
    /// covers what a lagging index does not show yet.
    private func contact(phone: String, withEmail: Bool) async throws(AttemptEnd) -> String {
        let mark = "phone/\(hexadecimal(sha256(Array(phone.utf8)).bytes.prefix(16)))"
        guard try await notes.takeLease(mark, for: doubt) else {
            throw AttemptEnd(.retry(after: .seconds(10), why: "another order is creating the same contact"))
        }
        let id: String
        do throws(AttemptEnd) {
            id = try await foundOrCreated(phone, mark, withEmail: withEmail)
        } catch {
            // With an unknown outcome the lease stays until it expires: by then a search finds the contact.
            if case .unknown = error.outcome { throw error }
            _ = try await notes.takeLease(mark, for: .zero)
            throw error
        }
        try await notes.putLink(mark, id)
        _ = try await notes.takeLease(mark, for: .zero)
        return id
    }

    private func foundOrCreated(
        _ phone: String, _ mark: String, withEmail: Bool
    ) async throws(AttemptEnd) -> String {
        if let known = try await notes.link(mark), try await crm.updateContact(known, withEmail: withEmail) {
            return known
        }
        if let found = try await crm.findContact(phone: phone),
            try await crm.updateContact(found, withEmail: withEmail)
        {
            return found
        }
        return try await crm.createContact(withEmail: withEmail)
    }
}
