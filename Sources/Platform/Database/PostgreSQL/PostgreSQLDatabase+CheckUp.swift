extension PostgreSQLDatabase {
    public func checkUp() async throws(DatabaseError) -> DatabaseCheckUp {
        let condition = try await condition()
        let settings = try await read(Statement(PostgreSQLSetting.query))
        return DatabaseCheckUp(
            name: "PostgreSQL \(condition.version) at \(condition.address)",
            remarks: condition.remarks
                + PostgreSQLSetting.remarks(settings.map { ($0[0].text ?? "", $0[1].text ?? "") }))
    }
}

/// A server's setting without which what it confirmed can be lost, or without which it becomes slow.
struct PostgreSQLSetting {
    var name: String
    var wrong: String
    var isFault: Bool
    /// What happens with the wrong value.
    var consequence: String

    static let all = [
        PostgreSQLSetting(
            name: "fsync", wrong: "off", isFault: true,
            consequence: "what was confirmed is lost when the machine stops, and the files may be damaged"),
        PostgreSQLSetting(
            name: "full_page_writes", wrong: "off", isFault: true,
            consequence: "the files may be damaged when the machine stops"),
        PostgreSQLSetting(
            name: "synchronous_commit", wrong: "off", isFault: true,
            consequence: "what was confirmed in the last moments is lost when the server stops"),
        PostgreSQLSetting(
            name: "transaction_read_only", wrong: "on", isFault: true,
            consequence: "the ledger cannot be written: this is a standby, or the role may only read"),
        PostgreSQLSetting(
            name: "autovacuum", wrong: "off", isFault: false,
            consequence: "tables grow without bound, and become slow"),
        PostgreSQLSetting(
            name: "track_counts", wrong: "off", isFault: false,
            consequence: "autovacuum does not see which tables need it; they grow, and become slow"),
    ]

    /// Name and value of each. Connections for reading are read-only by their own setting, so the server's default is asked
    /// for, and whether it is a standby.
    static let query = """
        SELECT name, CASE name WHEN 'transaction_read_only' THEN
            CASE WHEN pg_is_in_recovery() THEN 'on' ELSE 'off' END ELSE setting END
        FROM pg_settings
        WHERE name IN (\(all.map { "'\($0.name)'" }.joined(separator: ", ")))
        """

    static func remarks(_ values: [(name: String, value: String)]) -> [DatabaseCheckUp.Remark] {
        all.compactMap { setting in
            guard values.contains(where: { $0.name == setting.name && $0.value == setting.wrong }) else { return nil }
            return DatabaseCheckUp.Remark(
                isFault: setting.isFault, "\(setting.name) is \(setting.wrong): \(setting.consequence)",
                remedy: setting.name == "transaction_read_only"
                    ? "name the primary in DATABASE_URL, or several hosts with target_session_attrs=read-write"
                    : "set \(setting.name) = on in postgresql.conf, for the database and for the role")
        }
    }
}

extension PostgreSQLCondition {
    /// What is wrong with the way to the server, and with the room that it has left.
    var remarks: [DatabaseCheckUp.Remark] {
        var remarks: [DatabaseCheckUp.Remark] = []
        if let major = Int(version.prefix { $0.isNumber }), major < Self.oldestMajor {
            remarks.append(
                .init(
                    isFault: true, "version \(version) is not supported",
                    remedy: "upgrade the server to PostgreSQL \(Self.oldestMajor) or newer"))
        }
        if isRemote, !isEncrypted {
            remarks.append(
                .init(
                    isFault: false, "the connection leaves this machine without encryption",
                    remedy: "add sslmode=verify-full and sslrootcert=FILE to DATABASE_URL"))
        }
        if connectionsMaximum - connections < connectionsOfProcess {
            remarks.append(
                .init(
                    isFault: false,
                    "\(connections) of \(connectionsMaximum) connections are taken, \(connectionsOfPrograms) of them by OrderRelay; one more process may take \(connectionsOfProcess)",
                    remedy: "raise max_connections, lower DATABASE_CONNECTIONS, or use pgbouncer (DATABASE_POOLER)"))
        }
        return remarks
    }

    private static let oldestMajor = 15
}
