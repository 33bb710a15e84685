import JSON
import Ledger
import Orders

/// An order as `GET /orders` shows it: the draft's own names, both status vocabularies, and the state of each delivery.
enum OrderJSON {
    /// A delivery's state within the order.
    typealias Delivery = (worker: String, destination: Destination, state: DeliveryState)

    static func write(_ row: OrderRow, deliveries: [Delivery], _ writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("id", row.id.text)
            writer.member("status", row.status.outcomeName)
            writer.member("orderStatus", row.status.rawValue)
            writer.member("createdAt", row.createdAt.iso8601)
            writer.member("updatedAt", row.updatedAt.iso8601)
            writer.member(ChangeField.paymentDate.name, row.paymentDate?.iso8601)
            writer.member(ChangeField.userComments.name, row.userComments)
            describe(row.draft, price: row.price, &writer)
            write(deliveries, &writer)
        }
    }

    /// What the process that accepted the order knows about it, while the ledger does not show it.
    ///
    /// - Parameter notRead: why the ledger will not show it; nil if it will, or if the caller must not know.
    static func write(
        _ order: AcceptedOrder, _ id: OrderID, deliveries: [Delivery], notRead: String?, _ writer: inout JSONWriter
    ) {
        writer.object { writer in
            writer.member("id", id.text)
            writer.member("status", order.status.outcomeName)
            writer.member("orderStatus", order.status.rawValue)
            writer.member("createdAt", order.createdAt.iso8601)
            writer.member("updatedAt", order.updatedAt.iso8601)
            write(deliveries, &writer)
            writer.member("notRead", notRead)
        }
    }

    private static func write(_ deliveries: [Delivery], _ writer: inout JSONWriter) {
        writer.key("deliveries")
        writer.array { writer in
            for delivery in deliveries {
                writer.object { writer in
                    writer.member("worker", delivery.worker)
                    writer.member("destination", delivery.destination.text)
                    writer.member("state", delivery.state.rawValue)
                }
            }
        }
    }

    private static func describe(_ draft: OrderDraft, price: Money?, _ writer: inout JSONWriter) {
        var draft = draft
        draft.price = price
        for field in OrderField.allCases {
            switch field {
            // The buyer's fields are at the top level, and a list is present even if it is empty.
            case .customer: draft.buyer.write(to: &writer)
            case .items where draft.items.isEmpty:
                writer.key(field.name)
                writer.array { _ in }
            // Not shown: it is for the CRM.
            case .utm: break
            default: draft.write(field, to: &writer)
            }
        }
    }
}
