public import Telemetry

/// How one process uses PostgreSQL.
public struct PostgreSQLOptions: Sendable {
    /// Connections that a process may have: as many as the lines at least, so that each has its own.
    public static let connectionsRange = 3...100

    /// What the server calls this program's sessions, as `orderrelay/crm`.
    var name: String
    /// Whether a pooler gives each transaction whichever connection is free: nothing is prepared then, and nothing set at
    /// a session's start.
    var isPooled: Bool
    /// The user's password, if the URL has none; nil if the URL has it, or none is needed.
    private(set) var password: String?
    /// By ``Line``.
    private let bounds: [Int]
    var patience = Patience()
    /// What shows how the connections stand; nil: nothing does.
    private(set) var metrics: Metrics?

    /// How long what is asked may take, in milliseconds.
    struct Patience: Sendable {
        /// For a connection, where its line has none.
        var connecting: Int64 = 5_000
        /// In its line, and then on its connection, which is given up afterwards. The server gives up earlier, by its
        /// ``SessionSettings``.
        var transaction: Int64 = 35_000
        var read: Int64 = 5_000
    }

    /// - Parameters:
    ///   - name: the process's.
    ///   - connections: at most, in ``connectionsRange``; made when there is something to do for them. A quarter is for
    ///     reading, the rest for the two kinds of transactions, of which the brisk ones get the odd one.
    ///   - password: of the user that the URL names without one; nil: the URL has it, or none is needed.
    ///   - metrics: what shows how the connections stand.
    public init(
        name: String, connections: Int = 4, isPooled: Bool = false, password: String? = nil, metrics: Metrics? = nil
    ) {
        let count = min(max(connections, Self.connectionsRange.lowerBound), Self.connectionsRange.upperBound)
        let reading = max(1, count / 4)
        let bulk = max(1, (count - reading) / 2)
        self.init(
            name: name, bulk: bulk, brisk: count - reading - bulk, reading: reading, isPooled: isPooled,
            metrics: metrics)
        self.password = password
    }

    /// So many for each line, one at least.
    public init(
        name: String, bulk: Int, brisk: Int, reading: Int, isPooled: Bool = false, metrics: Metrics? = nil
    ) {
        self.name = "orderrelay/\(name)"
        self.isPooled = isPooled
        self.metrics = metrics
        bounds = [bulk, brisk, reading]
    }

    func bound(of line: Line) -> Int { bounds[line.rawValue] }

    /// Connections that this process may have.
    public var connections: Int { bounds.reduce(0, +) }
}
