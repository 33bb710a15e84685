/// How a server stands, and what is taken of it.
public struct PostgreSQLCondition: Sendable, Equatable {
    /// Without password and parameters.
    public let address: String
    /// Whether the way to it leaves this machine.
    public let isRemote: Bool
    /// Whether what goes over the connection is encrypted: libpq's default falls back without a word.
    public let isEncrypted: Bool
    /// As `15.18`.
    public let version: String
    /// Connections that the server gives to others than its administrator.
    public let connectionsMaximum: Int
    /// Connections that are taken, and those of them by programs like this one, as far as this role may see.
    public let connections, connectionsOfPrograms: Int
    /// Connections that this process may have.
    public let connectionsOfProcess: Int
}

extension PostgreSQLDatabase {
    /// Asks the server how it stands.
    public func condition() async throws(DatabaseError) -> PostgreSQLCondition {
        let row = try await read(
            Statement(
                """
                SELECT current_setting('server_version'),
                  CAST(current_setting('max_connections') AS bigint)
                    - CAST(current_setting('superuser_reserved_connections') AS bigint),
                  (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'),
                  (SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'orderrelay/%'),
                  (SELECT s.ssl FROM pg_stat_ssl AS s WHERE s.pid = pg_backend_pid())
                """)
        )[0]
        return PostgreSQLCondition(
            address: "\(address)", isRemote: address.isRemote, isEncrypted: row[4].integer == 1,
            version: row[0].text ?? "", connectionsMaximum: Int(row[1].integer ?? 0),
            connections: Int(row[2].integer ?? 0), connectionsOfPrograms: Int(row[3].integer ?? 0),
            connectionsOfProcess: options.connections)
    }
}
