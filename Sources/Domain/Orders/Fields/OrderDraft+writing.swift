public import JSON

extension OrderDraft {
    /// The currency of its amounts; nil if it has none.
    var currency: Currency? { (price ?? items.lazy.compactMap(\.price).first)?.currency }

    /// Writes the field as a member; nothing if it is absent.
    public func write(_ field: OrderField, to writer: inout JSONWriter) {
        let name = field.name
        switch field {
        case .externalID: writer.member(name, externalID)
        case .source: writer.member(name, source)
        case .offerID: writer.member(name, offerID)
        case .paymentCreditsID: writer.member(name, paymentCreditsID)
        case .managerID: writer.member(name, managerID)
        case .title: writer.member(name, title)
        case .price: writer.member(name, price)
        case .currency: writer.member(name, currency?.code)
        case .items:
            guard !items.isEmpty else { return }
            writer.key(name)
            writer.array { writer in
                for item in items { writer.object { writer in item.write(to: &writer) } }
            }
        case .customer:
            guard buyer != Buyer() else { return }
            writer.key(name)
            writer.object { writer in buyer.write(to: &writer) }
        case .locale: writer.member(name, locale.rawValue)
        case .utm:
            guard !utm.isEmpty else { return }
            writer.key(name)
            writer.object { writer in
                for tag in CampaignTag.allCases { writer.member(tag.name, utm[tag]) }
            }
        case .transactionDate: writer.member(name, transactionDate?.iso8601)
        case .isNotifyAccount:
            writer.key(name)
            writer.bool(isNotifyAccount)
        }
    }
}

extension Buyer {
    /// Writes its fields as members.
    public func write(to writer: inout JSONWriter) {
        for field in BuyerField.allCases {
            let value =
                switch field {
                case .name: name
                case .email: email
                case .phone: phone
                case .personID: personID
                }
            writer.member(field.name, value)
        }
    }
}

extension Item {
    fileprivate func write(to writer: inout JSONWriter) {
        for field in ItemField.allCases {
            switch field {
            case .title: writer.member(field.name, title)
            case .quantity:
                writer.key(field.name)
                writer.decimal(quantity.decimal)
            case .price: writer.member(field.name, price)
            case .sku: writer.member(field.name, sku)
            }
        }
    }
}

extension OrderChange {
    /// Writes the field as a member; nothing if it is absent.
    func write(_ field: ChangeField, to writer: inout JSONWriter) {
        let name = field.name
        switch field {
        case .status: writer.member(name, status?.rawValue)
        case .price: writer.member(name, price)
        case .currency: writer.member(name, price?.currency.code)
        case .paymentDate: writer.member(name, paymentDate?.iso8601)
        case .userComments: writer.member(name, userComments)
        case .orderID, .externalID, .source: break
        }
    }
}

extension JSONWriter {
    /// An amount as a string: programs that read numbers as binary fractions must not round it.
    fileprivate mutating func member(_ name: StaticString, _ money: Money?) {
        member(name, money?.decimal.description)
    }
}
