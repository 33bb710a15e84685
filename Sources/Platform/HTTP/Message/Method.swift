/// An HTTP method.
public enum Method: Sendable, Hashable {
    case get, head, post, put, patch, delete, options
    /// Any other, as it came.
    case other(String)

    /// The method with this name; names are case-sensitive (RFC 9110, 9.1).
    public init(_ name: String) {
        self =
            switch name {
            case "GET": .get
            case "HEAD": .head
            case "POST": .post
            case "PUT": .put
            case "PATCH": .patch
            case "DELETE": .delete
            case "OPTIONS": .options
            default: .other(name)
            }
    }

    /// As ``init(_:)``, without a string for the usual ones.
    init(bytes: UnsafeBufferPointer<CChar>) {
        let name = bytes.withMemoryRebound(to: UInt8.self) { String(decoding: $0, as: UTF8.self) }
        self.init(name)
    }

    /// The name on the wire.
    public var name: String {
        switch self {
        case .get: "GET"
        case .head: "HEAD"
        case .post: "POST"
        case .put: "PUT"
        case .patch: "PATCH"
        case .delete: "DELETE"
        case .options: "OPTIONS"
        case .other(let name): name
        }
    }
}
