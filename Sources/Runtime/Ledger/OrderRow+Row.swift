import Database
import Orders

extension OrderRow {
    /// In the order of ``OrderStatements/put``.
    var values: [Value] {
        [
            .text(id.text), .text(account), .integer(createdAt.milliseconds), .integer(updatedAt.milliseconds),
            .text(status.rawValue), .text(orNull: draft.externalID), .text(orNull: draft.buyer.email?.lowercased()),
            .integer(orNull: price?.minorUnits), .text(orNull: price?.currency.code),
            .integer(orNull: paymentDate?.milliseconds), .text(orNull: userComments),
            .integer(orNull: soldAt?.milliseconds), .blob(creation),
        ]
    }

    init(_ row: Row) throws(LedgerError) {
        var reader = RowReader(row, "an order")
        let name = try reader.text()
        guard let id = OrderID(name) else { throw reader.unreadable }
        let account = try reader.text()
        let createdAt = Timestamp(milliseconds: try reader.integer())
        let updatedAt = Timestamp(milliseconds: try reader.integer())
        guard let status = OrderStatus(rawValue: try reader.text()) else { throw reader.unreadable }
        var price: Money?
        let amount = try reader.integerOrNull()
        if let amount, let code = try reader.textOrNull() {
            guard let currency = Currency(code) else { throw reader.unreadable }
            price = Money(minorUnits: amount, currency: currency)
        } else if amount == nil {
            _ = try reader.textOrNull()
        }
        let paymentDate = try reader.integerOrNull()
        let comments = try reader.textOrNull()
        let soldAt = try reader.integerOrNull()
        let creation = try reader.blob()
        guard let draft = try? OrderDraft(inValue: creation, of: name) else { throw reader.unreadable }
        self.init(
            id: id, account: account, draft: draft, creation: creation, status: status, price: price,
            createdAt: createdAt, updatedAt: updatedAt)
        self.paymentDate = paymentDate.map(Timestamp.init(milliseconds:))
        self.userComments = comments
        self.soldAt = soldAt.map(Timestamp.init(milliseconds:))
    }
}
