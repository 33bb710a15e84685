import Ledger
import Orders

extension OrderState {
    /// The order in a row of the read model.
    init(_ row: OrderRow) {
        self.init(
            id: row.id, account: row.account, draft: row.draft, status: row.status, price: row.price,
            paymentDate: row.paymentDate, userComments: row.userComments, createdAt: row.createdAt,
            updatedAt: row.updatedAt, soldAt: row.soldAt)
    }
}

extension OrderRow {
    /// The row of an order.
    ///
    /// - Parameter creation: the value of the event that created it.
    init(_ order: OrderState, creation: [UInt8]) {
        self.init(
            id: order.id, account: order.account, draft: order.draft, creation: creation, status: order.status,
            price: order.price, createdAt: order.createdAt, updatedAt: order.updatedAt)
        paymentDate = order.paymentDate
        userComments = order.userComments
        soldAt = order.soldAt
    }
}
