import Access
import HTTP

/// What a request asks for: one case for each call of the API.
enum Call: String, Sendable {
    case createOrder, updateOrder, listOrders, showOrder, showTimeline
    case createPurchase
    case showStatistics
    case showCaller, showUsage
    case validateOrder

    /// What a token must be allowed for it.
    var scope: Scope {
        switch self {
        case .createOrder, .updateOrder, .createPurchase: .write
        case .listOrders, .showOrder, .showTimeline, .showStatistics, .showCaller, .showUsage, .validateOrder: .read
        }
    }

    /// Whether it has a body.
    var hasBody: Bool {
        switch self {
        case .createOrder, .updateOrder, .createPurchase, .validateOrder: true
        case .listOrders, .showOrder, .showTimeline, .showStatistics, .showCaller, .showUsage: false
        }
    }

    /// Every call by method and path.
    static let table: [(Method, String, Call)] = [
        (.post, "/api/v2/orders", .createOrder),
        (.get, "/api/v2/orders", .listOrders),
        (.get, "/api/v2/orders/{id}", .showOrder),
        (.post, "/api/v2/orders/{id}", .updateOrder),
        (.put, "/api/v2/orders/{id}", .updateOrder),
        (.get, "/api/v2/orders/{id}/timeline", .showTimeline),
        (.post, "/api/v2/purchases", .createPurchase),
        (.get, "/api/v2/stats", .showStatistics),
        (.get, "/api/v2/me", .showCaller),
        (.get, "/api/v2/usage", .showUsage),
        (.post, "/api/v2/validate", .validateOrder),
    ]

    /// The same, to be looked up.
    static let router: Router<Call> = {
        var router = Router<Call>()
        for (method, path, call) in table { router.on(method, path, call) }
        return router
    }()
}
