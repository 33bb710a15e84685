/// An HTTP method.
public enum Method: Sendable, Hashable {
    case get, head, post, put, patch, delete, options
    /// Any other, as it came.
    case other(String)
}

/// Header fields in their order; names compare without regard to case.
public struct HeaderFields: Sendable, ExpressibleByDictionaryLiteral {
    public private(set) var all: [(name: String, value: String)] = []

    public init(dictionaryLiteral elements: (String, String)...) {
        all = elements.map { (name: $0.0, value: $0.1) }
    }

    /// The first value of the field; nil where there is none. Setting replaces all of them.
    public subscript(_ name: String) -> String? {
        get { all.first { Self.same($0.name, name) }?.value }
        set {
            all.removeAll { Self.same($0.name, name) }
            if let newValue { all.append((name, newValue)) }
        }
    }

    /// Every value of the field.
    public func values(of name: String) -> [String] {
        all.filter { Self.same($0.name, name) }.map(\.value)
    }

    /// Adds a field, and keeps those of the same name.
    public mutating func add(_ name: String, _ value: String) { all.append((name, value)) }

    private static func same(_ one: String, _ other: String) -> Bool {
        one.utf8.elementsEqual(other.utf8) { $0 == $1 || ($0 | 0x20 == $1 | 0x20 && UInt8(ascii: "a")...UInt8(ascii: "z") ~= $0 | 0x20) }
    }
}

/// All of a request but its body.
public struct RequestHead: Sendable {
    public var method: Method
    /// The path as it came, without the query, percent signs kept.
    public var path: String
    /// The query's pairs in their order, percent-decoded.
    public var query: [(name: String, value: String)]
    public var fields: HeaderFields
    /// The peer's address, without its port.
    public var peer: String
    /// When the head had been read.
    public var arrivedAt: ContinuousClock.Instant

    public init(
        method: Method, path: String, query: [(name: String, value: String)] = [], fields: HeaderFields = [:],
        peer: String = "127.0.0.1", arrivedAt: ContinuousClock.Instant = .now
    ) {
        self.method = method
        self.path = path
        self.query = query
        self.fields = fields
        self.peer = peer
        self.arrivedAt = arrivedAt
    }
}

/// A request, read whole.
public struct Request: Sendable {
    public var head: RequestHead
    public var body: [UInt8]

    public init(head: RequestHead, body: [UInt8] = []) {
        self.head = head
        self.body = body
    }
}

/// An answer.
public struct Response: Sendable {
    public var status: Int
    public var fields: HeaderFields
    public var body: [UInt8]

    public init(status: Int, fields: HeaderFields = [:], body: [UInt8] = []) {
        self.status = status
        self.fields = fields
        self.body = body
    }
}
