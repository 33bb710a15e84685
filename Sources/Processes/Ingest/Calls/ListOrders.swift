import Access
import HTTP
import JSON
import Ledger
import Orders

/// `GET /orders`: newest first; filters by time, status, externalId and email.
struct ListOrders: Sendable {
    static let limitMaximum = 100
    let ledger: Ledger

    func response(_ query: Query, caller: Caller) async throws -> Response {
        let filter = try Self.filter(query, caller: caller)
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

    static func filter(_ query: Query, caller: Caller) throws(Refusal) -> OrderFilter {
        var query = query
        var filter = OrderFilter(account: caller.account.id)
        filter.limit = query.number("limit", in: 1...limitMaximum) ?? filter.limit
        filter.offset = query.number("offset", in: 0...1_000_000) ?? 0
        filter.from = query.instant("from")
        filter.to = query.instant("to")
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
