import Database

/// A change on its way to topic `control`.
public struct OutboxEntry: Sendable {
    public var id: Int64
    public var key: String
    /// nil: a tombstone.
    public var value: [UInt8]?
}

extension Ledger {
    /// Takes the named lease for `milliseconds`, or prolongs it; false where another owner holds it.
    public func takeLease(_ name: String, owner: String, milliseconds: Int64) async throws(LedgerError) -> Bool {
        let rows = try await transaction([
            Statement(ConfigurationStatements.takeLease, [.text(name), .text(owner), .integer(milliseconds)])
        ])
        return !rows[0].isEmpty
    }

    /// What waits to go to `control`, oldest first.
    public func outbox(limit: Int) async throws(LedgerError) -> [OutboxEntry] {
        var entries: [OutboxEntry] = []
        for row in try await read(ConfigurationStatements.outbox, [.integer(Int64(limit))]) {
            var reader = RowReader(row, "the outbox")
            entries.append(
                OutboxEntry(id: try reader.integer(), key: try reader.text(), value: try reader.blobOrNull()))
        }
        return entries
    }

    /// Forgets what has been acknowledged on `control`.
    public func removeFromOutbox(_ ids: [Int64]) async throws(LedgerError) {
        guard !ids.isEmpty else { return }
        _ = try await transaction([
            Statement(ConfigurationStatements.removeFromOutbox, rows: ids.sorted().map { [.integer($0)] })
        ])
    }

    /// Puts every account, token and limit into the outbox again: for the embedded broker, whose topics begin empty.
    public func republishControl() async throws(LedgerError) {
        _ = try await transaction([
            Statement(ConfigurationStatements.republishAccounts), Statement(ConfigurationStatements.republishTokens),
            Statement(ConfigurationStatements.republishLimits),
        ])
    }

    /// The id that a CRM gave to something of ours; nil where none is known.
    public func link(connection: String, ours: String) async throws(LedgerError) -> String? {
        guard let row = try await read(ConfigurationStatements.link, [.text(connection), .text(ours)]).first else {
            return nil
        }
        var reader = RowReader(row, "a link")
        return try reader.text()
    }

    /// Notes the id that a CRM gave to something of ours.
    public func putLink(connection: String, ours: String, theirs: String) async throws(LedgerError) {
        _ = try await transaction([
            Statement(ConfigurationStatements.putLink, [.text(connection), .text(ours), .text(theirs)])
        ])
    }

    /// Notes a heartbeat of a process; forgets those older than a minute.
    ///
    /// - Returns: the ledger's beat, which moves on every five seconds while any worker runs. Positions copied to Kafka
    ///   carry it, so that a ledger restored from an older copy can be told by it.
    @discardableResult
    public func heartbeat(process: String, worker: String) async throws(LedgerError) -> Int64 {
        let results = try await transaction([
            Statement(ConfigurationStatements.heartbeat, [.text(process), .text(worker)]),
            Statement(ConfigurationStatements.forgetProcesses),
            Statement(ConfigurationStatements.moveBeat),
            Statement(ConfigurationStatements.beat),
        ])
        guard let row = results[3].first else { throw .unreadable("the beat") }
        var reader = RowReader(row, "the beat")
        return try reader.integer()
    }

    /// The ledger's beat; 0 where no worker ever ran.
    public func beat() async throws(LedgerError) -> Int64 {
        guard let row = try await read(ConfigurationStatements.beat).first else { return 0 }
        var reader = RowReader(row, "the beat")
        return try reader.integer()
    }

    /// How many processes of a worker have a heartbeat younger than 15 s.
    public func liveProcesses(of worker: String) async throws(LedgerError) -> Int {
        guard let row = try await read(ConfigurationStatements.liveProcesses, [.text(worker)]).first else {
            throw .unreadable("a count")
        }
        var reader = RowReader(row, "a count")
        return Int(try reader.integer())
    }
}
