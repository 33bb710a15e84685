import JSON
import Orders

/// An order as HubSpot's properties of its contact and its deal. Pure.
struct HubSpotFields: Equatable {
    /// The unique property by which a deal is found again; created if the portal lacks it.
    static let orderID = "orderrelay_order_id"
    /// Names and titles are clipped to this many characters; HubSpot allows more, but people don't read more.
    static let nameMaximum = 250
    private static let descriptionMaximum = 5_000

    let contact: [String: String]
    let deal: [String: String]

    init(_ order: OrderState, in pipeline: HubSpotPipeline = .usual) {
        contact = Self.contact(order.draft.buyer)
        deal = Self.deal(order, pipeline)
    }

    /// The deal for a portal in which the currency is not enabled: the amount stays, and the description names the
    /// currency.
    var dealWithoutCurrency: [String: String] {
        var properties = deal
        guard let currency = properties.removeValue(forKey: "deal_currency_code") else { return properties }
        let sum = "\(properties["amount"] ?? "") \(currency)"
        let description = properties["description"].map { "\(sum)\n\($0)" } ?? sum
        properties["description"] = String(description.prefix(Self.descriptionMaximum))
        return properties
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

    private static func deal(_ order: OrderState, _ pipeline: HubSpotPipeline) -> [String: String] {
        let draft = order.draft
        var properties = [
            orderID: order.id.text, "pipeline": pipeline.id, "dealstage": pipeline.stage(order.status),
            "dealname": name(order),
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
        for tag in CampaignTag.allCases {
            if let value = draft.utm[tag] { lines.append("utm_\(tag.name): \(value)") }
        }
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
