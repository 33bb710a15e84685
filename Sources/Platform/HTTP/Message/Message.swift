/// A request without its body.
public struct RequestHead: Sendable {
    public var method: Method
    /// The path as it came, without the query, percent signs kept.
    public var path: String
    /// The query's pairs in their order, percent-decoded.
    public var query: [(name: String, value: String)]
    public var fields: HeaderFields
    /// The peer's address, without its port.
    public var peer: String
    /// When the head had been read, on this process's clock.
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
    /// Decoded from its transfer coding, not from its `Content-Encoding`.
    public var body: [UInt8]

    public init(head: RequestHead, body: [UInt8] = []) {
        self.head = head
        self.body = body
    }
}

/// An answer.
public struct Response: Sendable, Equatable {
    public var status: Int
    public var fields: HeaderFields
    public var body: [UInt8]

    public init(status: Int, fields: HeaderFields = [:], body: [UInt8] = []) {
        self.status = status
        self.fields = fields
        self.body = body
    }
}
