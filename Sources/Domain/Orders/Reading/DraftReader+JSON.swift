import JSON

extension DraftReader {
    /// Reads the body's object. Members that we do not know are checked as JSON and left out.
    mutating func read(_ reader: inout JSONReader) throws(JSONError) {
        guard try fields.isNext(.object, &reader, at: .body) else { return }
        try reader.object { reader, key throws(JSONError) in
            if let field = OrderField(key) {
                try read(field, &reader)
            } else if let field = BuyerField(key), field.isWay {
                try read(field, &reader, at: Place(field))
            } else {
                try reader.skip()
            }
        }
    }

    private mutating func read(_ field: OrderField, _ reader: inout JSONReader) throws(JSONError) {
        switch field {
        case .items: try items(&reader)
        case .customer: try customer(&reader)
        case .utm: try utm(&reader)
        default:
            let place = Place(field)
            guard let value = try fields.scalar(field, &reader, at: place) else { return }
            set(field, value, at: place)
        }
    }

    private mutating func read(
        _ field: BuyerField, _ reader: inout JSONReader, at place: Place
    ) throws(JSONError) {
        guard let value = try fields.scalar(field, &reader, at: place) else { return }
        set(field, value, at: place)
    }

    private mutating func customer(_ reader: inout JSONReader) throws(JSONError) {
        guard try fields.isNext(.object, &reader, at: Place(OrderField.customer)) else { return }
        try reader.object { reader, key throws(JSONError) in
            guard let field = BuyerField(key) else { return try reader.skip() }
            try read(field, &reader, at: Place(field, in: .customer))
        }
    }

    private mutating func utm(_ reader: inout JSONReader) throws(JSONError) {
        guard try fields.isNext(.object, &reader, at: Place(OrderField.utm)) else { return }
        draft.utm.reserveCapacity(CampaignTag.allCases.count)
        try reader.object { reader, key throws(JSONError) in
            guard let tag = CampaignTag(key) else { return try reader.skip() }
            let place = Place(tag, in: .utm)
            guard let value = try fields.scalar(tag, &reader, at: place) else { return }
            set(tag, value, at: place)
        }
    }

    private mutating func items(_ reader: inout JSONReader) throws(JSONError) {
        var count = 0
        if fields.isPresent, reader.isNext(.object) {
            // PHP writes a list whose keys are not 0, 1, 2 … as an object with these keys.
            try reader.object { reader, key throws(JSONError) in
                if key.text.utf8.allSatisfy({ $0 &- 0x30 < 10 }) {
                    try item(&count, &reader)
                } else {
                    fields.wrongType(at: Place(OrderField.items), expected: .array, came: .object)
                    try reader.skip()
                }
            }
        } else {
            guard try fields.isNext(.array, &reader, at: Place(OrderField.items)) else { return }
            try reader.array { reader throws(JSONError) in try item(&count, &reader) }
        }
        guard count > Self.itemsMaximum else { return }
        fields.fault(
            .tooMany, at: Place(OrderField.items), expected: "at most \(Self.itemsMaximum) items", came: "\(count)")
    }

    private mutating func item(_ count: inout Int, _ reader: inout JSONReader) throws(JSONError) {
        if count < Self.itemsMaximum {
            try item(count, &reader)
        } else {
            try reader.skip()
        }
        count += 1
    }

    private mutating func item(_ index: Int, _ reader: inout JSONReader) throws(JSONError) {
        guard reader.isNext(.object) else {
            fields.wrongType(at: Place(index: index, in: .items), expected: .object, came: reader.next ?? .null)
            try reader.skip()
            return
        }
        var item = ItemFields(index: index)
        try reader.object { reader, key throws(JSONError) in
            guard let field = ItemField(key) else { return try reader.skip() }
            let place = Place(field, in: .items, index: index)
            guard let value = try fields.scalar(field, &reader, at: place) else { return }
            item.set(field, value, at: place, &fields)
        }
        items.append(item)
    }
}
