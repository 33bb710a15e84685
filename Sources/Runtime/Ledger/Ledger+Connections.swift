import Crypto
import Database
import Orders

extension Ledger {
    /// Puts a connection in, or in the place of the one there; its secret is sealed for its id.
    ///
    /// - Throws: ``LedgerError/Code/other`` where the ledger has no key, or the connection's secret could not be opened.
    public func put(_ connection: Connection, by author: Author) async throws(LedgerError) {
        let sealed: [UInt8]
        do {
            sealed = try keys().seal(Array(try connection.openedSecret().utf8), context: connection.id)
        } catch { throw LedgerError(.other, "connection \(connection.id): \(error)") }
        let before = try await self.connection(connection.id)
        let note = TrailNote(
            before == nil ? .connectionCreated : .connectionSet, connection.id, account: connection.account,
            from: before.map(Trailed.members) ?? [:], to: Trailed.members(connection))
        _ = try await transaction([
            Statement(
                ConfigurationStatements.putConnection,
                [
                    .text(connection.id), .text(connection.account), .text(connection.kind), .text(connection.url),
                    .blob(sealed), .integer(connection.isEnabled ? 1 : 0), .integer(connection.since.milliseconds),
                    .text(Receipt.text(connection.options)),
                ]),
            note.statement(by: author),
        ])
    }

    /// Puts other options in the place of those that `connection` has; nothing else of it is written.
    ///
    /// - Throws: ``LedgerError/Code/fenced`` where it has others by now, or is not there any more.
    public func setOptions(
        _ options: [String: String], of connection: Connection, by author: Author
    ) async throws(LedgerError) {
        var changed = connection
        changed.options = options
        let note = TrailNote(
            .connectionSet, connection.id, account: connection.account, from: Trailed.members(connection),
            to: Trailed.members(changed))
        do throws(DatabaseError) {
            _ = try await database.transaction([
                Statement(
                    ConfigurationStatements.setOptions,
                    [
                        .text(connection.id), .text(Receipt.text(connection.options)), .text(Receipt.text(options)),
                    ], mustChange: 1),
                note.statement(by: author),
            ])
        } catch {
            guard error.code == .fence else { throw LedgerError(error) }
            throw LedgerError(
                .fenced, "connection \(connection.id): another program has changed it meanwhile: try again")
        }
    }

    /// The connection with this id; nil if it does not exist.
    public func connection(_ id: String) async throws(LedgerError) -> Connection? {
        try await connections(ConfigurationStatements.connection, [.text(id)]).first
    }

    /// Of one account, or all; by id. A secret that cannot be opened says why; the others are opened.
    public func connections(account: String?) async throws(LedgerError) -> [Connection] {
        guard let account else { return try await connections(ConfigurationStatements.connections, []) }
        return try await connections(ConfigurationStatements.connectionsOfAccount, [.text(account)])
    }

    private func connections(_ text: String, _ values: [Value]) async throws(LedgerError) -> [Connection] {
        var connections: [Connection] = []
        for row in try await read(text, values) { connections.append(try connection(row)) }
        return connections
    }

    private func connection(_ row: Row) throws(LedgerError) -> Connection {
        var reader = RowReader(row, "a connection")
        let id = try reader.text()
        let account = try reader.text()
        let kind = try reader.text()
        let url = try reader.text()
        let secret = secret(try reader.blob(), of: id)
        return Connection(
            id: id, account: account, kind: kind, url: url, secret: secret, isEnabled: try reader.bool(),
            since: Timestamp(milliseconds: try reader.integer()), options: try Receipt.members(try reader.text()))
    }

    private func secret(_ value: [UInt8], of id: String) -> ConnectionSecret {
        do throws(CryptoError) {
            return .opened(String(decoding: try keys().open(value, context: id).plain, as: UTF8.self))
        } catch {
            return .sealed(
                why:
                    "the secret of connection \(id) cannot be opened: \(error.message); give this process the key that it was sealed with as SECRETS_KEY_OLD (or SECRETS_KEY), or create the connection again"
            )
        }
    }

    func keys() throws(CryptoError) -> SealingKeys {
        guard let sealing else { throw CryptoError("SECRETS_KEY is not set") }
        return sealing
    }
}
