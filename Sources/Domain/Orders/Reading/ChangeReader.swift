import JSON

/// Reads a change of an order, or a purchase, from a body.
struct ChangeReader {
    static let commentsCountMaximum = 4000

    var fields: FieldReader
    private var change = OrderChange()
    private var price: FieldReader.Amount?
    private var currency: Currency?
    private var hasCurrency = false
    private var orderID: OrderID?
    private var externalID: String?
    private var source: String?

    /// The order's status; nil if it is not known.
    private let presentStatus: OrderStatus?
    /// The body names the status that the order has, by a name that would else mean another or is not taken.
    private var namesPresentStatus = false

    init(
        settings: AccountSettings, origin: FieldReader.Origin, rules: FieldReader.Rules = .present,
        status: OrderStatus? = nil, isStrict: Bool = false
    ) {
        fields = FieldReader(settings: settings, origin: origin, rules: rules, isStrict: isStrict)
        presentStatus = status
    }

    mutating func set(_ field: ChangeField, _ value: Scalar, at place: Place) {
        switch field {
        case .status: change.status = status(value, at: place)
        case .price: price = fields.amount(value, at: place)
        case .currency:
            let faultCount = fields.faults.count
            currency = fields.currency(value, at: place)
            hasCurrency = currency != nil || fields.faults.count > faultCount
        case .paymentDate: change.paymentDate = fields.date(value, at: place)
        case .userComments:
            change.userComments = comments(value, at: place)
        case .orderID:
            guard let text = fields.text(value, at: place, style: .identifier, countMaximum: 100) else { return }
            orderID = OrderID(text)
            guard orderID == nil else { return }
            fields.fault(
                .wrongID, at: place, expected: "24 lower-case hexadecimal characters", came: fields.quoted(text))
        case .externalID:
            externalID = fields.text(value, at: place, style: .identifier, countMaximum: DraftReader.nameCountMaximum)
        case .source:
            source = fields.text(value, at: place, style: .identifier, countMaximum: DraftReader.nameCountMaximum)
        }
    }

    /// An over-long comment is cut, with a warning: nothing else in the change depends on its end.
    private mutating func comments(_ value: Scalar, at place: Place) -> String? {
        let countMaximum = fields.isPresent && !fields.isStrict ? Int.max : Self.commentsCountMaximum
        guard let text = fields.text(value, at: place, style: .paragraph, countMaximum: countMaximum) else {
            return nil
        }
        let count = text.unicodeScalars.count
        guard fields.isPresent, count > Self.commentsCountMaximum else { return text }
        fields.warn(
            .cut, at: place.pointer, "cut from \(count) to \(Self.commentsCountMaximum) characters")
        return String(String.UnicodeScalarView(text.unicodeScalars.prefix(Self.commentsCountMaximum)))
    }

    private mutating func status(_ value: Scalar, at place: Place) -> OrderStatus? {
        guard let text = fields.text(value, at: place, style: .line, countMaximum: 100) else { return nil }
        // What is shown can be sent back: an order that is open is OPENED, and one that is refunded REJECTED.
        if fields.isPresent, let presentStatus {
            namesPresentStatus =
                switch presentStatus {
                case .pending: OrderStatus(anyName: text) == .pending
                case .refunded: text.uppercased() == "REJECTED"
                case .success, .failed: false
                }
            if namesPresentStatus { return nil }
        }
        let status = OrderStatus(anyName: text)
        // An order is opened by its creation; nothing else opens it.
        if let status, fields.origin == .stored || status != .pending { return status }
        fields.fault(
            .wrongStatus, at: place, expected: "RESOLVED or REJECTED, or SUCCESS, FAILED or REFUNDED",
            came: fields.quoted(text))
        return nil
    }

    mutating func finishChange() throws(BodyError) -> OrderChange {
        finishPrice(fields.settings.currency)
        if fields.origin == .asked, change == OrderChange(), !namesPresentStatus, fields.faults.isEmpty {
            fields.fault(
                .required, at: .body, expected: "a status, price, paymentDate or userComments", came: "none of them")
        }
        return try taken()
    }

    /// A purchase whose price is checked once its order is known; if something else is wrong, at once.
    mutating func finishPurchase() throws(BodyError) -> Purchase {
        let reference: Purchase.Reference? =
            orderID.map { .id($0) } ?? externalID.map { .external(id: $0, source: source) }
        if let reference, fields.faults.isEmpty { return Purchase(reference: reference, reader: self) }
        finishPrice(fields.settings.currency)
        if reference == nil, !fields.faults.contains(where: { $0.isAbout(ChangeField.orderID, .externalID) }) {
            fields.fault(
                .required, at: Place(ChangeField.orderID), expected: "an orderId or externalId", came: "none of them")
        }
        throw .faults(fields.faults)
    }

    /// Judges the price.
    ///
    /// - Parameter usual: the currency of a price that comes without one.
    mutating func finishPrice(_ usual: Currency) {
        let currency = currency ?? (hasCurrency ? nil : usual)
        if let price, let currency { change.price = fields.money(price, currency: currency, of: .order) }
    }

    func taken() throws(BodyError) -> OrderChange {
        guard fields.faults.isEmpty else { throw .faults(fields.faults) }
        return change
    }
}

extension ChangeReader {
    /// Reads the body's object; members that we do not know are left out.
    mutating func read(_ reader: inout JSONReader) throws(JSONError) {
        guard try fields.isNext(.object, &reader, at: .body) else { return }
        try reader.object { reader, key throws(JSONError) in
            guard let field = ChangeField(key) else { return try reader.skip() }
            let place = Place(field)
            guard let value = try fields.scalar(field, &reader, at: place) else { return }
            set(field, value, at: place)
        }
    }

    /// Reads a form's fields; a name that comes twice is a fault.
    mutating func read(form pairs: [(name: String, value: String)]) {
        guard pairs.count <= DraftReader.formFieldsMaximum else {
            fields.fault(
                .tooMany, at: .body, expected: "at most \(DraftReader.formFieldsMaximum) fields", came: "\(pairs.count)"
            )
            return
        }
        var seen: Set<ChangeField> = []
        for (name, value) in pairs {
            guard let field = ChangeField(name[...]) else { continue }
            let place = Place(field)
            if seen.insert(field).inserted {
                set(field, .text(value), at: place)
            } else {
                fields.fault(.ambiguous, at: place, expected: "the field once", came: "the field again")
            }
        }
    }
}
