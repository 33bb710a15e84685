/// Properties of the client library, by their own names (`bootstrap.servers`, `sasl.username`, …).
///
/// Our rules are laid over them by each client (see `ClientRules`): some are defaults, which a value given here replaces;
/// those whose breaking hangs or loses records cannot be replaced, and naming them is an error.
public struct ClientProperties: Sendable {
    public var values: [String: String]
    /// Told what a client made from these properties has to say: log lines, troubles, statistics. Called on the client's
    /// own thread: it must be quick and must not wait.
    public var notice: (@Sendable (ClientNotice) -> Void)?

    public init(_ values: [String: String], notice: (@Sendable (ClientNotice) -> Void)? = nil) {
        self.values = values
        self.notice = notice
    }

    /// The usual ones: brokers at `bootstrapServers` (`host:port,host:port`).
    public init(bootstrapServers: String) {
        values = ["bootstrap.servers": bootstrapServers]
        notice = nil
    }

    /// Throws where a property is unknown, has a value that is none, or may not be given.
    public func check() throws(KafkaError) { _ = try ClientConfiguration(.admin, self) }
}
