/// A form's field names, which say by brackets or points what JSON says by nesting: `customer[email]`,
/// `items[0][title]`, `utm.source`; and `utm_source`, as the tags are called in addresses of pages.
struct FormName {
    var parts: [Substring]

    init(_ name: String) {
        if name.hasPrefix("utm_") {
            parts = ["utm", name.dropFirst(4)]
        } else {
            parts = name.split { $0 == "[" || $0 == "]" || $0 == "." }
            // Empty brackets are a part, too: `items[][title]`.
            if name.hasPrefix("items[][") { parts.insert("", at: 1) }
        }
    }
}

extension DraftReader {
    /// How many fields of a form are read: twenty for each line that an order can have.
    static let formFieldsMaximum = 4096

    /// Reads a form's fields. A name that comes twice is a fault; one that we do not know is left out, with a warning
    /// if it looks like one of ours.
    mutating func read(form pairs: [(name: String, value: String)]) {
        guard pairs.count <= Self.formFieldsMaximum else {
            fields.fault(
                .tooMany, at: .body, expected: "at most \(Self.formFieldsMaximum) fields", came: "\(pairs.count)")
            return
        }
        var seen: Set<String> = []
        var lines = FormLines()
        for (name, value) in pairs {
            let parts = FormName(name).parts
            let isRead = set(parts, .text(value), &seen, &lines)
            if !isRead { unknown(name, parts) }
        }
        guard lines.count <= Self.itemsMaximum else {
            fields.fault(
                .tooMany, at: Place(OrderField.items), expected: "at most \(Self.itemsMaximum) items",
                came: "\(lines.count)")
            return
        }
        items = lines.inOrder
    }

    /// - Returns: whether a rule reads the name.
    private mutating func set(
        _ parts: [Substring], _ value: Scalar, _ seen: inout Set<String>, _ lines: inout FormLines
    ) -> Bool {
        guard let first = parts.first else { return false }
        switch (OrderField(first), parts.count) {
        case (let field?, 1) where field.isScalar:
            let place = Place(field)
            if isFirst(place, &seen) { set(field, value, at: place) }
        case (nil, 1):
            guard let field = BuyerField(first), field.isWay else { return false }
            let place = Place(field)
            if isFirst(place, &seen) { set(field, value, at: place) }
        case (.customer, 2):
            guard let field = BuyerField(parts[1]) else { return false }
            let place = Place(field, in: .customer)
            if isFirst(place, &seen) { set(field, value, at: place) }
        case (.utm, 2):
            guard let tag = CampaignTag(parts[1]) else { return false }
            let place = Place(tag, in: .utm)
            if isFirst(place, &seen) { set(tag, value, at: place) }
        case (.items, 3):
            guard let field = ItemField(parts[2]) else { return false }
            setItem(field, of: parts[1], value, &seen, &lines)
        default: return false
        }
        return true
    }

    private mutating func isFirst(_ place: Place, _ seen: inout Set<String>, as name: String? = nil) -> Bool {
        if seen.insert(name ?? place.pointer).inserted { return true }
        fields.fault(.ambiguous, at: place, expected: "the field once", came: "the field again")
        return false
    }

    private mutating func setItem(
        _ field: ItemField, of line: Substring, _ value: Scalar, _ seen: inout Set<String>, _ lines: inout FormLines
    ) {
        guard fields.isPresent || lines.isOfFirstRules(line) else { return }
        // The first rules read lines by their numbers alone.
        if !lines.isOfFirstRules(line) { fields.differs() }
        guard lines.count <= Self.itemsMaximum else { return }
        let key = lines.key(line, field)
        let place = Place(field, in: .items, index: lines.number(of: key))
        guard isFirst(place, &seen, as: "\(key).\(field)") else { return }
        lines[key].set(field, value, at: place, &fields)
    }

    /// A name that no rule reads: worth a warning if it is hardly intended for anyone else.
    private mutating func unknown(_ name: String, _ parts: [Substring]) {
        guard fields.isPresent, let last = parts.last, !last.isEmpty, name.utf8.count <= 100 else { return }
        let first = parts.first?.lowercased() ?? ""
        let likeness: String? =
            if first == "items" || first == "item" || first == "products" {
                parts.count > 2
                    ? Self.nearest(last, among: ItemField.allCases).map { "items[\(parts[1])][\($0)]" } : nil
            } else if first == "customer", parts.count == 2 {
                Self.nearest(last, among: BuyerField.allCases).map { "customer[\($0)]" }
            } else if parts.count == 1 {
                Self.nearest(last, among: BuyerField.allCases.filter(\.isWay))
                    ?? Self.nearest(last, among: OrderField.allCases.filter(\.isScalar))
            } else {
                nil
            }
        guard let likeness else { return }
        fields.warn(
            .unknownField, at: "/" + parts.joined(separator: "/"),
            "not read: no field has the name \(fields.quoted(name)); did you mean \(likeness)?")
    }

    /// The name that this one may be a typo of: the same but for its case and signs, or within one edit, two in a long
    /// one.
    private static func nearest(_ text: Substring, among fields: [some BodyField]) -> String? {
        func plain(_ text: some StringProtocol) -> String { text.lowercased().filter { $0.isLetter || $0.isNumber } }
        let wanted = plain(text)
        guard wanted.count >= 3 else { return nil }
        let names = fields.map(\.name.description)
        return names.first { plain($0) == wanted }
            ?? names.first { Self.distance(Array(plain($0)), Array(wanted)) <= (wanted.count > 6 ? 2 : 1) }
    }

    /// Edits by which one text becomes the other (Levenshtein).
    private static func distance(_ one: [Character], _ other: [Character]) -> Int {
        guard abs(one.count - other.count) <= 2 else { return 3 }
        var row = Array(0...other.count)
        for (i, letter) in one.enumerated() {
            var diagonal = row[0]
            row[0] = i + 1
            for (j, another) in other.enumerated() {
                let above = row[j + 1]
                row[j + 1] = min(above + 1, row[j] + 1, diagonal + (letter == another ? 0 : 1))
                diagonal = above
            }
        }
        return row[other.count]
    }
}
