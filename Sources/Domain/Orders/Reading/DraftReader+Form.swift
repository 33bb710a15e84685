/// A form's field names, which say by brackets or points what JSON says by nesting: `customer[email]`,
/// `items[0][title]`, `utm.source`; and `utm_source`, as the tags are called in addresses of pages.
struct FormName {
    var parts: [Substring]

    init(_ name: String) {
        if name.hasPrefix("utm_") {
            parts = ["utm", name.dropFirst(4)]
        } else {
            parts = name.split { $0 == "[" || $0 == "]" || $0 == "." }
        }
    }
}

extension DraftReader {
    /// How many fields of a form are looked at: as many as the largest order can have.
    static let formFieldsMax = 1024

    /// Reads a form's fields. Names that we do not know are left out; a name that comes twice is a fault.
    mutating func read(form pairs: [(name: String, value: String)]) {
        guard pairs.count <= Self.formFieldsMax else {
            fields.fault(
                .tooMany, at: .body, expected: "at most \(Self.formFieldsMax) fields", came: "\(pairs.count)")
            return
        }
        var seen: Set<String> = []
        var lines: [Int: ItemFields] = [:]
        for (name, value) in pairs {
            let parts = FormName(name).parts
            if parts.first == "items" {
                setItem(parts, .text(value), &seen, &lines)
            } else if let (field, place) = Self.field(parts) {
                if isFirst(place, &seen) { set(field, .text(value), at: place) }
            } else if let (tag, place) = Self.tag(parts) {
                if isFirst(place, &seen) { set(tag: tag, .text(value), at: place) }
            }
        }
        items = lines.keys.sorted().compactMap { lines[$0] }
    }

    private mutating func isFirst(_ place: Place, _ seen: inout Set<String>) -> Bool {
        if seen.insert(place.pointer).inserted { return true }
        fields.fault(.ambiguous, at: place, expected: "the field once", came: "the field again")
        return false
    }

    private mutating func setItem(
        _ parts: [Substring], _ value: Scalar, _ seen: inout Set<String>, _ lines: inout [Int: ItemFields]
    ) {
        guard parts.count == 3, let index = Int(parts[1]), index >= 0 else { return }
        guard index < Self.itemsMax else {
            let place = Place("items")
            guard seen.insert(place.pointer).inserted else { return }
            fields.fault(.tooMany, at: place, expected: "at most \(Self.itemsMax) items", came: "item \(index)")
            return
        }
        let field: ItemFields.Field
        let name: StaticString
        switch parts[2] {
        case "title": (field, name) = (.title, "title")
        case "quantity": (field, name) = (.quantity, "quantity")
        case "price": (field, name) = (.price, "price")
        case "sku": (field, name) = (.sku, "sku")
        default: return
        }
        let place = Place(name, in: "items", index: index)
        guard isFirst(place, &seen) else { return }
        lines[index, default: ItemFields(index: index)].set(field, value, at: place, &fields)
    }

    private static func field(_ parts: [Substring]) -> (Field, Place)? {
        if parts.count == 2, parts[0] == "customer" {
            switch parts[1] {
            case "name": return (.name, Place("name", in: "customer"))
            case "email": return (.email, Place("email", in: "customer"))
            case "phone": return (.phone, Place("phone", in: "customer"))
            case "personId": return (.personID, Place("personId", in: "customer"))
            default: return nil
            }
        }
        guard parts.count == 1 else { return nil }
        switch parts[0] {
        case "email": return (.email, Place("email"))
        case "phone": return (.phone, Place("phone"))
        case "price": return (.price, Place("price"))
        case "currency": return (.currency, Place("currency"))
        case "externalId": return (.externalID, Place("externalId"))
        case "source": return (.source, Place("source"))
        case "offerId": return (.offerID, Place("offerId"))
        case "paymentCreditsId": return (.paymentCreditsID, Place("paymentCreditsId"))
        case "managerId": return (.managerID, Place("managerId"))
        case "personId": return (.personID, Place("personId"))
        case "title": return (.title, Place("title"))
        case "locale": return (.locale, Place("locale"))
        case "transactionDate": return (.transactionDate, Place("transactionDate"))
        case "isNotifyAccount": return (.isNotifyAccount, Place("isNotifyAccount"))
        default: return nil
        }
    }

    private static func tag(_ parts: [Substring]) -> (String, Place)? {
        guard parts.count == 2, parts[0] == "utm" else { return nil }
        switch parts[1] {
        case "source": return ("source", Place("source", in: "utm"))
        case "medium": return ("medium", Place("medium", in: "utm"))
        case "campaign": return ("campaign", Place("campaign", in: "utm"))
        case "term": return ("term", Place("term", in: "utm"))
        case "content": return ("content", Place("content", in: "utm"))
        default: return nil
        }
    }
}
