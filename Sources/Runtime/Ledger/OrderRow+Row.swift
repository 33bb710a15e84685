import Crypto
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
            .integer(orNull: soldAt?.milliseconds), .blob(creation.encoded().value),
        ]
    }

    /// The draft goes into the row as the event that brought it would carry it: one codec for both.
    private var creation: Event {
        Event(
            id: "\(id.text).created", account: account, order: id, time: createdAt, digest: Self.noDigest,
            traceparent: nil, content: .created(draft))
    }
    private static let noDigest = Digest([UInt8](repeating: 0, count: 32))

    init(_ row: Row) throws(LedgerError) {
        var reader = RowReader(row, "an order")
        guard let id = OrderID(try reader.text()) else { throw reader.unreadable }
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
        let columns = EventColumns(
            id: "\(id.text).created", account: account, key: id.text, type: "orderrelay.order.created", time: createdAt,
            digest: Self.noDigest, traceparent: nil)
        guard case .created(let draft) = try columns.event(body: reader.blob()).content else { throw reader.unreadable }
        self.init(
            id: id, account: account, draft: draft, status: status, price: price, createdAt: createdAt,
            updatedAt: updatedAt)
        self.paymentDate = paymentDate.map(Timestamp.init(milliseconds:))
        self.userComments = comments
        self.soldAt = soldAt.map(Timestamp.init(milliseconds:))
    }
}
