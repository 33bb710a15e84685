import JSON

/// Reads an order's draft from a body, field by field, and continues after a fault so that all are reported.
struct DraftReader {
    static let idCountMaximum = 100
    /// As many as a shop's database keeps (VARCHAR(255)), of names, titles and numbers.
    static let nameCountMaximum = 255
    static let itemsMaximum = 200

    var fields: FieldReader
    var draft: OrderDraft
    var items: [ItemFields] = []
    private var price: FieldReader.Amount?
    private var currency: Currency?
    private var hasCurrency = false

    init(
        settings: AccountSettings, origin: FieldReader.Origin, rules: FieldReader.Rules = .present,
        isStrict: Bool = false
    ) {
        fields = FieldReader(settings: settings, origin: origin, rules: rules, isStrict: isStrict)
        draft = OrderDraft(locale: settings.locale)
    }

    /// Sets a field that is a single value.
    mutating func set(_ field: OrderField, _ value: Scalar, at place: Place) {
        switch field {
        case .externalID: draft.externalID = identifier(value, at: place, countMaximum: Self.nameCountMaximum)
        case .source: draft.source = identifier(value, at: place, countMaximum: Self.nameCountMaximum)
        case .offerID: draft.offerID = identifier(value, at: place)
        case .paymentCreditsID: draft.paymentCreditsID = identifier(value, at: place)
        case .managerID: draft.managerID = identifier(value, at: place)
        case .title: draft.title = fields.text(value, at: place, style: .line, countMaximum: Self.nameCountMaximum)
        case .price: price = fields.amount(value, at: place)
        case .currency:
            let faultCount = fields.faults.count
            currency = fields.currency(value, at: place)
            hasCurrency = currency != nil || fields.faults.count > faultCount
        case .locale: draft.locale = fields.locale(value, at: place) ?? draft.locale
        case .transactionDate: draft.transactionDate = fields.date(value, at: place)
        case .isNotifyAccount: draft.isNotifyAccount = fields.bool(value, at: place) ?? true
        case .items, .customer, .utm: break
        }
    }

    mutating func set(_ field: BuyerField, _ value: Scalar, at place: Place) {
        switch field {
        case .name:
            let name = fields.text(value, at: place, style: .line, countMaximum: Self.nameCountMaximum)
            fields.setOnce(&draft.buyer.name, name, at: place)
        case .email: fields.setOnce(&draft.buyer.email, fields.email(value, at: place), at: place)
        case .phone: fields.setOnce(&draft.buyer.phone, fields.phone(value, at: place), at: place)
        case .personID: fields.setOnce(&draft.buyer.personID, identifier(value, at: place), at: place)
        }
    }

    mutating func set(_ tag: CampaignTag, _ value: Scalar, at place: Place) {
        draft.utm[tag] = fields.text(value, at: place, style: .identifier, countMaximum: Self.nameCountMaximum)
    }

    private mutating func identifier(_ value: Scalar, at place: Place, countMaximum: Int = idCountMaximum) -> String? {
        fields.text(value, at: place, style: .identifier, countMaximum: countMaximum)
    }

    /// Checks what needs several fields at once.
    mutating func finish() throws(BodyError) -> OrderDraft {
        let currency = currency ?? (hasCurrency ? nil : fields.settings.currency)
        if let price, let currency { draft.price = fields.money(price, currency: currency, of: .order) }
        draft.items.reserveCapacity(items.count)
        for item in items {
            if let line = item.line(currency: currency, &fields) { draft.items.append(line) }
        }
        if fields.origin == .asked {
            if fields.isPresent {
                judgeLines()
                softenFaults()
            }
            requireBuyer()
        }
        guard fields.faults.isEmpty else { throw .faults(fields.faults) }
        return draft
    }

    /// If the lines' sum differs from the price, the price holds: it may include discounts and delivery. Without a
    /// price, the lines' sum is the order's total, and no order costs less than nothing.
    private mutating func judgeLines() {
        var sum: Int64 = 0
        for item in draft.items {
            // All lines of a body are priced in its one currency.
            guard let line = item.sum else { return }
            let (added, isTooLarge) = sum.addingReportingOverflow(line.minorUnits)
            if isTooLarge { return }
            sum = added
        }
        guard let currency = draft.items.first?.price?.currency else { return }
        if let price = draft.price {
            guard price.minorUnits != sum else { return }
            fields.warn(.linesDiffer(sum: Money(minorUnits: sum, currency: currency), price: price))
        } else if sum < 0, price == nil {
            fields.fault(
                .wrongPrice, at: Place(OrderField.items), expected: "items that come to 0 or more",
                came: "\(Money(minorUnits: sum, currency: currency).decimal)")
        }
    }

    /// Shops cannot ask a buyer to send an order again: what concerns neither identity, nor money, nor the only way to
    /// reach the buyer is left out, with a warning.
    private mutating func softenFaults() {
        let buyer = draft.buyer
        let isReachable = buyer.email != nil || buyer.phone != nil || buyer.personID != nil
        fields.softenFaults { fault in
            if fault.code == .ambiguous { return false }
            return fault.isAbout(OrderField.locale) || fault.isWithin(.utm)
                || isReachable && fault.isAbout(BuyerField.email, .phone)
        }
    }

    private mutating func requireBuyer() {
        let buyer = draft.buyer
        guard buyer.email == nil, buyer.phone == nil, buyer.personID == nil else { return }
        let isReported = fields.faults.contains {
            $0.pointer.isEmpty || $0.isAbout(BuyerField.email, .phone, .personID)
        }
        guard !isReported else { return }
        fields.fault(
            .required, at: Place(BuyerField.email), expected: "an email, a phone or a personId", came: "none of them")
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
    var index: Int
    var title: String?
    var quantity: Quantity?
    var price: FieldReader.Amount?
    var sku: String?
    private var isTitleFaulty = false

    init(index: Int) { self.index = index }

    mutating func set(_ field: ItemField, _ value: Scalar, at place: Place, _ fields: inout FieldReader) {
        switch field {
        case .title:
            let faultCount = fields.faults.count
            title = fields.text(value, at: place, style: .line, countMaximum: DraftReader.nameCountMaximum)
            isTitleFaulty = fields.faults.count > faultCount
        case .quantity: quantity = fields.quantity(value, at: place)
        case .price: price = fields.amount(value, at: place)
        case .sku: sku = fields.text(value, at: place, style: .identifier, countMaximum: DraftReader.idCountMaximum)
        }
    }

    /// - Parameter currency: nil if the body's currency is at fault: prices then cannot be checked.
    func line(currency: Currency?, _ fields: inout FieldReader) -> Item? {
        guard let title else {
            if !isTitleFaulty {
                fields.fault(
                    .required, at: Place(ItemField.title, in: .items, index: index), expected: "the item's title",
                    came: "nothing")
            }
            return nil
        }
        var money: Money?
        if let price, let currency { money = fields.money(price, currency: currency, of: .line) }
        return Item(title: title, quantity: quantity ?? 1, price: money, sku: sku)
    }
}
