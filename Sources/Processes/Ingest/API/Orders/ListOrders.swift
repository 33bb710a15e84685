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
            summary: "newest first; `limit` (at most \(ListOrders.limitMaximum)), `offset`, `from`, `to`, `status`, "
                + "`externalId`, `email`"
        ) { try await list.response($0) }
    }
}

private struct ListOrders: Sendable {
    static let limitMaximum = 100
    let ledger: Ledger

    func response(_ call: Call) async throws -> Response {
        let filter = try Self.filter(call)
        let page = try await ledger.orders(filter)
        let states = try await ledger.deliveryStates(of: page.rows.map(\.id))
        let meta = Answer.Page(
            limit: filter.limit, offset: filter.offset, filteredCount: page.filteredCount, totalCount: page.totalCount)
        return Answer.success(page: meta) { writer in
            writer.array { writer in
                for row in page.rows { OrderJSON.write(row, deliveries: states[row.id] ?? [], &writer) }
            }
        }
    }

    private static func filter(_ call: Call) throws(Refusal) -> OrderFilter {
        let account = call.caller.account
        var query = Query(call.query)
        var filter = OrderFilter(account: account.id)
        filter.limit = query.number("limit", in: 1...limitMaximum) ?? filter.limit
        filter.offset = query.number("offset", in: 0...1_000_000) ?? 0
        filter.from = query.instant("from", account.zone)
        filter.to = query.instant("to", account.zone)
        filter.status = query.value(
            "status", expected: "OPENED, RESOLVED, REJECTED, PENDING, ORDER, SUCCESS, FAILED or REFUNDED"
        ) {
            OrderStatus(anyName: $0)
        }
        filter.externalID = query.text("externalId")
        filter.email = query.text("email")?.lowercased()
        try query.finish()
        return filter
    }
}
