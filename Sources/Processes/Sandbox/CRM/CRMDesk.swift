import HTTP
import Telemetry

/// Where requests to the sandbox CRM are understood, and the store is asked.
struct CRMDesk {
    var store: CRMStore
    /// Milliseconds since 1970, set before each request.
    var now: Int64

    init(now: Int64) {
        store = CRMStore(firstID: Int(now))
        self.now = now
    }

    mutating func answer(_ request: Request, _ path: [String], idProperty: String?) -> Response {
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
        default: return CRMAnswer.notFound()
        }
    }
}

private func withKind(_ name: String, _ body: (CRMStore.Kind) -> Response) -> Response {
    guard let kind = CRMStore.Kind(path: name) else {
        // https://developers.hubspot.com/docs/api-reference/error-handling; the words as HubSpot's clients report them.
        return CRMAnswer.error(400, "VALIDATION_ERROR", "Unable to infer object type from: \(name)")
    }
    return body(kind)
}
