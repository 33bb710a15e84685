import Delivery
import HTTP
import Ledger
import Orders
import Outbound
import Synchronization

@testable import CRM

/// A CRM in memory: all that a second dialect needs. Its pages lie under the connection's address.
struct Notebook: CRMDialect {
    static let kind = "notebook"
    static let address = "http://notebook.example"

    struct Page {
        var deals: [String: (stage: String, contacts: Set<String>)] = [:]
        var contacts: [String: Buyer] = [:]
        /// The next create is done, and its answer lost.
        var losesCreate = false
    }
    static let pages = Mutex<[String: Page]>([:])

    let order: OrderState
    let at: String
    init(_ order: OrderState, _ connection: Connection, _ session: OutboundSession) {
        (self.order, at) = (order, session.address)
    }

    static func examine(_ connection: Connection, _: Client) -> String { "\(pages.withLock { $0.count }) pages" }

    private func page<R: Sendable>(_ body: (inout Page) -> R) -> R {
        Self.pages.withLock { pages in body(&pages[at, default: Page()]) }
    }
    private func contact(_ matches: @Sendable (Buyer) -> Bool) -> String? {
        page { page in page.contacts.first { matches($0.value) }?.key }
    }

    var stage: String { order.status.rawValue }
    func findDeal() -> String? { page { page in page.deals.keys.contains(order.id.text) ? order.id.text : nil } }
    func upsertDeal() -> CRMDeal {
        page { page in
            let old = page.deals.updateValue((stage, page.deals[order.id.text]?.contacts ?? []), forKey: order.id.text)
            return CRMDeal(id: order.id.text, isNew: old == nil)
        }
    }
    func upsertContact(email: String) throws(AttemptEnd) -> CRMContact {
        if let id = contact({ $0.email?.lowercased() == email.lowercased() }) { return .there(id) }
        return .there(try createContact(withEmail: true))
    }
    func findContact(phone: String) -> String? { contact { $0.phone == phone } }
    func updateContact(_ id: String, withEmail: Bool) -> Bool { page { page in page.contacts.keys.contains(id) } }
    func createContact(withEmail: Bool) throws(AttemptEnd) -> String {
        let (id, isLost) = page { page in
            let id = "\(page.contacts.count + 1)"
            page.contacts[id] = order.draft.buyer
            defer { page.losesCreate = false }
            return (id, page.losesCreate)
        }
        if isLost { throw AttemptEnd(.unknown(why: "the answer was lost")) }
        return id
    }
    func tie(deal: String, contact: String) -> Bool {
        page { page in page.deals[deal]?.contacts.insert(contact) != nil && page.contacts.keys.contains(contact) }
    }
}
