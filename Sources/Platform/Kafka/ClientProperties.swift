/// Properties of the client library, by their own names (`bootstrap.servers`, `sasl.username`, …).
///
/// Our rules (DESIGN §7) are laid over them by each client, and cannot be overridden where breaking them hangs or loses.
public struct ClientProperties: Sendable {
    public var values: [String: String]

    public init(_ values: [String: String]) { self.values = values }

    /// The usual ones: brokers at `bootstrapServers` (`host:port,host:port`).
    public init(bootstrapServers: String) { values = ["bootstrap.servers": bootstrapServers] }
}
