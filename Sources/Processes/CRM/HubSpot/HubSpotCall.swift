import FoundationEssentials
import HTTP
import Outbound

/// One request to HubSpot's API, as a value.
enum HubSpotCall: OutboundCall, Equatable {
    /// `POST /crm/v3/objects/contacts/batch/upsert` by e-mail.
    case upsertContact(email: String, [String: String])
    case findContact(phone: String)
    case createContact([String: String])
    case updateContact(id: String, [String: String])
    /// `GET /crm/v3/objects/deals/{order}?idProperty=`: reads the record itself. A search uses an index that may lag by
    /// half a minute (https://github.com/solspace/craft-freeform/issues/2500).
    case readDeal(order: String)
    case upsertDeal(order: String, [String: String])
    case associate(deal: String, contact: String)
    /// `GET /crm/v3/pipelines/deals`: the pipelines and stages that a connection may name.
    case readPipelines
    /// `POST /crm/v3/properties/deals`: creates the unique property by which deals are found.
    case addOrderProperty

    var method: HTTP.Method {
        switch self {
        case .readDeal, .readPipelines: .get
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
        case .updateContact(let id, _): "/crm/v3/objects/contacts/\(pathSegment(id))"
        case .readDeal(let order): "/crm/v3/objects/deals/\(pathSegment(order))?idProperty=\(HubSpotFields.orderID)"
        case .upsertDeal: "/crm/v3/objects/deals/batch/upsert"
        case .associate(let deal, let contact):
            "/crm/v4/objects/deal/\(pathSegment(deal))/associations/default/contact/\(pathSegment(contact))"
        case .readPipelines: "/crm/v3/pipelines/deals"
        case .addOrderProperty: "/crm/v3/properties/deals"
        }
    }

    var template: String {
        switch self {
        case .updateContact: "/crm/v3/objects/contacts/{contact}"
        case .readDeal: "/crm/v3/objects/deals/{order}"
        case .associate: "/crm/v4/objects/deal/{deal}/associations/default/contact/{contact}"
        // Nothing varies in these.
        case .upsertContact, .findContact, .createContact, .upsertDeal, .readPipelines, .addOrderProperty: path
        }
    }

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
        case .readDeal, .readPipelines, .associate: []
        }
    }

    var isRepeatable: Bool { if case .createContact = self { false } else { true } }
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
    // Strings, numbers and flags only: encoding cannot fail.
    return Array((try? encoder.encode(value)) ?? Data())
}
