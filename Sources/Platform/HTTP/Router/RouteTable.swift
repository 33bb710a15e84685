/// The patterns of a ``Router``, each with the index of its handler. Not generic over the handlers: generic code looks
/// its type up at every step.
struct RouteTable: Sendable {
    private struct Route: Sendable {
        var method: Method
        /// The handler's index.
        var place: Int
    }

    /// Patterns without a name, whole: most requests need one look-up.
    private var plain: [String: [Route]] = [:]
    private var root = Node()

    mutating func insert(_ method: Method, _ pattern: String, _ place: Int) {
        precondition(pattern.hasPrefix("/"), "the pattern \(pattern) does not begin with a slash")
        let segments = pattern.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
        root.insert(method, segments[...], [], place, pattern: pattern)
        if !pattern.contains("{") { plain[pattern, default: []].append(Route(method: method, place: place)) }
    }

    func route(_ method: Method, _ path: String) -> Routing<Int> {
        if let routes = plain[path] { return Self.choose(method, routes, PathParameters()) }
        guard path.utf8.first == UInt8(ascii: "/") else { return .badPath }
        var segments: [String] = []
        for raw in path.utf8.dropFirst().split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false) {
            guard let segment = PercentEncoding.decode(raw), segment != ".", segment != ".." else { return .badPath }
            segments.append(segment)
        }
        var values: [String] = []
        guard let (names, routes) = root.find(segments[...], &values) else { return .notFound }
        return Self.choose(method, routes, PathParameters(names: names, values: values))
    }

    private static func choose(_ method: Method, _ routes: [Route], _ parameters: PathParameters) -> Routing<Int> {
        let wanted =
            routes.first { $0.method == method } ?? (method == .head ? routes.first { $0.method == .get } : nil)
        if let wanted { return .found(wanted.place, parameters) }
        var allowed = routes.map(\.method)
        if allowed.contains(.get), !allowed.contains(.head) { allowed.append(.head) }
        return .methodNotAllowed(allow: allowed.map(\.name).sorted().joined(separator: ", "))
    }
}

extension RouteTable {
    /// What may follow a path's beginning.
    private struct Node: Sendable {
        var literals: [String: Node] = [:]
        /// At most one element: what follows a named segment. An array, since a value cannot hold itself.
        var named: [Node] = []
        var names: [String] = []
        var methods: [Route] = []

        mutating func insert(
            _ method: Method, _ segments: ArraySlice<Substring>, _ names: [String], _ place: Int, pattern: String
        ) {
            guard let segment = segments.first else {
                precondition(!methods.contains { $0.method == method }, "\(method.name) \(pattern) is there already")
                precondition(methods.isEmpty || self.names == names, "\(pattern) names its segments in two ways")
                self.names = names
                return methods.append(Route(method: method, place: place))
            }
            let rest = segments.dropFirst()
            if segment.hasPrefix("{"), segment.hasSuffix("}") {
                if named.isEmpty { named.append(Node()) }
                named[0].insert(
                    method, rest, names + [String(segment.dropFirst().dropLast())], place, pattern: pattern)
            } else {
                literals[String(segment), default: Node()].insert(method, rest, names, place, pattern: pattern)
            }
        }

        func find(_ segments: ArraySlice<String>, _ values: inout [String]) -> (names: [String], methods: [Route])? {
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
