/// Which handler answers which method and path: a plain value over whatever the handlers are.
///
/// Patterns are paths with names in braces, `/api/v2/orders/{id}/timeline`; a name stands for one whole segment. A
/// segment written out wins over a name. `HEAD` falls to `GET`. Paths are compared after percent signs are decoded, and
/// a slash at the end makes another path.
public struct Router<Handler: Sendable>: Sendable {
    private var handlers: [Handler] = []
    private var table = RouteTable()

    public init() {}

    /// Adds a handler. The same method and pattern twice, or a pattern that is none, is a mistake in the program.
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

    /// The value of the name; nil where the pattern has no such name.
    public subscript(_ name: String) -> String? { names.firstIndex(of: name).map { values[$0] } }
}
