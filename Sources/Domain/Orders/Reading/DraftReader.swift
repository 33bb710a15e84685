import JSON

/// Reads an order's draft out of a body, field after field, and goes on after a fault to find them all.
struct DraftReader {
    /// Fields that are one scalar each; those of the buyer stand at the top or in `customer`.
    enum Field {
        case externalID, source, offerID, paymentCreditsID, managerID, title, price, currency, locale
        case transactionDate, isNotifyAccount, name, email, phone, personID
    }

    static let idCountMax = 100
    static let nameCountMax = 250
    static let itemsMax = 200

    var fields: FieldReader
    var draft: OrderDraft
    var items: [ItemFields] = []
    private var price: FieldReader.Amount?
    private var currency: Currency?
    private var hasCurrency = false

    init(settings: AccountSettings, origin: FieldReader.Origin) {
        fields = FieldReader(settings: settings, origin: origin)
        draft = OrderDraft(locale: settings.locale)
    }

    mutating func set(_ field: Field, _ value: Scalar, at place: Place) {
        switch field {
        case .externalID: draft.externalID = identifier(value, at: place, countMax: 250)
        case .source: draft.source = identifier(value, at: place)
        case .offerID: draft.offerID = identifier(value, at: place)
        case .paymentCreditsID: draft.paymentCreditsID = identifier(value, at: place)
        case .managerID: draft.managerID = identifier(value, at: place)
        case .title: draft.title = fields.text(value, at: place, style: .line, countMax: Self.nameCountMax)
        case .price: price = fields.amount(value, at: place)
        case .currency:
            let faultCount = fields.faults.count
            currency = fields.currency(value, at: place)
            hasCurrency = currency != nil || fields.faults.count > faultCount
        case .locale: draft.locale = fields.locale(value, at: place) ?? draft.locale
        case .transactionDate: draft.transactionDate = fields.date(value, at: place)
        case .isNotifyAccount: draft.isNotifyAccount = fields.bool(value, at: place) ?? true
        case .name:
            let name = fields.text(value, at: place, style: .line, countMax: Self.nameCountMax)
            fields.setOnce(&draft.buyer.name, name, at: place)
        case .email: fields.setOnce(&draft.buyer.email, fields.email(value, at: place), at: place)
        case .phone: fields.setOnce(&draft.buyer.phone, fields.phone(value, at: place), at: place)
        case .personID: fields.setOnce(&draft.buyer.personID, identifier(value, at: place), at: place)
        }
    }

    /// A tag of the campaign; those that are not ours are left out.
    mutating func set(tag: String, _ value: Scalar, at place: Place) {
        draft.utm[tag] = fields.text(value, at: place, style: .identifier, countMax: Self.nameCountMax)
    }

    private mutating func identifier(_ value: Scalar, at place: Place, countMax: Int = idCountMax) -> String? {
        fields.text(value, at: place, style: .identifier, countMax: countMax)
    }

    /// Judges what needs several fields at once.
    mutating func finish() throws(BodyError) -> OrderDraft {
        let currency = currency ?? (hasCurrency ? nil : fields.settings.currency)
        if let price, let currency { draft.price = fields.money(price, currency: currency) }
        draft.items.reserveCapacity(items.count)
        for item in items {
            if let line = item.line(currency: currency, &fields) { draft.items.append(line) }
        }
        if fields.origin == .asked { requireBuyer() }
        guard fields.faults.isEmpty else { throw .faults(fields.faults) }
        return draft
    }

    private mutating func requireBuyer() {
        let buyer = draft.buyer
        guard buyer.email == nil, buyer.phone == nil, buyer.personID == nil else { return }
        let names = ["/email", "/phone", "/personId"]
        let isTold = fields.faults.contains { fault in
            fault.pointer.isEmpty || names.contains { fault.pointer.hasSuffix($0) }
        }
        guard !isTold else { return }
        fields.fault(.required, at: Place("email"), expected: "an email, a phone or a personId", came: "none of them")
    }
}

extension FieldReader {
    /// The buyer's fields may stand at the top, as the API that we follow has them, and in `customer`; not differently.
    fileprivate mutating func setOnce(_ field: inout String?, _ value: String?, at place: Place) {
        guard let value else { return }
        if let field, field != value {
            fault(.ambiguous, at: place, expected: "the same as the other one in this body", came: masked(value))
        }
        field = value
    }
}

/// A line of an order while it is read.
struct ItemFields {
    enum Field { case title, quantity, price, sku }

    var index: Int
    var title: String?
    var quantity: Int64?
    var price: FieldReader.Amount?
    var sku: String?
    private var isTitleTold = false

    init(index: Int) { self.index = index }

    mutating func set(_ field: Field, _ value: Scalar, at place: Place, _ fields: inout FieldReader) {
        switch field {
        case .title:
            let faultCount = fields.faults.count
            title = fields.text(value, at: place, style: .line, countMax: DraftReader.nameCountMax)
            isTitleTold = fields.faults.count > faultCount
        case .quantity: quantity = fields.quantity(value, at: place)
        case .price: price = fields.amount(value, at: place)
        case .sku: sku = fields.text(value, at: place, style: .identifier, countMax: DraftReader.idCountMax)
        }
    }

    /// - Parameter currency: nil where the body's is at fault: prices then cannot be judged.
    func line(currency: Currency?, _ fields: inout FieldReader) -> Item? {
        guard let title else {
            if !isTitleTold {
                fields.fault(
                    .required, at: Place("title", in: "items", index: index), expected: "the item's title",
                    came: "nothing")
            }
            return nil
        }
        var money: Money?
        if let price, let currency { money = fields.money(price, currency: currency) }
        return Item(title: title, quantity: quantity ?? 1, price: money, sku: sku)
    }
}
