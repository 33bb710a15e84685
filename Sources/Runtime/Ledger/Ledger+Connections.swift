import Crypto
import Database
import Orders

extension Ledger {
    /// Puts a connection in, or in the place of the one there; its secret is sealed for its id.
    ///
    /// - Throws: ``LedgerError/Code/other`` where the ledger has no key.
    public func put(_ connection: Connection) async throws(LedgerError) {
        let sealed: [UInt8]
        do throws(CryptoError) {
            sealed = try key().seal(Array(connection.secret.utf8), context: connection.id)
        } catch { throw LedgerError(.other, "connection \(connection.id): \(error.message)") }
        _ = try await transaction([
            Statement(
                ConfigurationStatements.putConnection,
                [
                    .text(connection.id), .text(connection.account), .text(connection.kind), .text(connection.url),
                    .blob(sealed), .integer(connection.isEnabled ? 1 : 0), .integer(connection.since.milliseconds),
                    .text(Receipt.text(connection.options)),
                ])
        ])
    }

    /// Of one account, or all; by id, secrets opened.
    ///
    /// - Throws: ``LedgerError/Code/other`` where there is one, and the ledger has no key or another than sealed it.
    public func connections(account: String?) async throws(LedgerError) -> [Connection] {
        let rows =
            if let account {
                try await read(ConfigurationStatements.connectionsOfAccount, [.text(account)])
            } else {
                try await read(ConfigurationStatements.connections)
            }
        var connections: [Connection] = []
        for row in rows { connections.append(try connection(row)) }
        return connections
    }

    private func connection(_ row: Row) throws(LedgerError) -> Connection {
        var reader = RowReader(row, "a connection")
        let id = try reader.text()
        let account = try reader.text()
        let kind = try reader.text()
        let url = try reader.text()
        let box = try reader.blob()
        let secret: [UInt8]
        do throws(CryptoError) {
            secret = try key().open(box, context: id)
        } catch {
            throw LedgerError(
                .other,
                "connection \(id): its secret cannot be opened (\(error.message)); "
                    + "set SECRETS_KEY to the key that it was stored with, or create the connection again")
        }
        return Connection(
            id: id, account: account, kind: kind, url: url, secret: String(decoding: secret, as: UTF8.self),
            isEnabled: try reader.bool(), since: Timestamp(milliseconds: try reader.integer()),
            options: try Receipt.members(try reader.text()))
    }

    private func key() throws(CryptoError) -> SealingKey {
        guard let sealing else { throw CryptoError("SECRETS_KEY is not set") }
        return sealing
    }
}
