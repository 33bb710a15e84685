import FoundationEssentials
import HTTP

/// One request to HubSpot's API, as a value: method, path, body. Without address and token, so that nothing here can
/// put a secret where it does not belong.
enum HubSpotCall: Equatable {
    /// `POST /crm/v3/objects/contacts/batch/upsert` by e-mail.
    case upsertContact(email: String, [String: String])
    case findContact(phone: String)
    case createContact([String: String])
    case updateContact(id: String, [String: String])
    /// `GET /crm/v3/objects/deals/{order}?idProperty=`: reads the record itself. A search would ask an index that may
    /// be half a minute late (https://github.com/solspace/craft-freeform/issues/2500).
    case readDeal(order: String)
    case upsertDeal(order: String, [String: String])
    case associate(deal: String, contact: String)
    /// `POST /crm/v3/properties/deals`: makes the unique property by which deals are found.
    case addOrderProperty

    var method: HTTP.Method {
        switch self {
        case .readDeal: .get
        case .updateContact: .patch
        case .associate: .put
        default: .post
        }
    }

    var path: String {
        switch self {
        case .upsertContact: "/crm/v3/objects/contacts/batch/upsert"
        case .findContact: "/crm/v3/objects/contacts/search"
        case .createContact: "/crm/v3/objects/contacts"
        case .updateContact(let id, _): "/crm/v3/objects/contacts/\(escaped(id))"
        case .readDeal(let order): "/crm/v3/objects/deals/\(escaped(order))?idProperty=\(HubSpotFields.orderID)"
        case .upsertDeal: "/crm/v3/objects/deals/batch/upsert"
        case .associate(let deal, let contact):
            "/crm/v4/objects/deal/\(escaped(deal))/associations/default/contact/\(escaped(contact))"
        case .addOrderProperty: "/crm/v3/properties/deals"
        }
    }

    /// Empty where there is none.
    var body: [UInt8] {
        switch self {
        case .upsertContact(let email, let properties):
            json(Batch(inputs: [.init(id: email, idProperty: "email", properties: properties)]))
        case .findContact(let phone):
            json(
                Search(
                    filterGroups: [.init(filters: [.init(propertyName: "phone", operator: "EQ", value: phone)])],
                    limit: 2))
        case .createContact(let properties), .updateContact(_, let properties): json(["properties": properties])
        case .upsertDeal(let order, let properties):
            json(Batch(inputs: [.init(id: order, idProperty: HubSpotFields.orderID, properties: properties)]))
        case .addOrderProperty:
            json(
                Property(
                    name: HubSpotFields.orderID, label: "OrderRelay order", type: "string", fieldType: "text",
                    groupName: "dealinformation", hasUniqueValue: true))
        case .readDeal, .associate: []
        }
    }

    /// Whether doing it twice may leave two of something; everything else here comes to the same however often it is done.
    var isRepeatable: Bool { if case .createContact = self { false } else { true } }

    func request(url: String, token: String, timeout: Duration) -> ClientRequest {
        var base = url
        while base.hasSuffix("/") { base.removeLast() }
        var fields: HeaderFields = ["Authorization": "Bearer \(token)", "Accept": "application/json"]
        let body = body
        if !body.isEmpty { fields.add("Content-Type", "application/json") }
        return ClientRequest(
            method, base + path, fields: fields, body: body, timeout: timeout, answerBytesMaximum: 1 << 20)
    }
}

private struct Batch: Encodable {
    struct Input: Encodable {
        var id: String
        var idProperty: String
        var properties: [String: String]
    }
    var inputs: [Input]
}

private struct Search: Encodable {
    struct Filter: Encodable {
        var propertyName: String
        var `operator`: String
        var value: String
    }
    struct Group: Encodable { var filters: [Filter] }
    var filterGroups: [Group]
    var limit: Int
}

private struct Property: Encodable {
    var name: String
    var label: String
    var type: String
    var fieldType: String
    var groupName: String
    var hasUniqueValue: Bool
}

private func json(_ value: some Encodable) -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    // Strings, numbers and flags only: nothing here can fail to encode.
    return Array((try? encoder.encode(value)) ?? Data())
}

/// One segment of a path: all but the unreserved characters percent-encoded (RFC 3986 §2.3).
private func escaped(_ segment: String) -> String {
    segment.utf8.map { byte -> String in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."):
            String(Unicode.Scalar(byte))
        default: "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
        }
    }.joined()
}
