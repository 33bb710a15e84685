/// What the server is told to do by itself in our sessions: it must not hold for us what we cannot ask it to let go.
enum SessionSettings {
    struct Setting: Sendable, Equatable {
        var name: String
        var value: String
    }

    /// Less than the client's patience with a read.
    private static let readMilliseconds: Int64 = 4_500

    /// Those that a pooler's role must have, with the most milliseconds that each may be.
    static let limits: [(name: String, milliseconds: Int64)] = [
        ("lock_timeout", 10_000), ("statement_timeout", 30_000), ("idle_in_transaction_session_timeout", 5_000),
    ]

    /// Plans that need no statistics: a fresh database has none, and what is planned then is kept. Reading connections have
    /// the planner's own choice.
    static let plans = ["enable_seqscan", "enable_hashjoin", "enable_mergejoin", "enable_bitmapscan"].map {
        Setting(name: $0, value: "off")
    }

    static func settings(for line: Line) -> [Setting] {
        var settings = limits.map { limit in
            let isRead = line == .reading && limit.name == "statement_timeout"
            return Setting(name: limit.name, value: "\(isRead ? readMilliseconds : limit.milliseconds)ms")
        }
        settings += [
            // A client that has gone is noticed while its statement runs …
            Setting(name: "client_connection_check_interval", value: "2s"),
            // … and a machine that has gone within 11 s, also where it is owed an answer: no keepalives are sent then.
            Setting(name: "tcp_keepalives_idle", value: "5"), Setting(name: "tcp_keepalives_interval", value: "2"),
            Setting(name: "tcp_keepalives_count", value: "3"), Setting(name: "tcp_user_timeout", value: "11s"),
            // What a discouraged plan seems to cost would have it compiled.
            Setting(name: "jit", value: "off"),
        ]
        // A statement that writes is a fault of ours on a connection for reading.
        let reading = [Setting(name: "default_transaction_read_only", value: "on")]
        return settings + (line == .reading ? reading : plans)
    }
}

/// A line in which jobs wait, with connections of its own: none waits for another's backlog.
enum Line: Int, Sendable, CaseIterable {
    case bulk, brisk, reading

    /// As metrics have it.
    var name: String {
        switch self {
        case .bulk: "bulk"
        case .brisk: "brisk"
        case .reading: "reading"
        }
    }

    init(_ urgency: Urgency) { self = urgency == .bulk ? .bulk : .brisk }
}
