/// What became of a request for permits.
public enum PermitVerdict: Sendable, Equatable {
    /// The request is admitted.
    case granted
}

/// Where `ingest` asks for permits: the one place through which every authenticated request goes.
public protocol PermitGate: Sendable {
    /// Asks for `count` permits of a limit: all or none.
    /// - Parameters:
    ///   - limitID: 16 bytes, hexadecimal.
    ///   - limit: how many requests it allows in any 60 s.
    func permit(limitID: String, limit: Int, count: Int) async -> PermitVerdict
}

/// A gate that grants always: the rate limit is not built in yet.
public struct OpenGate: PermitGate {
    public init() {}
    public func permit(limitID: String, limit: Int, count: Int) async -> PermitVerdict { .granted }
}
