/// Properties of the client library, by the library's names (`bootstrap.servers`, `sasl.username`, …).
///
/// Each client adds our rules (see `ClientRules`): some are defaults, which a value given here replaces; those without
/// which a client hangs or loses records cannot be replaced, and naming them is an error.
public struct ClientProperties: Sendable {
    public var values: [String: String]
    /// Receives log lines, errors and statistics of clients made from these properties; nil if nobody wants them.
    /// Called on the client's own thread: it must be quick and must not wait.
    public var notice: (@Sendable (ClientNotice) -> Void)?

    /// Called for each record that a producer made from these could not publish, on any thread: it must be quick and must not
    /// wait. A record that timed out may still arrive.
    public var unsent: (@Sendable (KafkaError) -> Void)?

    /// Called before a producer made from these hands a record to the library, in the sender's call: it must be quick and must
    /// not wait.
    var beforeSending: (@Sendable () -> Void)?

    public init(_ values: [String: String], notice: (@Sendable (ClientNotice) -> Void)? = nil) {
        self.values = values
        self.notice = notice
    }

    /// Just the brokers: `host:port,host:port`.
    public init(bootstrapServers: String) {
        values = ["bootstrap.servers": bootstrapServers]
        notice = nil
    }

    /// A copy in which these properties have other values.
    public func replacing(_ others: [String: String]) -> ClientProperties {
        var properties = self
        properties.values.merge(others) { $1 }
        return properties
    }

    /// Every property that the library has and that can be given as text, by name, in the library's order.
    public static let known: [String] = ClientConfiguration.propertyNames()

    /// Checks the properties without connecting.
    ///
    /// - Throws: ``KafkaError`` with ``KafkaError/Code/configuration`` if one is unknown, has an invalid value, or must
    ///   not be set.
    public func check() throws(KafkaError) { _ = try ClientConfiguration(.admin, self) }
}
