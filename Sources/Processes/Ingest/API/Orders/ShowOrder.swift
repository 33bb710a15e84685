import Access
import Control
import HTTP
import JSON
import Ledger
import Orders

extension Endpoint {
    static func showOrder(_ services: Services) -> Endpoint {
        let (reading, ledger) = (ReadingBack(services), services.ledger)
        return Endpoint(
            "showOrder", .get, path: "/orders/{id}", scope: .read,
            summary: "the order, and the state of each of its deliveries"
        ) { call in
            try await reading.response(call, .order) { id, account in
                guard let row = try await ledger.order(id, account: account) else { return nil }
                let states = try await ledger.deliveryStates(of: [id])
                return Answer.success { OrderJSON.write(row, deliveries: states[id] ?? [], &$0) }
            } known: { id, order, notRead in
                let states = try await ledger.deliveryStates(of: [id])
                let deliveries = states[id] ?? []
                return Answer.success { OrderJSON.write(order, id, deliveries: deliveries, notRead: notRead, &$0) }
            }
        }
    }

    static func showTimeline(_ services: Services) -> Endpoint {
        let (reading, ledger) = (ReadingBack(services), services.ledger)
        return Endpoint(
            "showTimeline", .get, path: "/orders/{id}/timeline", scope: .read,
            summary: "everything that happened to it, oldest first"
        ) { call in
            try await reading.response(call, .timeline) { id, account in
                let entries = try await ledger.timeline(of: id, account: account)
                return entries.isEmpty ? nil : Answer.success { TimelineJSON.write(entries, of: id, &$0) }
            } known: { id, order, notRead in
                let entries = TimelineJSON.entries(of: order, id)
                return Answer.success { TimelineJSON.write(entries, of: id, notRead: notRead, &$0) }
            }
        }
    }
}
