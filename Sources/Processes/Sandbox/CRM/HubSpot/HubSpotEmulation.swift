import HTTP
import Telemetry

/// HubSpot's API (v3 objects, v4 associations), as it is documented.
struct HubSpotEmulation: EmulatedCRM {
    static let pathPrefix = "/crm/"

    var store: HubSpotStore
    /// Milliseconds since 1970, set before each request.
    var now: Int64

    init(now: Int64) {
        store = HubSpotStore(firstID: Int(now))
        self.now = now
    }

    mutating func answer(_ request: Request, token: String?, now: Int64) -> Response {
        self.now = now
        // Authentication comes before all else; the scheme is `Bearer`:
        // https://developers.hubspot.com/docs/guides/apps/private-apps/overview
        guard let authorization = request.head.fields["Authorization"], authorization.hasPrefix("Bearer "),
            token == nil || authorization.dropFirst(7) == token!, authorization.count > 7
        else { return HubSpotReply.unauthorized() }
        let path = request.head.path.split(separator: "/").map { percentDecoded($0) }
        let idProperty = request.head.query.first { $0.name == "idProperty" }?.value
        return answer(request, path, idProperty: idProperty)
    }

    func refusal(_ fault: CRMFaults.What) -> Response? {
        switch fault {
        case .status(401): HubSpotReply.unauthorized()
        case .status(403): HubSpotReply.missingScopes("crm.objects.deals.write")
        case .status(409): HubSpotReply.contactExists("10001")
        case .status(let status): HubSpotReply.serverError(status)
        case .refuses(let property, let code):
            HubSpotReply.invalidProperty(property, code, "\(property) was refused")
        case .rateLimited(let daily, let retryAfter): HubSpotReply.rateLimited(daily: daily, retryAfter: retryAfter)
        case .redirect, .hang, .hangDone, .close, .closeDone, .half, .huge, .slow: nil
        }
    }

    func entries(of type: String) -> [SandboxCRM.Entry] {
        guard let kind = HubSpotStore.Kind(path: type) else { return [] }
        return store.objects[kind]!.values.sorted { ($0.createdAt, $0.id) > ($1.createdAt, $1.id) }
            .map { entry(kind, $0) }
    }

    mutating func takeWritten() -> [SandboxCRM.Entry] {
        defer { store.written = [] }
        return store.written.map { entry($0.kind, $0.object) }
    }

    private func entry(_ kind: HubSpotStore.Kind, _ object: HubSpotStore.Object) -> SandboxCRM.Entry {
        SandboxCRM.Entry(
            id: object.id, properties: object.properties, updatedAt: object.updatedAt,
            contacts: kind == .deals ? store.contactsOfDeal[object.id, default: []].sorted() : [])
    }

    func count(of type: String) -> Int { HubSpotStore.Kind(path: type).map { store.objects[$0]!.count } ?? 0 }

    private mutating func answer(_ request: Request, _ path: [String], idProperty: String?) -> Response {
        switch (request.head.method, path.count) {
        case (.post, 6) where path.starts(with: ["crm", "v3", "objects"]) && path.suffix(2) == ["batch", "upsert"]:
            return withKind(path[3]) { kind in upsert(kind, request.body) }
        case (.post, 5) where path.starts(with: ["crm", "v3", "objects"]) && path[4] == "search":
            return withKind(path[3]) { kind in search(kind, request.body) }
        case (.post, 4) where path.starts(with: ["crm", "v3", "objects"]):
            return withKind(path[3]) { kind in create(kind, request.body) }
        case (.patch, 5) where path.starts(with: ["crm", "v3", "objects"]):
            return withKind(path[3]) { kind in update(kind, path[4], idProperty, request.body) }
        case (.get, 5) where path.starts(with: ["crm", "v3", "objects"]):
            return withKind(path[3]) { kind in get(kind, path[4], idProperty) }
        case (.put, 9)
        where path.starts(with: ["crm", "v4", "objects"]) && path[5] == "associations" && path[6] == "default":
            return associate(path[3], path[4], path[7], path[8])
        case (.get, 5) where path.starts(with: ["crm", "v3", "pipelines", "deals"]): return pipelines()
        case (.get, 4) where path.starts(with: ["crm", "v3", "pipelines", "deals"]): return pipelines()
        case (.post, 4) where path.starts(with: ["crm", "v3", "properties"]):
            return withKind(path[3]) { kind in addProperty(kind, request.body) }
        default: return HubSpotReply.notFound()
        }
    }
}

private func withKind(_ name: String, _ body: (HubSpotStore.Kind) -> Response) -> Response {
    guard let kind = HubSpotStore.Kind(path: name) else {
        // https://developers.hubspot.com/docs/api-reference/error-handling; the words as HubSpot's clients report them.
        return HubSpotReply.error(400, "VALIDATION_ERROR", "Unable to infer object type from: \(name)")
    }
    return body(kind)
}
