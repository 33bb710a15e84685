import JSON

/// The payment of an order as `POST /purchases` asks for it.
public struct Purchase: Sendable, Hashable {
    /// How the order is named: by its id, or by the caller's own number and its source.
    public enum Reference: Sendable, Hashable {
        case id(OrderID)
        case external(id: String, source: String?)

        /// The order's id within an account.
        public func orderID(account: String) -> OrderID {
            switch self {
            case .id(let id): id
            case .external(let id, let source): OrderID(account: account, .external(id: id, source: source))
            }
        }
    }

    public var reference: Reference
    /// What the payment changes; without a status it means SUCCESS.
    public var change: OrderChange

    public init(reference: Reference, change: OrderChange) {
        self.reference = reference
        self.change = change
    }
}

extension OrderDraft {
    /// Reads, checks and normalises an order's JSON, of which all faults are told at once.
    ///
    /// Texts are trimmed, empty ones and nulls are absent, unknown members are left out. Control characters in `title`,
    /// names and item titles, which may reach a message's header, become spaces; in identifiers and tags they are a fault.
    public static func read(_ body: [UInt8], settings: AccountSettings) throws(BodyError) -> OrderDraft {
        var reader = DraftReader(settings: settings, origin: .asked)
        try reading(body) { json throws(JSONError) in try reader.read(&json) }
        return try reader.finish()
    }

    /// The same of a form's fields: `customer[email]`, `items[0][title]`, `utm_source`.
    public static func read(
        form pairs: [(name: String, value: String)], settings: AccountSettings
    ) throws(BodyError) -> OrderDraft {
        var reader = DraftReader(settings: settings, origin: .asked)
        reader.read(form: pairs)
        return try reader.finish()
    }
}

extension OrderChange {
    /// Reads and checks a change of an order. A price without currency has the settings' one: give those of the order
    /// where it is known.
    public static func read(_ body: [UInt8], settings: AccountSettings) throws(BodyError) -> OrderChange {
        var reader = ChangeReader(settings: settings, origin: .asked)
        try reading(body) { json throws(JSONError) in try reader.read(&json) }
        return try reader.finishChange()
    }

    /// The same of a form's fields.
    public static func read(
        form pairs: [(name: String, value: String)], settings: AccountSettings
    ) throws(BodyError) -> OrderChange {
        var reader = ChangeReader(settings: settings, origin: .asked)
        reader.read(form: pairs)
        return try reader.finishChange()
    }
}

extension Purchase {
    /// Reads and checks a purchase: `orderId`, or `externalId` with its `source`, and what ``OrderChange`` has.
    public static func read(_ body: [UInt8], settings: AccountSettings) throws(BodyError) -> Purchase {
        var reader = ChangeReader(settings: settings, origin: .asked)
        try reading(body) { json throws(JSONError) in try reader.read(&json) }
        return try reader.finishPurchase()
    }

    /// The same of a form's fields.
    public static func read(
        form pairs: [(name: String, value: String)], settings: AccountSettings
    ) throws(BodyError) -> Purchase {
        var reader = ChangeReader(settings: settings, origin: .asked)
        reader.read(form: pairs)
        return try reader.finishPurchase()
    }
}

/// Gives the bytes to `read` as one JSON text.
func reading(
    _ body: [UInt8], _ read: (inout JSONReader) throws(JSONError) -> Void
) throws(BodyError) {
    do throws(JSONError) {
        let span = body.span
        var json = try JSONReader(span.bytes)
        try read(&json)
        try json.end()
    } catch {
        throw .notJSON(error)
    }
}
