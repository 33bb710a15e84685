import Telemetry

/// The objects of the sandbox CRM, as a plain value.
struct HubSpotStore: Sendable {
    struct Object: Sendable {
        let id: String
        var properties: [String: String]
        let createdAt: Int64
        var updatedAt: Int64
    }

    /// The two kinds of objects that the sandbox knows.
    enum Kind: String, Sendable, CaseIterable {
        case contacts, deals
        /// HubSpot's number of the type, as error messages have it.
        var number: String { self == .contacts ? "0-1" : "0-3" }
        /// The path takes either, and singular names in associations.
        init?(path: some StringProtocol) {
            switch path {
            case "contacts", "contact", "0-1": self = .contacts
            case "deals", "deal", "0-3": self = .deals
            default: return nil
            }
        }
    }

    /// Objects of one kind; a full sandbox refuses more.
    static let objectsMaximum = 500_000
    /// Properties that a fresh account has, as far as a relay writes them. `email` alone is unique.
    /// https://knowledge.hubspot.com/properties/hubspots-default-contact-properties, …/hubspots-default-deal-properties
    private static let defaults: [Kind: Set<String>] = [
        .contacts: [
            "email", "firstname", "lastname", "phone", "mobilephone", "hs_language", "lifecyclestage", "company",
            "hs_object_id", "createdate", "lastmodifieddate",
        ],
        .deals: [
            "dealname", "amount", "dealstage", "pipeline", "closedate", "deal_currency_code", "description", "dealtype",
            "hs_object_id", "createdate", "hs_lastmodifieddate",
        ],
    ]
    /// The stages of a fresh account's only deal pipeline, `default`:
    /// https://developers.hubspot.com/docs/api-reference/crm-pipelines-v3/guide
    static let stages: [(id: String, label: String)] = [
        ("appointmentscheduled", "Appointment Scheduled"), ("qualifiedtobuy", "Qualified To Buy"),
        ("presentationscheduled", "Presentation Scheduled"), ("decisionmakerboughtin", "Decision Maker Bought-In"),
        ("contractsent", "Contract Sent"), ("closedwon", "Closed Won"), ("closedlost", "Closed Lost"),
    ]

    private(set) var objects: [Kind: [String: Object]] = [.contacts: [:], .deals: [:]]
    private(set) var customProperties: [Kind: Set<String>] = [:]
    private(set) var uniqueProperties: [Kind: Set<String>] = [.contacts: ["email"]]
    /// By kind, property and value: the object's id.
    private var index: [Kind: [String: [String: String]]] = [:]
    /// What was written since the emulation last looked: by one request, at most a batch.
    var written: [(kind: Kind, object: Object)] = []
    /// Deal → contacts.
    private(set) var contactsOfDeal: [String: Set<String>] = [:]
    /// Starts at another number each time, so that an id kept from an earlier run belongs to nothing.
    private var lastID: Int

    init(firstID: Int) { lastID = firstID }

    mutating func addProperty(_ name: String, to kind: Kind, isUnique: Bool) -> Bool {
        guard !isKnown(name, kind) else { return false }
        customProperties[kind, default: []].insert(name)
        if isUnique { uniqueProperties[kind, default: []].insert(name) }
        return true
    }

    func isKnown(_ property: String, _ kind: Kind) -> Bool {
        Self.defaults[kind]!.contains(property) || customProperties[kind, default: []].contains(property)
    }

    func isUnique(_ property: String, _ kind: Kind) -> Bool { uniqueProperties[kind, default: []].contains(property) }

    /// The object with this value of a unique property.
    func find(_ kind: Kind, _ property: String, _ value: String) -> Object? {
        index[kind]?[property]?[Self.canonical(property, value)].flatMap { objects[kind]![$0] }
    }

    func object(_ kind: Kind, _ id: String) -> Object? { objects[kind]![id] }

    /// Another object that has a unique value of these properties; nil if the values are free.
    func conflict(_ kind: Kind, _ properties: [String: String], except id: String?) -> (
        property: String, value: String, id: String
    )? {
        for property in uniqueProperties[kind, default: []].sorted() {
            guard let value = properties[property], let other = find(kind, property, value), other.id != id else {
                continue
            }
            return (property, value, other.id)
        }
        return nil
    }

    /// nil if the store is full.
    mutating func create(_ kind: Kind, _ properties: [String: String], now: Int64) -> Object? {
        guard objects[kind]!.count < Self.objectsMaximum else { return nil }
        lastID += 1
        let object = Object(id: String(lastID), properties: [:], createdAt: now, updatedAt: now)
        objects[kind]![object.id] = object
        return update(kind, object.id, properties, now: now)
    }

    @discardableResult
    mutating func update(_ kind: Kind, _ id: String, _ properties: [String: String], now: Int64) -> Object? {
        guard var object = objects[kind]![id] else { return nil }
        for (name, value) in properties {
            if isUnique(name, kind) {
                if let old = object.properties[name] { index[kind]?[name]?[Self.canonical(name, old)] = nil }
                if !value.isEmpty { index[kind, default: [:]][name, default: [:]][Self.canonical(name, value)] = id }
            }
            object.properties[name] = value.isEmpty ? nil : (name == "email" ? value.lowercased() : value)
        }
        object.updatedAt = now
        objects[kind]![id] = object
        written.append((kind, object))
        return object
    }

    mutating func associate(deal: String, contact: String) { contactsOfDeal[deal, default: []].insert(contact) }

    /// E-mail addresses are compared, and kept, in lower case.
    private static func canonical(_ property: String, _ value: String) -> String {
        property == "email" ? value.lowercased() : value
    }
}
