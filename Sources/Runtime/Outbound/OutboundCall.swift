public import HTTP

/// One request to a receiver's API, as a value: without address and secret, so that it cannot leak a secret.
public protocol OutboundCall: Sendable {
    var method: HTTP.Method { get }
    /// Path and query, after the connection's address; its segments percent-encoded.
    var path: String { get }
    /// The pattern of the path, for traces: ids and other values as `{name}`, without the query.
    var template: String { get }
    /// JSON; empty if there is no body.
    var body: [UInt8] { get }
    /// Whether it is idempotent: repeating it changes nothing more. A create is not: done twice, it leaves two.
    var isRepeatable: Bool { get }
}

/// One segment of a path: all except unreserved characters percent-encoded (RFC 3986 §2.3).
public func pathSegment(_ text: String) -> String {
    text.utf8.map { byte -> String in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."):
            String(Unicode.Scalar(byte))
        default: "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
        }
    }.joined()
}
