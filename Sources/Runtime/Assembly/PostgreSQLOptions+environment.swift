public import Configuration
public import Database
public import Telemetry

extension PostgreSQLOptions {
    /// As the settings say.
    ///
    /// - Parameters:
    ///   - process: what the server calls this program's sessions by.
    ///   - metrics: what shows how the connections stand.
    /// - Throws: ``ConfigurationError`` where one of the settings is wrong.
    public init(_ environment: Environment, process: String, metrics: Metrics) throws(ConfigurationError) {
        let range = Self.connectionsRange
        let connections = try environment.value(
            CommonSettings.databaseConnections, expected: "a number from \(range.lowerBound) to \(range.upperBound)"
        ) { text in Int(text).flatMap { range.contains($0) ? $0 : nil } }
        let isPooled = try environment.value(
            CommonSettings.databasePooler, expected: "transaction, or nothing where there is no pooler"
        ) { $0 == "transaction" ? true : nil }
        self.init(
            name: process, connections: connections!, isPooled: isPooled ?? false,
            password: try environment.text(CommonSettings.databasePassword), metrics: metrics)
    }
}
