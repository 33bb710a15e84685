/// Finds the handler for a method and path.
///
/// Patterns are paths with names in braces, `/api/v2/orders/{id}/timeline`; a name stands for one whole segment. A
/// segment written out wins over a name. `HEAD` is answered by `GET`. Paths are compared after percent signs are
/// decoded, and a trailing slash makes another path.
public struct Router<Handler: Sendable>: Sendable {
    private var handlers: [Handler] = []
    private var table = RouteTable()

    public init() {}

    /// Adds a handler. Adding a method and pattern twice, or an invalid pattern, is a programming error and stops the
    /// process.
    public mutating func on(_ method: Method, _ pattern: String, _ handler: Handler) {
        table.insert(method, pattern, handlers.count)
        handlers.append(handler)
    }

    /// Finds the handler of a request.
    public func route(_ method: Method, _ path: String) -> Routing<Handler> {
        switch table.route(method, path) {
        case .found(let place, let parameters): .found(handlers[place], parameters)
        case .notFound: .notFound
        case .methodNotAllowed(let allowed): .methodNotAllowed(allow: allowed)
        case .badPath: .badPath
        }
    }
}

/// What a router found.
public enum Routing<Handler: Sendable>: Sendable {
    case found(Handler, PathParameters)
    /// 404.
    case notFound
    /// 405, with the value of the field `Allow`.
    case methodNotAllowed(allow: String)
    /// 400: a percent sign without two hexadecimal digits, bytes that are not UTF-8, or a segment of dots.
    case badPath
}

/// The values of a pattern's names, percent-decoded.
public struct PathParameters: Sendable, Equatable {
    private var names: [String] = []
    private var values: [String] = []

    /// No names at all.
    public init() {}

    init(names: [String], values: [String]) {
        self.names = names
        self.values = values
    }

    /// The value of the name; nil if the pattern has no such name.
    public subscript(_ name: String) -> String? { names.firstIndex(of: name).map { values[$0] } }
}
