public import Orders

/// What orders and statistics are shown from.
public enum ReadModel {
    /// The one that writes it: it does not deliver, but counts.
    public static let worker = "analytics"
}

/// The read model's row of an order: what `GET /orders` shows.
public struct OrderRow: Sendable, Equatable {
    public var id: OrderID
    public var account: String
    public var draft: OrderDraft
    /// The value of the event that created it, as it lay on the topic: it says the draft, and is what the ledger keeps.
    public var creation: [UInt8]
    public var status: OrderStatus
    public var price: Money?
    public var paymentDate: Timestamp?
    public var userComments: String?
    public var createdAt: Timestamp
    public var updatedAt: Timestamp
    /// When it first came to SUCCESS: the order is a sale from then on; nil before.
    public var soldAt: Timestamp?
    public init(
        id: OrderID, account: String, draft: OrderDraft, creation: [UInt8], status: OrderStatus, price: Money?,
        createdAt: Timestamp, updatedAt: Timestamp
    ) {
        self.id = id
        self.account = account
        self.draft = draft
        self.creation = creation
        self.status = status
        self.price = price
        self.createdAt = createdAt
        self.updatedAt = updatedAt
    }
}

/// What is counted together: one currency (`-` where an order has no price), offer, source and UTC minute.
public struct StatisticsKey: Sendable, Hashable {
    public var account: String
    public var currency: String
    public var offer: String
    public var source: String
    /// Minutes since 1970, UTC.
    public var minute: Int64
    public var partition: Int32
    public init(account: String, currency: String, offer: String, source: String, minute: Int64, partition: Int32) {
        self.account = account
        self.currency = currency
        self.offer = offer
        self.source = source
        self.minute = minute
        self.partition = partition
    }
}

/// Counts and sums, added up.
public struct Statistics: Sendable, Equatable {
    public var orders: Int64 = 0
    public var sales: Int64 = 0
    /// Sum of the sales' prices in minor units of the key's currency.
    public var totalSale: Int64 = 0
    /// Sum of all orders' prices likewise.
    public var totalOrdered: Int64 = 0
    public init() {}
}

/// A change of the read model, written by `analytics` in its intake's transaction.
public enum ReadModelChange: Sendable, Equatable {
    /// Puts the order's row in, or in the place of the one there.
    case order(OrderRow)
    /// Adds to a bucket.
    case count(StatisticsKey, Statistics)
    /// A buyer bought: for `uniqSales`.
    case buyer(SaleBuyer)
}

/// Who bought, by what statistics are asked by.
public struct SaleBuyer: Sendable, Hashable {
    public var account: String
    public var offer: String
    public var source: String
    /// Minutes since 1970, UTC.
    public var minute: Int64
    /// A digest, not an address.
    public var buyer: String
    public init(account: String, offer: String, source: String, minute: Int64, buyer: String) {
        self.account = account
        self.offer = offer
        self.source = source
        self.minute = minute
        self.buyer = buyer
    }
}

/// Which orders `GET /orders` asks for.
public struct OrderFilter: Sendable {
    /// The time that orders are sorted by, newest first; those of one instant by id.
    public enum Sort: String, Sendable, CaseIterable { case created, updated }

    public var account: String
    public var sort = Sort.created
    /// The oldest change; nil: any. Only where they are sorted by it.
    public var updatedFrom: Timestamp?
    /// Only what comes after this order in the sort: it stays right while orders are added, as `offset` does not.
    public var after: OrderRow?
    public var from: Timestamp?
    public var to: Timestamp?
    public var status: OrderStatus?
    public var externalID: String?
    public var email: String?
    public var limit = 20
    public var offset = 0
    public init(account: String) { self.account = account }
}

/// An answer's page and the counts around it.
public struct OrderPage: Sendable {
    public var rows: [OrderRow]
    public var filteredCount: Int
    public var totalCount: Int
}

/// Which statistics are asked for.
public struct StatisticsFilter: Sendable {
    public var account: String
    /// UTC minutes since 1970, half open.
    public var minutes: Range<Int64>
    public var offer: String?
    public var source: String?
    public init(account: String, minutes: Range<Int64>) {
        self.account = account
        self.minutes = minutes
    }
}
