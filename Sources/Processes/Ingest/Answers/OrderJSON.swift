import JSON
import Ledger
import Orders

/// An order as `GET /orders` shows it: the draft's own names, both status vocabularies, and the state of each delivery.
enum OrderJSON {
    /// A delivery's state beside the order's.
    typealias DeliveryState = (worker: String, destination: String, state: String)

    static func write(_ row: OrderRow, deliveries: [DeliveryState], _ writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("id", row.id.text)
            writer.member("status", row.status.short)
            writer.member("orderStatus", row.status.rawValue)
            writer.member("createdAt", row.createdAt.iso8601)
            writer.member("updatedAt", row.updatedAt.iso8601)
            writer.member("paymentDate", row.paymentDate?.iso8601)
            writer.member("userComments", row.userComments)
            describe(row.draft, price: row.price, &writer)
            writer.key("deliveries")
            writer.array { writer in
                for delivery in deliveries {
                    writer.object { writer in
                        writer.member("worker", delivery.worker)
                        writer.member("destination", delivery.destination)
                        writer.member("state", delivery.state)
                    }
                }
            }
        }
    }

    private static func describe(_ draft: OrderDraft, price: Money?, _ writer: inout JSONWriter) {
        writer.member("externalId", draft.externalID)
        writer.member("source", draft.source)
        writer.member("offerId", draft.offerID)
        writer.member("paymentCreditsId", draft.paymentCreditsID)
        writer.member("managerId", draft.managerID)
        writer.member("personId", draft.buyer.personID)
        writer.member("title", draft.title)
        writer.member("price", price?.decimal.description)
        writer.member("currency", price?.currency.code)
        writer.member("email", draft.buyer.email)
        writer.member("phone", draft.buyer.phone)
        writer.member("name", draft.buyer.name)
        writer.member("locale", draft.locale.rawValue)
        writer.member("transactionDate", draft.transactionDate?.iso8601)
        writer.key("isNotifyAccount")
        writer.bool(draft.isNotifyAccount)
        writer.key("items")
        writer.array { writer in
            for item in draft.items {
                writer.object { writer in
                    writer.member("title", item.title)
                    writer.key("quantity")
                    writer.int64(item.quantity)
                    writer.member("price", item.price?.decimal.description)
                    writer.member("sku", item.sku)
                }
            }
        }
    }
}

extension OrderStatus {
    /// The API's short vocabulary: OPENED, RESOLVED, REJECTED.
    var short: String {
        switch self {
        case .pending: "OPENED"
        case .success: "RESOLVED"
        case .failed, .refunded: "REJECTED"
        }
    }
}
