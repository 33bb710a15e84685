import JSON

extension DraftReader {
    /// Reads the body's object. Members that we do not know are checked as JSON and left out.
    mutating func read(_ reader: inout JSONReader) throws(JSONError) {
        guard try fields.isNext(.object, &reader, at: .body) else { return }
        try reader.object { reader, key throws(JSONError) in
            switch key {
            case "email": try member(.email, "email", &reader)
            case "phone": try member(.phone, "phone", &reader)
            case "price": try member(.price, "price", &reader, expected: .number)
            case "currency": try member(.currency, "currency", &reader)
            case "items": try items(&reader)
            case "customer": try customer(&reader)
            case "externalId": try member(.externalID, "externalId", &reader)
            case "source": try member(.source, "source", &reader)
            case "offerId": try member(.offerID, "offerId", &reader)
            case "paymentCreditsId": try member(.paymentCreditsID, "paymentCreditsId", &reader)
            case "managerId": try member(.managerID, "managerId", &reader)
            case "personId": try member(.personID, "personId", &reader)
            case "title": try member(.title, "title", &reader)
            case "locale": try member(.locale, "locale", &reader)
            case "transactionDate": try member(.transactionDate, "transactionDate", &reader)
            case "isNotifyAccount": try member(.isNotifyAccount, "isNotifyAccount", &reader, expected: .bool)
            case "utm": try utm(&reader)
            default: try reader.skip()
            }
        }
    }

    private mutating func member(
        _ field: Field, _ name: StaticString, in container: StaticString? = nil, _ reader: inout JSONReader,
        expected: JSONKind = .string
    ) throws(JSONError) {
        let place = Place(name, in: container)
        guard let value = try fields.scalar(&reader, at: place, expected: expected) else { return }
        set(field, value, at: place)
    }

    private mutating func customer(_ reader: inout JSONReader) throws(JSONError) {
        guard try fields.isNext(.object, &reader, at: Place("customer")) else { return }
        try reader.object { reader, key throws(JSONError) in
            switch key {
            case "name": try member(.name, "name", in: "customer", &reader)
            case "email": try member(.email, "email", in: "customer", &reader)
            case "phone": try member(.phone, "phone", in: "customer", &reader)
            case "personId": try member(.personID, "personId", in: "customer", &reader)
            default: try reader.skip()
            }
        }
    }

    private mutating func utm(_ reader: inout JSONReader) throws(JSONError) {
        guard try fields.isNext(.object, &reader, at: Place("utm")) else { return }
        try reader.object { reader, key throws(JSONError) in
            switch key {
            case "source": try tag("source", &reader)
            case "medium": try tag("medium", &reader)
            case "campaign": try tag("campaign", &reader)
            case "term": try tag("term", &reader)
            case "content": try tag("content", &reader)
            default: try reader.skip()
            }
        }
    }

    private mutating func tag(_ name: StaticString, _ reader: inout JSONReader) throws(JSONError) {
        let place = Place(name, in: "utm")
        guard let value = try fields.scalar(&reader, at: place) else { return }
        set(tag: name.description, value, at: place)
    }

    private mutating func items(_ reader: inout JSONReader) throws(JSONError) {
        guard try fields.isNext(.array, &reader, at: Place("items")) else { return }
        var count = 0
        try reader.array { reader throws(JSONError) in
            if count < Self.itemsMax {
                try item(count, &reader)
            } else {
                try reader.skip()
            }
            count += 1
        }
        guard count > Self.itemsMax else { return }
        fields.fault(.tooMany, at: Place("items"), expected: "at most \(Self.itemsMax) items", came: "\(count)")
    }

    private mutating func item(_ index: Int, _ reader: inout JSONReader) throws(JSONError) {
        guard reader.isNext(.object) else {
            fields.wrongType(at: Place(in: "items", index: index), expected: .object, came: reader.next ?? .null)
            try reader.skip()
            return
        }
        var item = ItemFields(index: index)
        try reader.object { reader, key throws(JSONError) in
            switch key {
            case "title": try part(.title, "title", of: &item, &reader)
            case "quantity": try part(.quantity, "quantity", of: &item, &reader, expected: .number)
            case "price": try part(.price, "price", of: &item, &reader, expected: .number)
            case "sku": try part(.sku, "sku", of: &item, &reader)
            default: try reader.skip()
            }
        }
        items.append(item)
    }

    private mutating func part(
        _ field: ItemFields.Field, _ name: StaticString, of item: inout ItemFields, _ reader: inout JSONReader,
        expected: JSONKind = .string
    ) throws(JSONError) {
        let place = Place(name, in: "items", index: item.index)
        guard let value = try fields.scalar(&reader, at: place, expected: expected) else { return }
        item.set(field, value, at: place, &fields)
    }
}
