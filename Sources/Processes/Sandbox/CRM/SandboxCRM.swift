public import HTTP
import Synchronization
public import Telemetry

/// A CRM that answers as HubSpot's API (v3 objects, v4 associations) documents, and misbehaves on demand.
public final class SandboxCRM: Sendable {
    /// The token that it takes; nil: any.
    private let token: String?
    private let desk: Mutex<CRMDesk>
    public let faults = CRMFaults()
    private let requests = Atomic<Int>(0)
    private let now: @Sendable () -> Int64

    public init(token: String? = nil, now: @escaping @Sendable () -> Int64 = WallClock.milliseconds) {
        self.token = token
        self.now = now
        desk = Mutex(CRMDesk(now: now()))
    }

    /// Requests answered so far, those with faults too.
    public var requestCount: Int { requests.load(ordering: .relaxed) }
    /// Forgets every object and association.
    public func clear() { desk.withLock { $0 = CRMDesk(now: now()) } }

    /// What the CRM knows, for pages and tests: `contacts` or `deals`.
    public struct Entry: Sendable, Equatable {
        public let id: String
        public let properties: [String: String]
        public let updatedAt: Int64
        /// Of a deal: the contacts it is associated with.
        public let contacts: [String]
    }

    /// The newest first.
    public func entries(of type: String, limit: Int) -> [Entry] {
        guard let kind = CRMStore.Kind(path: type) else { return [] }
        return desk.withLock { desk in
            let store = desk.store
            let objects = store.objects[kind]!.values.sorted { ($0.createdAt, $0.id) > ($1.createdAt, $1.id) }
            return objects.prefix(limit).map { object in
                Entry(
                    id: object.id, properties: object.properties, updatedAt: object.updatedAt,
                    contacts: kind == .deals ? store.contactsOfDeal[object.id, default: []].sorted() : [])
            }
        }
    }

    /// How many objects of a type there are: `contacts`, `deals`.
    public func count(of type: String) -> Int {
        guard let kind = CRMStore.Kind(path: type) else { return 0 }
        return desk.withLock { $0.store.objects[kind]!.count }
    }

    /// Answers a request under `/crm/`.
    public func answer(_ request: Request) -> Response {
        requests.wrappingAdd(1, ordering: .relaxed)
        // Authentication comes before all else; the scheme is `Bearer`:
        // https://developers.hubspot.com/docs/guides/apps/private-apps/overview
        guard let authorization = request.head.fields["Authorization"], authorization.hasPrefix("Bearer "),
            token == nil || authorization.dropFirst(7) == token!, authorization.count > 7
        else { return CRMAnswer.unauthorized() }
        let path = request.head.path.split(separator: "/").map { percentDecoded($0) }
        let idProperty = request.head.query.first { $0.name == "idProperty" }?.value
        return desk.withLock { desk in
            desk.now = now()
            return desk.answer(request, path, idProperty: idProperty)
        }
    }
}

/// `%40` → `@`; what is malformed stands as it is.
func percentDecoded(_ text: some StringProtocol) -> String {
    var bytes: [UInt8] = []
    var rest = Array(text.utf8)[...]
    while let byte = rest.popFirst() {
        if byte == UInt8(ascii: "%"), let high = rest.first.flatMap(hexValue),
            let low = rest.dropFirst().first.flatMap(hexValue)
        {
            bytes.append(high << 4 | low)
            rest = rest.dropFirst(2)
        } else {
            bytes.append(byte)
        }
    }
    return String(decoding: bytes, as: UTF8.self)
}
