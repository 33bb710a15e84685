public import JSON

/// The fields of an order, in the order of the canonical form, which is hashed: they never change places. A new one may stand
/// anywhere if it is left out where nothing is said of it, since orders without it keep their digests then.
public enum OrderField: FieldName, BodyField {
    case externalID = "externalId"
    case source
    case offerID = "offerId"
    case paymentCreditsID = "paymentCreditsId"
    case managerID = "managerId"
    case title
    case price
    case currency
    case items
    case customer
    case locale
    case utm
    case transactionDate
    case isNotifyAccount

    public var kind: JSONKind {
        switch self {
        case .price: .number
        case .isNotifyAccount: .bool
        case .items: .array
        case .customer, .utm: .object
        default: .string
        }
    }

    /// Whether it is one value; if not, its parts have tables of their own.
    var isScalar: Bool { kind != .array && kind != .object }
}

/// The fields of the buyer, in `customer`.
public enum BuyerField: FieldName, BodyField {
    case name, email, phone
    case personID = "personId"

    /// Whether it leads to the buyer. An order must have one of those, and they may also stand at the top, as the API that we
    /// follow has them.
    var isWay: Bool { self != .name }
}

/// The fields of a line of an order.
public enum ItemField: FieldName, BodyField {
    case title, quantity, price, sku

    public var kind: JSONKind { self == .quantity || self == .price ? .number : .string }
}

/// The tags of the campaign, in `utm`.
public enum CampaignTag: FieldName, BodyField { case campaign, content, medium, source, term }

/// The fields of a change of an order or of its payment, in the order of the canonical form, as those of an order.
public enum ChangeField: FieldName, BodyField {
    case status, price, currency, paymentDate, userComments
    // What names the order that was paid; no part of the canonical form.
    case orderID = "orderId"
    case externalID = "externalId"
    case source

    public var kind: JSONKind { self == .price ? .number : .string }
}
