/// A line of an order.
public struct Item: Sendable, Hashable {
    public var title: String
    public var quantity: Quantity
    /// Of one piece, in the order's currency; below zero for a discount, nil if the line names no price.
    public var price: Money?
    /// The shop's article number; nil if the line names none.
    public var sku: String?

    public init(title: String, quantity: Quantity, price: Money?, sku: String? = nil) {
        self.title = title
        self.quantity = quantity
        self.price = price
        self.sku = sku
    }
}

/// Who buys. Each member is nil if the request does not have it.
public struct Buyer: Sendable, Hashable {
    public var name: String?
    /// With its domain in lower case; nil if the buyer gave no address.
    public var email: String?
    /// In E.164, as `+380671234567`; nil if the buyer gave no number.
    public var phone: String?
    /// The shop's own id of the buyer.
    public var personID: String?

    public init(name: String? = nil, email: String? = nil, phone: String? = nil, personID: String? = nil) {
        self.name = name
        self.email = email
        self.phone = phone
        self.personID = personID
    }
}

/// What an order says, validated and in its canonical form. An optional member is nil if the request does not have it.
public struct OrderDraft: Sendable, Hashable {
    /// The caller's own number of the order, unique within ``source``.
    public var externalID: String?
    /// The shop or channel that ``externalID`` is a number of.
    public var source: String?
    /// One of the platform's own ids; at most 100 characters.
    public var offerID: String?
    /// One of the platform's own ids; at most 100 characters.
    public var paymentCreditsID: String?
    /// One of the platform's own ids; at most 100 characters.
    public var managerID: String?
    public var title: String?
    /// The order's total; nil: the sum of the items, if they have prices.
    public var price: Money?
    /// The lines, in the request's order; at most 200.
    public var items: [Item] = []
    public var buyer = Buyer()
    /// The language of messages to the buyer.
    public var locale: OrderLocale
    /// The campaign's tags (`utm_source` …) that the request has.
    public var utm: [CampaignTag: String] = [:]
    /// When the caller says that the order was placed.
    public var transactionDate: Timestamp?
    /// Whether the buyer gets a confirmation; true unless the request says otherwise.
    public var isNotifyAccount = true

    public init(locale: OrderLocale) { self.locale = locale }
}

/// A change of an order; a member is nil if it does not change.
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
