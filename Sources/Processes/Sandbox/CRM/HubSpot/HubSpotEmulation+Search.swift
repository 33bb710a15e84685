import HTTP

extension HubSpotEmulation {
    private struct Search: Decodable {
        struct Filter: Decodable {
            var propertyName: String
            var `operator`: String
            var value: String?
        }
        struct Group: Decodable { var filters: [Filter] }
        var filterGroups: [Group]?
        var limit: Int?
    }

    /// `POST /crm/v3/objects/{type}/search`, filters with EQ:
    /// https://developers.hubspot.com/docs/api-reference/2026-03/crm/search-the-crm
    func search(_ kind: HubSpotStore.Kind, _ body: [UInt8]) -> Response {
        guard let search = read(body, as: Search.self) else { return HubSpotReply.unreadable() }
        let groups = search.filterGroups ?? []
        // Five groups at most: https://developers.hubspot.com/changelog/breaking-change-expanded-filtering-capabilities-and-error-messaging-in-hubspots-search-api
        guard groups.count <= 5, (search.limit ?? 10) <= 200 else {
            return HubSpotReply.error(400, "VALIDATION_ERROR", "There was a problem with the request.")
        }
        for filter in groups.flatMap(\.filters) {
            guard filter.operator == "EQ" else {
                return HubSpotReply.error(400, "VALIDATION_ERROR", "The sandbox searches by EQ only")
            }
            guard store.isKnown(filter.propertyName, kind) else {
                return HubSpotReply.error(400, "VALIDATION_ERROR", "There was a problem with the request.")
            }
        }
        let found = matches(kind, groups)
        let shown = found.prefix(search.limit ?? 10)
        return HubSpotReply.json(200, ["total": .number(found.count), "results": .list(shown.map { document($0) })])
    }

    private func matches(_ kind: HubSpotStore.Kind, _ groups: [Search.Group]) -> [HubSpotStore.Object] {
        // The usual case, one unique value, needs no look at every object.
        if groups.count == 1, groups[0].filters.count == 1, let value = groups[0].filters[0].value,
            store.isUnique(groups[0].filters[0].propertyName, kind)
        {
            return store.find(kind, groups[0].filters[0].propertyName, value).map { [$0] } ?? []
        }
        return store.objects[kind]!.values.filter { object in
            groups.isEmpty || groups.contains { group in group.filters.allSatisfy { has(object, $0) } }
        }.sorted { ($0.createdAt, $0.id) < ($1.createdAt, $1.id) }
    }

    private func has(_ object: HubSpotStore.Object, _ filter: Search.Filter) -> Bool {
        let value = filter.propertyName == "hs_object_id" ? object.id : object.properties[filter.propertyName]
        return value?.lowercased() == filter.value?.lowercased()
    }

    /// `PUT /crm/v4/objects/{from}/{id}/associations/default/{to}/{id}`:
    /// https://developers.hubspot.com/docs/api-reference/crm-associations-v4/basic/put-crm-v4-objects-fromObjectType-fromObjectId-associations-default-toObjectType-toObjectId
    mutating func associate(_ from: String, _ fromID: String, _ to: String, _ toID: String) -> Response {
        guard let fromKind = HubSpotStore.Kind(path: from), let toKind = HubSpotStore.Kind(path: to), fromKind != toKind
        else {
            return HubSpotReply.error(400, "VALIDATION_ERROR", "Unable to infer object type from: \(from) and \(to)")
        }
        guard store.object(fromKind, fromID) != nil, store.object(toKind, toID) != nil else {
            return HubSpotReply.notFound()
        }
        let deal = fromKind == .deals ? fromID : toID
        store.associate(deal: deal, contact: fromKind == .deals ? toID : fromID)
        // Types 3 (deal to contact) and 4 (contact to deal):
        // https://developers.hubspot.com/docs/api-reference/crm-associations-v4/guide
        let there = fromKind == .deals ? 3 : 4
        func result(_ one: String, _ other: String, _ type: Int) -> Document {
            [
                "from": ["id": .text(one)], "to": ["id": .text(other)],
                "associationSpec": ["associationCategory": "HUBSPOT_DEFINED", "associationTypeId": .number(type)],
            ]
        }
        return HubSpotReply.json(
            200,
            [
                "status": "COMPLETE",
                "results": [result(fromID, toID, there), result(toID, fromID, 7 - there)],
                "startedAt": time(now), "completedAt": time(now),
            ])
    }

    /// `GET /crm/v3/pipelines/deals`: https://developers.hubspot.com/docs/api-reference/crm-pipelines-v3/guide
    func pipelines() -> Response {
        let stages = HubSpotStore.stages.enumerated().map { index, stage -> Document in
            [
                "id": .text(stage.id), "label": .text(stage.label), "displayOrder": .number(index), "archived": false,
                "metadata": ["isClosed": .text(stage.id.hasPrefix("closed") ? "true" : "false")],
            ]
        }
        return HubSpotReply.json(
            200,
            [
                "results": [
                    [
                        "id": "default", "label": "Sales Pipeline", "displayOrder": 0, "archived": false,
                        "stages": .list(stages),
                    ]
                ]
            ])
    }

    private struct Property: Decodable {
        var name: String
        var label: String
        var type: String
        var fieldType: String
        var groupName: String
        var hasUniqueValue: Bool?
    }

    /// `POST /crm/v3/properties/{type}`: https://developers.hubspot.com/docs/api-reference/crm-properties-v3/guide
    mutating func addProperty(_ kind: HubSpotStore.Kind, _ body: [UInt8]) -> Response {
        guard let property = read(body, as: Property.self) else { return HubSpotReply.unreadable() }
        guard store.addProperty(property.name, to: kind, isUnique: property.hasUniqueValue ?? false) else {
            // No published example of the whole body was found; the status is that of other conflicts.
            return HubSpotReply.error(
                409, "OBJECT_ALREADY_EXISTS", "A property named '\(property.name)' already exists.")
        }
        return HubSpotReply.json(
            201,
            [
                "name": .text(property.name), "label": .text(property.label), "type": .text(property.type),
                "fieldType": .text(property.fieldType), "groupName": .text(property.groupName),
                "hasUniqueValue": .flag(property.hasUniqueValue ?? false), "archived": false,
            ])
    }
}
