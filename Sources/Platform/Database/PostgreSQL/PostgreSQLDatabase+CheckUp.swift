extension PostgreSQLDatabase {
    /// A standby is not looked at: connecting to one fails already.
    public func checkUp() async throws(DatabaseError) -> DatabaseCheckUp {
        let condition = try await condition()
        let off = try await read(Statement(PostgreSQLSetting.query)).compactMap { $0[0].text }
        return DatabaseCheckUp(
            name: "PostgreSQL \(condition.version) at \(condition.address)",
            remarks: condition.remarks + PostgreSQLSetting.remarks(off: off))
    }
}

/// A setting of the server that must be on: without it what was confirmed can be lost, or the ledger becomes slow.
struct PostgreSQLSetting {
    var name: String
    var isFault: Bool
    /// What happens while it is off.
    var consequence: String

    private init(_ name: String, isFault: Bool, _ consequence: String) {
        self.name = name
        self.isFault = isFault
        self.consequence = consequence
    }

    static let all = [
        Self("fsync", isFault: true, "what was confirmed is lost when the machine stops, and the files may be damaged"),
        Self("full_page_writes", isFault: true, "the files may be damaged when the machine stops"),
        Self(
            "synchronous_commit", isFault: true,
            "what was confirmed in the last moments is lost when the server stops"),
        Self("autovacuum", isFault: false, "tables grow without bound, and become slow"),
        Self(
            "track_counts", isFault: false,
            "autovacuum does not see which tables need it; they grow, and become slow"),
    ]

    /// The names of those that are off.
    static let query = """
        SELECT name FROM pg_settings
        WHERE setting = 'off' AND name IN (\(all.map { "'\($0.name)'" }.joined(separator: ", ")))
        """

    /// - Parameter off: the names of those that are off.
    static func remarks(off: [String]) -> [DatabaseCheckUp.Remark] {
        all.filter { off.contains($0.name) }.map { setting in
            DatabaseCheckUp.Remark(
                isFault: setting.isFault, "\(setting.name) is off: \(setting.consequence)",
                remedy: "set \(setting.name) = on in postgresql.conf, for the database and for the role")
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
