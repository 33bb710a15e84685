/// A line of an order.
public struct Item: Sendable, Hashable {
    public var title: String
    public var quantity: Int64
    /// Of one piece, in the order's currency.
    public var price: Money?
    public var sku: String?

    public init(title: String, quantity: Int64, price: Money?, sku: String? = nil) {
        self.title = title
        self.quantity = quantity
        self.price = price
        self.sku = sku
    }
}

/// Who buys.
public struct Buyer: Sendable, Hashable {
    public var name: String?
    /// Domain lower-cased.
    public var email: String?
    /// E.164.
    public var phone: String?
    public var personID: String?

    public init(name: String? = nil, email: String? = nil, phone: String? = nil, personID: String? = nil) {
        self.name = name
        self.email = email
        self.phone = phone
        self.personID = personID
    }
}

/// What an order is about: validated, canonical.
public struct OrderDraft: Sendable, Hashable {
    public var externalID: String?
    public var source: String?
    public var offerID: String?
    public var paymentCreditsID: String?
    public var managerID: String?
    public var title: String?
    public var price: Money?
    public var items: [Item] = []
    public var buyer = Buyer()
    public var locale: OrderLocale
    /// Tags of the campaign: `source`, `medium`, `campaign`, `term`, `content`.
    public var utm: [String: String] = [:]
    public var transactionDate: Timestamp?
    /// Whether the buyer is to be told; absent in the request: true.
    public var isNotifyAccount = true

    public init(locale: OrderLocale) { self.locale = locale }
}

/// A change of an order: only what changed.
public struct OrderChange: Sendable, Hashable {
    public var status: OrderStatus?
    public var price: Money?
    public var paymentDate: Timestamp?
    public var userComments: String?

    public init(
        status: OrderStatus? = nil, price: Money? = nil, paymentDate: Timestamp? = nil, userComments: String? = nil
    ) {
        self.status = status
        self.price = price
        self.paymentDate = paymentDate
        self.userComments = userComments
    }
}
