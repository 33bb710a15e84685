import JSON

/// Reads a change of an order, or a purchase, out of a body.
struct ChangeReader {
    enum Field { case status, price, currency, paymentDate, userComments, orderID, externalID, source }

    static let commentsCountMax = 4000

    var fields: FieldReader
    private var change = OrderChange()
    private var price: FieldReader.Amount?
    private var currency: Currency?
    private var hasCurrency = false
    private var orderID: OrderID?
    private var externalID: String?
    private var source: String?

    init(settings: AccountSettings, origin: FieldReader.Origin) {
        fields = FieldReader(settings: settings, origin: origin)
    }

    mutating func set(_ field: Field, _ value: Scalar, at place: Place) {
        switch field {
        case .status: change.status = status(value, at: place)
        case .price: price = fields.amount(value, at: place)
        case .currency:
            let faultCount = fields.faults.count
            currency = fields.currency(value, at: place)
            hasCurrency = currency != nil || fields.faults.count > faultCount
        case .paymentDate: change.paymentDate = fields.date(value, at: place)
        case .userComments:
            change.userComments = fields.text(value, at: place, style: .paragraph, countMax: Self.commentsCountMax)
        case .orderID:
            guard let text = fields.text(value, at: place, style: .identifier, countMax: 100) else { return }
            orderID = OrderID(text)
            guard orderID == nil else { return }
            fields.fault(
                .wrongID, at: place, expected: "24 lower-case hexadecimal characters", came: fields.quoted(text))
        case .externalID: externalID = fields.text(value, at: place, style: .identifier, countMax: 250)
        case .source: source = fields.text(value, at: place, style: .identifier, countMax: DraftReader.idCountMax)
        }
    }

    private mutating func status(_ value: Scalar, at place: Place) -> OrderStatus? {
        guard let text = fields.text(value, at: place, style: .line, countMax: 100) else { return nil }
        let status = OrderStatus(anyName: text)
        // An order is opened by its creation; nothing else opens it.
        if let status, fields.origin == .stored || status != .pending { return status }
        fields.fault(
            .wrongStatus, at: place, expected: "RESOLVED or REJECTED, or SUCCESS, FAILED or REFUNDED",
            came: fields.quoted(text))
        return nil
    }

    mutating func finishChange() throws(BodyError) -> OrderChange {
        finishPrice()
        if fields.origin == .asked, change == OrderChange(), fields.faults.isEmpty {
            fields.fault(
                .required, at: .body, expected: "a status, price, paymentDate or userComments", came: "none of them")
        }
        guard fields.faults.isEmpty else { throw .faults(fields.faults) }
        return change
    }

    mutating func finishPurchase() throws(BodyError) -> Purchase {
        finishPrice()
        let reference: Purchase.Reference? =
            orderID.map { .id($0) } ?? externalID.map { .external(id: $0, source: source) }
        if reference == nil, !fields.faults.contains(where: { $0.pointer == "/orderId" || $0.pointer == "/externalId" })
        {
            fields.fault(.required, at: Place("orderId"), expected: "an orderId or externalId", came: "none of them")
        }
        guard fields.faults.isEmpty, let reference else { throw .faults(fields.faults) }
        return Purchase(reference: reference, change: change)
    }

    private mutating func finishPrice() {
        let currency = currency ?? (hasCurrency ? nil : fields.settings.currency)
        if let price, let currency { change.price = fields.money(price, currency: currency) }
    }
}

extension ChangeReader {
    /// Reads the body's object; members that we do not know are left out.
    mutating func read(_ reader: inout JSONReader) throws(JSONError) {
        guard try fields.isNext(.object, &reader, at: .body) else { return }
        try reader.object { reader, key throws(JSONError) in
            switch key {
            case "status": try member(.status, "status", &reader)
            case "price": try member(.price, "price", &reader, expected: .number)
            case "currency": try member(.currency, "currency", &reader)
            case "paymentDate": try member(.paymentDate, "paymentDate", &reader)
            case "userComments": try member(.userComments, "userComments", &reader)
            case "orderId": try member(.orderID, "orderId", &reader)
            case "externalId": try member(.externalID, "externalId", &reader)
            case "source": try member(.source, "source", &reader)
            default: try reader.skip()
            }
        }
    }

    private mutating func member(
        _ field: Field, _ name: StaticString, _ reader: inout JSONReader, expected: JSONKind = .string
    ) throws(JSONError) {
        let place = Place(name)
        guard let value = try fields.scalar(&reader, at: place, expected: expected) else { return }
        set(field, value, at: place)
    }

    /// Reads a form's fields; a name that comes twice is a fault.
    mutating func read(form pairs: [(name: String, value: String)]) {
        guard pairs.count <= DraftReader.formFieldsMax else {
            fields.fault(
                .tooMany, at: .body, expected: "at most \(DraftReader.formFieldsMax) fields", came: "\(pairs.count)")
            return
        }
        var seen: Set<String> = []
        for (name, value) in pairs {
            guard let (field, place) = Self.field(name) else { continue }
            if seen.insert(name).inserted {
                set(field, .text(value), at: place)
            } else {
                fields.fault(.ambiguous, at: place, expected: "the field once", came: "the field again")
            }
        }
    }

    private static func field(_ name: String) -> (Field, Place)? {
        switch name {
        case "status": (.status, Place("status"))
        case "price": (.price, Place("price"))
        case "currency": (.currency, Place("currency"))
        case "paymentDate": (.paymentDate, Place("paymentDate"))
        case "userComments": (.userComments, Place("userComments"))
        case "orderId": (.orderID, Place("orderId"))
        case "externalId": (.externalID, Place("externalId"))
        case "source": (.source, Place("source"))
        default: nil
        }
    }
}
