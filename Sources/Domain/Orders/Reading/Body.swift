import JSON

/// The payment of an order as `POST /purchases` asks for it.
public struct Purchase: Sendable {
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

    public let reference: Reference
    /// The body, read except for what depends on the currency.
    let reader: ChangeReader
    /// The same by the first rules, if these may read it differently.
    private var first: (reference: Reference, reader: ChangeReader)?

    /// What names the order.
    public var named: Reference { first?.reference ?? reference }

    init(reference: Reference, reader: ChangeReader) {
        self.reference = reference
        self.reader = reader
    }

    /// The same purchase, as the first rules read it.
    func beside(_ first: Purchase) -> Purchase {
        var purchase = self
        purchase.first = (first.reference, first.reader)
        return purchase
    }

    /// What the payment changes; without a status it means SUCCESS.
    ///
    /// - Parameter currency: the order's currency, which a price without one is in. The order is known only once its
    ///   reference is.
    /// - Throws: ``BodyError/faults(_:)`` if the price does not fit the currency.
    public func change(pricedIn currency: Currency) throws(BodyError) -> OrderChange {
        try reading(pricedIn: currency).value
    }

    /// The same, with its warnings; throws as ``change(pricedIn:)``.
    public func reading(pricedIn currency: Currency) throws(BodyError) -> ReadBody<OrderChange> {
        var reader = reader
        reader.finishPrice(currency)
        var result = ReadBody(try reader.taken(), warnings: reader.fields.warnings)
        if var reader = first?.reader {
            reader.finishPrice(currency)
            result.first = try? reader.taken()
        }
        return result
    }
}

extension OrderDraft {
    /// Reads, checks and normalises an order's JSON, and reports all its faults at once.
    ///
    /// Texts are trimmed, empty ones and nulls count as absent, unknown members are left out. Control characters in
    /// `title`, names and item titles, which may reach a message's header, become spaces; in identifiers and tags they
    /// are a fault.
    ///
    /// - Parameters:
    ///   - settings: the account's defaults, for what the order leaves open.
    ///   - isStrict: whether faults that would only be warned of are refused, too.
    /// - Throws: ``BodyError``: the body is not JSON, or has faults.
    public static func reading(
        _ body: [UInt8], settings: AccountSettings, isStrict: Bool = false
    ) throws(BodyError) -> ReadBody<OrderDraft> {
        try DraftReader.reading(settings, isStrict: isStrict) { reader throws(BodyError) in
            try readingJSON(body) { json throws(JSONError) in try reader.read(&json) }
        }
    }

    /// The same for a form's fields: `customer[email]`, `items[0][title]`, `utm_source`.
    public static func reading(
        form pairs: [(name: String, value: String)], settings: AccountSettings, isStrict: Bool = false
    ) throws(BodyError) -> ReadBody<OrderDraft> {
        try DraftReader.reading(settings, isStrict: isStrict) { reader throws(BodyError) in reader.read(form: pairs) }
    }

    /// What is read from a body, without the warnings.
    public static func read(_ body: [UInt8], settings: AccountSettings) throws(BodyError) -> OrderDraft {
        try reading(body, settings: settings).value
    }

    /// The same for a form's fields.
    public static func read(
        form pairs: [(name: String, value: String)], settings: AccountSettings
    ) throws(BodyError) -> OrderDraft {
        try reading(form: pairs, settings: settings).value
    }
}

extension DraftReader {
    /// Reads by the present rules, and also by the first ones if these may read something else.
    fileprivate static func reading(
        _ settings: AccountSettings, isStrict: Bool, _ read: (inout DraftReader) throws(BodyError) -> Void
    ) throws(BodyError) -> ReadBody<OrderDraft> {
        var reader = DraftReader(settings: settings, origin: .asked, isStrict: isStrict)
        try read(&reader)
        var result = ReadBody(try reader.finish(), warnings: reader.fields.warnings)
        guard reader.fields.mayDiffer else { return result }
        var first = DraftReader(settings: settings, origin: .asked, rules: .first)
        do throws(BodyError) {
            try read(&first)
            result.first = try first.finish()
        } catch {
            // The first rules refused it, so they never named an order.
        }
        return result
    }
}

extension OrderChange {
    /// Reads and checks a change of an order. A price without a currency has that of the settings: pass the order's
    /// settings if the order is known.
    ///
    /// - Parameter status: the order's status, nil if it is not known: the names that we show for it may be sent back.
    /// - Throws: ``BodyError``: the body is not JSON, or has faults.
    public static func reading(
        _ body: [UInt8], settings: AccountSettings, of status: OrderStatus? = nil, isStrict: Bool = false
    ) throws(BodyError) -> ReadBody<OrderChange> {
        try ChangeReader.reading(settings, status, isStrict: isStrict) { reader throws(BodyError) in
            try readingJSON(body) { json throws(JSONError) in try reader.read(&json) }
        }
    }

    /// The same for a form's fields.
    public static func reading(
        form pairs: [(name: String, value: String)], settings: AccountSettings, of status: OrderStatus? = nil,
        isStrict: Bool = false
    ) throws(BodyError) -> ReadBody<OrderChange> {
        try ChangeReader.reading(settings, status, isStrict: isStrict) { reader throws(BodyError) in
            reader.read(form: pairs)
        }
    }

    /// What is read from a body, without the warnings.
    public static func read(_ body: [UInt8], settings: AccountSettings) throws(BodyError) -> OrderChange {
        try reading(body, settings: settings).value
    }

    /// The same for a form's fields.
    public static func read(
        form pairs: [(name: String, value: String)], settings: AccountSettings
    ) throws(BodyError) -> OrderChange {
        try reading(form: pairs, settings: settings).value
    }
}

extension Purchase {
    /// Reads and checks a purchase: `orderId`, or `externalId` with its `source`, and what ``OrderChange`` has. The
    /// price is checked by ``change(pricedIn:)``.
    ///
    /// - Throws: ``BodyError``: the body is not JSON, or has faults.
    public static func read(
        _ body: [UInt8], settings: AccountSettings, isStrict: Bool = false
    ) throws(BodyError) -> Purchase {
        try read(settings, isStrict: isStrict) { reader throws(BodyError) in
            try readingJSON(body) { json throws(JSONError) in try reader.read(&json) }
        }
    }

    /// The same for a form's fields.
    public static func read(
        form pairs: [(name: String, value: String)], settings: AccountSettings, isStrict: Bool = false
    ) throws(BodyError) -> Purchase {
        try read(settings, isStrict: isStrict) { reader throws(BodyError) in reader.read(form: pairs) }
    }

    private static func read(
        _ settings: AccountSettings, isStrict: Bool, _ read: (inout ChangeReader) throws(BodyError) -> Void
    ) throws(BodyError) -> Purchase {
        var reader = ChangeReader(settings: settings, origin: .asked, isStrict: isStrict)
        try read(&reader)
        let purchase = try reader.finishPurchase()
        guard purchase.reader.fields.mayDiffer else { return purchase }
        var first = ChangeReader(settings: settings, origin: .asked, rules: .first)
        do throws(BodyError) {
            try read(&first)
            return purchase.beside(try first.finishPurchase())
        } catch {
            // The first rules refused it, so they never named anything.
            return purchase
        }
    }
}

extension ChangeReader {
    /// Reads by the present rules, and also by the first ones if these may read something else.
    fileprivate static func reading(
        _ settings: AccountSettings, _ status: OrderStatus?, isStrict: Bool,
        _ read: (inout ChangeReader) throws(BodyError) -> Void
    ) throws(BodyError) -> ReadBody<OrderChange> {
        var reader = ChangeReader(settings: settings, origin: .asked, status: status, isStrict: isStrict)
        try read(&reader)
        var result = ReadBody(try reader.finishChange(), warnings: reader.fields.warnings)
        guard reader.fields.mayDiffer else { return result }
        var first = ChangeReader(settings: settings, origin: .asked, rules: .first)
        do throws(BodyError) {
            try read(&first)
            result.first = try first.finishChange()
        } catch {
            // The first rules refused it, so they never named anything.
        }
        return result
    }
}

/// Passes the bytes to `read` as one JSON text.
func readingJSON(
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
