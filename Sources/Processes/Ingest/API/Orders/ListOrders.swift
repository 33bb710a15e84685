import Access
import Control
import HTTP
import JSON
import Ledger
import Orders

extension Endpoint {
    static func listOrders(_ services: Services) -> Endpoint {
        let list = ListOrders(ledger: services.ledger)
        return Endpoint(
            "listOrders", .get, path: "/orders", scope: .read,
            summary:
                "newest first; `limit` (at most \(ListOrders.limitMaximum)), `after`, `offset`, `sort`, `from`, `to`, "
                + "`updatedFrom`, `status`, `externalId`, `email`, `bare`"
        ) { try await list.response($0) }
    }
}

private struct ListOrders: Sendable {
    static let limitMaximum = 100
    let ledger: Ledger

    func response(_ call: Call) async throws -> Response {
        let account = call.caller.account
        var query = Query(call.query)
        var filter = Self.filter(&query, account)
        let isBare = query.flag("bare") ?? false
        let after = query.value("after", expected: "an order's id: 24 lower-case hexadecimal characters") {
            OrderID($0)
        }
        try query.finish()
        if let after {
            filter.after = try await ledger.order(after, account: account.id)
            if filter.after == nil {
                query.fault("after", expected: "the id of an order that was listed", got: after.text)
            }
            try query.finish()
        }
        let page = try await ledger.orders(filter)
        let states = try await ledger.deliveryStates(of: page.rows.map(\.id))
        let meta = Answer.Page(
            limit: filter.limit, offset: filter.offset, filteredCount: page.filteredCount, totalCount: page.totalCount)
        return Answer.list(isBare ? nil : meta) { writer in
            for row in page.rows { OrderJSON.write(row, deliveries: states[row.id] ?? [], &writer) }
        }
    }

    private static func filter(_ query: inout Query, _ account: AccountRecord) -> OrderFilter {
        var filter = OrderFilter(account: account.id)
        filter.limit = query.number("limit", in: 1...limitMaximum) ?? filter.limit
        filter.offset = query.number("offset", in: 0...1_000_000) ?? 0
        filter.from = query.instant("from", account.zone)
        filter.to = query.instant("to", account.zone)
        filter.updatedFrom = query.instant("updatedFrom", account.zone)
        // Whoever asks for changes gets them in their order: by creation, every order of the account would be looked at.
        let usual = filter.updatedFrom == nil ? OrderFilter.Sort.created : .updated
        filter.sort = query.value("sort", expected: "created or updated") { OrderFilter.Sort(rawValue: $0) } ?? usual
        if filter.updatedFrom != nil, filter.sort == .created {
            query.fault("sort", expected: "updated, as updatedFrom is given", got: "created")
        }
        filter.status = query.value(
            "status", expected: "OPENED, RESOLVED, REJECTED, PENDING, ORDER, SUCCESS, FAILED or REFUNDED"
        ) {
            OrderStatus(anyName: $0)
        }
        filter.externalID = query.text("externalId")
        filter.email = query.text("email")?.lowercased()
        return filter
    }
}
