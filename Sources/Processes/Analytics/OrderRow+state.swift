import Ledger
import Orders

extension OrderState {
    /// The order that a row of the read model shows.
    init(_ row: OrderRow) {
        self.init(
            id: row.id, account: row.account, draft: row.draft, status: row.status, price: row.price,
            paymentDate: row.paymentDate, userComments: row.userComments, createdAt: row.createdAt,
            updatedAt: row.updatedAt, soldAt: row.soldAt)
    }
}

extension OrderRow {
    /// The row that shows an order.
    init(_ order: OrderState) {
        self.init(
            id: order.id, account: order.account, draft: order.draft, status: order.status, price: order.price,
            createdAt: order.createdAt, updatedAt: order.updatedAt)
        paymentDate = order.paymentDate
        userComments = order.userComments
        soldAt = order.soldAt
    }
}
