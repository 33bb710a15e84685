/// Which handler answers which method and path: a plain value over whatever the handlers are.
///
/// Patterns are paths with names in braces, `/api/v2/orders/{id}/timeline`; a name stands for one whole segment. A
/// segment written out wins over a name. `HEAD` falls to `GET`. Paths are compared after percent signs are decoded, and
/// a slash at the end makes another path.
public struct Router<Handler: Sendable>: Sendable {
    private typealias Methods = [(method: Method, handler: Handler)]

    /// Patterns without a name, whole: most requests need one look-up.
    private var plain: [String: Methods] = [:]
    private var root = Node()

    public init() {}

    /// Adds a handler. The same method and pattern twice, or a pattern that is none, is a mistake in the program.
    public mutating func on(_ method: Method, _ pattern: String, _ handler: Handler) {
        precondition(pattern.hasPrefix("/"), "the pattern \(pattern) does not begin with a slash")
        let segments = pattern.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
        root.insert(method, segments[...], [], handler, pattern: pattern)
        if !pattern.contains("{") { plain[pattern, default: []].append((method, handler)) }
    }

    /// Finds the handler of a request.
    public func route(_ method: Method, _ path: String) -> Routing<Handler> {
        if let methods = plain[path] { return Self.choose(method, methods, PathParameters()) }
        guard path.utf8.first == UInt8(ascii: "/") else { return .badPath }
        var segments: [String] = []
        for raw in path.utf8.dropFirst().split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false) {
            guard let segment = PercentEncoding.decode(raw), segment != ".", segment != ".." else { return .badPath }
            segments.append(segment)
        }
        var values: [String] = []
        guard let (names, methods) = root.find(segments[...], &values) else { return .notFound }
        return Self.choose(method, methods, PathParameters(names: names, values: values))
    }

    private static func choose(_ method: Method, _ methods: Methods, _ parameters: PathParameters) -> Routing<Handler> {
        let wanted =
            methods.first { $0.method == method } ?? (method == .head ? methods.first { $0.method == .get } : nil)
        if let wanted { return .found(wanted.handler, parameters) }
        var allowed = methods.map(\.method)
        if allowed.contains(.get), !allowed.contains(.head) { allowed.append(.head) }
        return .methodNotAllowed(allow: allowed.map(\.name).sorted().joined(separator: ", "))
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

extension Router {
    /// What may follow a path's beginning.
    private struct Node: Sendable {
        var literals: [String: Node] = [:]
        /// At most one element: what follows a named segment. An array, since a value cannot hold itself.
        var named: [Node] = []
        var names: [String] = []
        var methods: Methods = []

        mutating func insert(
            _ method: Method, _ segments: ArraySlice<Substring>, _ names: [String], _ handler: Handler, pattern: String
        ) {
            guard let segment = segments.first else {
                precondition(!methods.contains { $0.method == method }, "\(method.name) \(pattern) is there already")
                precondition(methods.isEmpty || self.names == names, "\(pattern) names its segments in two ways")
                self.names = names
                return methods.append((method, handler))
            }
            let rest = segments.dropFirst()
            if segment.hasPrefix("{"), segment.hasSuffix("}") {
                if named.isEmpty { named.append(Node()) }
                named[0].insert(
                    method, rest, names + [String(segment.dropFirst().dropLast())], handler, pattern: pattern)
            } else {
                literals[String(segment), default: Node()].insert(method, rest, names, handler, pattern: pattern)
            }
        }

        func find(_ segments: ArraySlice<String>, _ values: inout [String]) -> (names: [String], methods: Methods)? {
            guard let segment = segments.first else { return methods.isEmpty ? nil : (names, methods) }
            if let next = literals[segment], let found = next.find(segments.dropFirst(), &values) { return found }
            guard !segment.isEmpty, let next = named.first else { return nil }
            values.append(segment)
            if let found = next.find(segments.dropFirst(), &values) { return found }
            values.removeLast()
            return nil
        }
    }
}
