import HTTP
import Telemetry

extension HubSpotEmulation {
    private struct Input: Decodable {
        var id: String?
        var idProperty: String?
        var properties: [String: PropertyValue]
    }
    private struct Batch: Decodable { var inputs: [Input] }

    /// `POST /crm/v3/objects/{type}/batch/upsert`:
    /// https://developers.hubspot.com/docs/api-reference/crm-contacts-v3/batch/post-crm-v3-objects-contacts-batch-upsert
    mutating func upsert(_ kind: HubSpotStore.Kind, _ body: [UInt8]) -> Response {
        guard let batch = read(body, as: Batch.self) else { return HubSpotReply.unreadable() }
        // At most 100 inputs: https://developers.hubspot.com/docs/api-reference/crm-contacts-v3/guide
        guard (1...100).contains(batch.inputs.count) else {
            return HubSpotReply.error(400, "VALIDATION_ERROR", "inputs: size must be between 1 and 100")
        }
        // All are checked before any is written: a batch without multi-status handling is accepted whole or not at all.
        var wanted: [(property: String, id: String, properties: [String: String])] = []
        for input in batch.inputs {
            guard let id = input.id, let property = input.idProperty else {
                return HubSpotReply.error(400, "VALIDATION_ERROR", "id and idProperty are required")
            }
            guard store.isUnique(property, kind) else { return HubSpotReply.notUnique(property, of: kind.number) }
            var properties = texts(input.properties)
            if properties[property] == nil { properties[property] = id }
            if let refusal = refusal(kind, properties) { return refusal }
            let existing = store.find(kind, property, id)
            if let conflict = store.conflict(kind, properties, except: existing?.id) {
                return conflictAnswer(kind, conflict)
            }
            wanted.append((property, id, properties))
        }
        var results: [Document] = []
        for (property, id, properties) in wanted {
            let existing = store.find(kind, property, id)
            let object =
                existing.map { store.update(kind, $0.id, properties, now: now)! }
                ?? store.create(kind, properties, now: now)
            guard let object else { return full() }
            results.append(document(object, isNew: existing == nil))
        }
        return HubSpotReply.json(
            200, ["status": "COMPLETE", "results": .list(results), "startedAt": time(now), "completedAt": time(now)])
    }

    /// `POST /crm/v3/objects/{type}`:
    /// https://developers.hubspot.com/docs/api-reference/crm-contacts-v3/basic/post-crm-v3-objects-contacts
    mutating func create(_ kind: HubSpotStore.Kind, _ body: [UInt8]) -> Response {
        guard let input = read(body, as: Input.self) else { return HubSpotReply.unreadable() }
        let properties = texts(input.properties)
        if let refusal = refusal(kind, properties) { return refusal }
        if let conflict = store.conflict(kind, properties, except: nil) { return conflictAnswer(kind, conflict) }
        guard let object = store.create(kind, properties, now: now) else { return full() }
        return HubSpotReply.json(201, document(object))
    }

    /// `PATCH /crm/v3/objects/{type}/{id}?idProperty=`:
    /// https://developers.hubspot.com/docs/api-reference/crm-contacts-v3/basic/patch-crm-v3-objects-contacts-contactId
    mutating func update(_ kind: HubSpotStore.Kind, _ id: String, _ idProperty: String?, _ body: [UInt8]) -> Response {
        guard let input = read(body, as: Input.self) else { return HubSpotReply.unreadable() }
        if let idProperty, !store.isUnique(idProperty, kind) {
            return HubSpotReply.notUnique(idProperty, of: kind.number)
        }
        let found = idProperty.map { store.find(kind, $0, id) } ?? store.object(kind, id)
        guard let object = found else { return HubSpotReply.notFound() }
        let properties = texts(input.properties)
        if let refusal = refusal(kind, properties) { return refusal }
        if let conflict = store.conflict(kind, properties, except: object.id) { return conflictAnswer(kind, conflict) }
        return HubSpotReply.json(200, document(store.update(kind, object.id, properties, now: now)!))
    }

    /// `GET /crm/v3/objects/{type}/{id}?idProperty=`:
    /// https://developers.hubspot.com/docs/api-reference/crm-contacts-v3/basic/get-crm-v3-objects-contacts-contactId
    func get(_ kind: HubSpotStore.Kind, _ id: String, _ idProperty: String?) -> Response {
        if let idProperty, !store.isUnique(idProperty, kind) {
            return HubSpotReply.notUnique(idProperty, of: kind.number)
        }
        let found = idProperty.map { store.find(kind, $0, id) } ?? store.object(kind, id)
        return found.map { HubSpotReply.json(200, document($0)) } ?? HubSpotReply.notFound()
    }

    // MARK: What is checked

    private func texts(_ properties: [String: PropertyValue]) -> [String: String] {
        properties.mapValues { $0.text ?? "" }
    }

    /// The first fault of the values, as HubSpot names it; nil if all are valid.
    private func refusal(_ kind: HubSpotStore.Kind, _ properties: [String: String]) -> Response? {
        for (name, value) in properties.sorted(by: { $0.key < $1.key }) {
            guard store.isKnown(name, kind) else {
                return HubSpotReply.invalidProperty(name, "PROPERTY_DOESNT_EXIST", "Property \(name) does not exist")
            }
            guard !value.isEmpty else { continue }
            switch name {
            case "email" where !(value.contains("@") && value.contains(".") && !value.contains(" ")):
                return HubSpotReply.invalidProperty(name, "INVALID_EMAIL", "Email address \(value) is invalid")
            case "amount" where value.wholeMatch(of: /-?\d{1,18}(\.\d{1,6})?/) == nil:
                return HubSpotReply.invalidProperty(name, "INVALID_LONG", "\(value) was not a valid number.")
            case "dealstage" where !HubSpotStore.stages.contains { $0.id == value }:
                return HubSpotReply.invalidProperty(
                    name, "INVALID_OPTION", "\(value) was not one of the allowed options")
            case "pipeline" where value != "default":
                return HubSpotReply.invalidProperty(
                    name, "INVALID_OPTION", "\(value) was not one of the allowed options")
            // Only currencies that the portal has enabled are accepted; the sandbox has these. No documentation of the
            // answer was found; it is the same as for any other list of options.
            case "deal_currency_code" where !["UAH", "USD", "EUR", "GBP", "PLN", "KZT"].contains(value):
                return HubSpotReply.invalidProperty(
                    name, "INVALID_OPTION", "\(value) was not one of the allowed options")
            default: break
            }
        }
        return nil
    }

    private func conflictAnswer(_ kind: HubSpotStore.Kind, _ conflict: (property: String, value: String, id: String))
        -> Response
    {
        kind == .contacts && conflict.property == "email"
            ? HubSpotReply.contactExists(conflict.id)
            : HubSpotReply.uniqueValueTaken(conflict.property, conflict.value, by: conflict.id)
    }

    /// The sandbox's own limit; HubSpot's accounts have others.
    private func full() -> Response { HubSpotReply.error(400, "VALIDATION_ERROR", "The sandbox is full") }

    // MARK: How objects are shown

    func time(_ milliseconds: Int64) -> Document { .text(WallClock.iso8601(milliseconds)) }

    func document(_ object: HubSpotStore.Object, isNew: Bool? = nil) -> Document {
        var properties = object.properties.sorted { $0.key < $1.key }.map {
            (name: $0.key, value: Document.text($0.value))
        }
        properties.append(("hs_object_id", .text(object.id)))
        var members: [(name: String, value: Document)] = [
            ("id", .text(object.id)), ("properties", .object(properties)), ("createdAt", time(object.createdAt)),
            ("updatedAt", time(object.updatedAt)), ("archived", false),
        ]
        if let isNew { members.append(("new", .flag(isNew))) }
        return .object(members)
    }
}
