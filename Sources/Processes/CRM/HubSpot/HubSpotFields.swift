import JSON
import Orders

/// An order in HubSpot's words: the properties of its contact and its deal. Pure.
struct HubSpotFields: Equatable {
    /// The unique property by which a deal is found again; made in the account where it lacks it.
    static let orderID = "orderrelay_order_id"
    /// Names and titles are clipped to so many characters; HubSpot takes more, people don't read more.
    static let nameMaximum = 250
    private static let descriptionMaximum = 5_000

    let contact: [String: String]
    let deal: [String: String]

    init(_ order: OrderState) {
        contact = Self.contact(order.draft.buyer)
        deal = Self.deal(order)
    }

    /// How a deal's stage follows the order's status, in the stages of the pipeline that every account begins with:
    /// PENDING → appointmentscheduled, SUCCESS → closedwon, FAILED and REFUNDED → closedlost.
    /// https://developers.hubspot.com/docs/api-reference/crm-pipelines-v3/guide
    static func stage(_ status: OrderStatus) -> String {
        switch status {
        case .pending: "appointmentscheduled"
        case .success: "closedwon"
        case .failed, .refunded: "closedlost"
        }
    }

    private static func contact(_ buyer: Buyer) -> [String: String] {
        var properties: [String: String] = [:]
        properties["email"] = buyer.email
        properties["phone"] = buyer.phone
        // HubSpot has two names, an order one: its first word is the first name.
        if let words = buyer.name?.split(separator: " "), let first = words.first {
            properties["firstname"] = clipped(String(first))
            if words.count > 1 { properties["lastname"] = clipped(words.dropFirst().joined(separator: " ")) }
        }
        return properties
    }

    private static func deal(_ order: OrderState) -> [String: String] {
        let draft = order.draft
        var properties = [
            orderID: order.id.text, "pipeline": "default", "dealstage": stage(order.status), "dealname": name(order),
        ]
        if let price = order.price {
            properties["amount"] = price.decimal.description
            properties["deal_currency_code"] = price.currency.code
        }
        if order.status != .pending {
            properties["closedate"] = String((order.paymentDate ?? order.updatedAt).milliseconds)
        }
        var lines = draft.items.map { item in
            let price = item.price.map { ", \($0.decimal.description) \($0.currency.code)" } ?? ""
            return "\(item.quantity) × \(item.title)\(price)"
        }
        if let comments = order.userComments { lines.append(comments) }
        if let source = draft.source { lines.append("source: \(source)") }
        for (name, value) in draft.utm.sorted(by: { $0.key < $1.key }) { lines.append("utm_\(name): \(value)") }
        if !lines.isEmpty {
            properties["description"] = String(lines.joined(separator: "\n").prefix(descriptionMaximum))
        }
        return properties
    }

    private static func name(_ order: OrderState) -> String {
        let draft = order.draft
        let title = draft.title ?? draft.items.first?.title ?? draft.offerID
        let number = draft.externalID ?? String(order.id.text.prefix(8))
        return clipped([title, "№ \(number)"].compactMap(\.self).joined(separator: " "))
    }

    private static func clipped(_ text: String) -> String { String(text.prefix(nameMaximum)) }
}
