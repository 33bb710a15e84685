import Access
import HTTP

/// One call of the API: everything about it, and its handler.
///
/// A class, so that a request carries one reference to it.
final class Endpoint: Sendable {
    /// What an authenticated request for it costs, whatever its outcome.
    enum Cost: Sendable {
        /// One permit of the token's limit.
        case onePermit
        /// Nothing; instead the call answers a token once a second.
        case oncePerSecond
    }

    /// What it does with a request's body.
    enum BodyRule: Sendable {
        /// No body. One that is no larger than a head may be is ignored: some clients send `{}` with GET.
        case none
        /// JSON or a form, whose fields are read.
        case fields

        /// The largest body, in bytes.
        var bytesMaximum: Int {
            switch self {
            case .none: ServerSettings.usualHeadBytesMaximum
            case .fields: 256 * 1024
            }
        }

        private static func requireCoding(_ field: String?) throws(Refusal) {
            guard let field else { return }
            do throws(CodingError) { _ = try ContentCoding(field) } catch { throw Refusal(error) }
        }

        /// The body's format. Throws a 415 if it is not supported.
        func format(_ fields: HeaderFields) throws(Refusal) -> BodyFormat {
            switch self {
            case .none: return .json
            case .fields:
                try Self.requireCoding(fields["Content-Encoding"])
                return try BodyFormat(contentType: fields["Content-Type"])
            }
        }
    }

    typealias Handler = @Sendable (consuming Call) async throws -> Response

    /// What every path of this API begins with.
    static let root = "/api/v2"

    /// The call's name in metrics.
    let name: String
    let methods: [Method]
    /// The pattern below ``root``: `/orders/{id}`.
    let path: String
    /// The scope that a token needs for it.
    let scope: Scope
    let body: BodyRule
    let cost: Cost
    /// Its line in the documentation, in Markdown.
    let summary: String
    let handler: Handler

    init(
        _ name: String, _ methods: Method..., path: String, scope: Scope, body: BodyRule = .none,
        cost: Cost = .onePermit, summary: String, handler: @escaping Handler
    ) {
        self.name = name
        self.methods = methods
        self.path = path
        self.scope = scope
        self.body = body
        self.cost = cost
        self.summary = summary
        self.handler = handler
    }
}

/// The endpoints, and the router that finds a request's endpoint.
struct API: Sendable {
    let endpoints: [Endpoint]
    let router: Router<Endpoint>

    init(_ services: Services) {
        endpoints = Self.endpoints(services)
        var router = Router<Endpoint>()
        for endpoint in endpoints {
            for method in endpoint.methods { router.on(method, Endpoint.root + endpoint.path, endpoint) }
        }
        self.router = router
    }

    /// Each path once, for messages.
    var paths: String { Set(endpoints.map { Endpoint.root + $0.path }).sorted().joined(separator: ", ") }
}
