import Crypto
import Database

/// What is sealed in the ledger, by the key that it is sealed with.
public struct SealedSecrets: Sendable, Equatable {
    /// A value that none of the process's keys opens.
    public struct Unopened: Sendable, Equatable {
        public let connection: String
        public let why: String
    }

    /// Sealed with the present key.
    public internal(set) var present = 0
    /// Sealed with the older key, or as versions before did.
    public internal(set) var older = 0
    /// Sealed with neither, or changed.
    public internal(set) var unopened: [Unopened] = []
}

/// How far a rotation is.
public struct SecretsRotation: Sendable, Equatable {
    /// How many connections were looked at, and how many of them were resealed.
    public internal(set) var seen = 0
    public internal(set) var resealed = 0
}

extension Ledger {
    /// Connections that one transaction of a rotation changes, at most.
    static let resealedAtOnce = 100
    /// How often a page is read again because somebody else changed it meanwhile.
    private static let pageTriesMaximum = 10

    /// Counts what is sealed, by key; changes nothing.
    ///
    /// - Throws: ``LedgerError/Code/other`` where the ledger has no key.
    public func sealedSecrets() async throws(LedgerError) -> SealedSecrets {
        let keys = try sealingKeys()
        var secrets = SealedSecrets()
        var last = ""
        while true {
            let page = try await sealed(after: last)
            for value in page {
                switch value.look(with: keys) {
                case .isPresent: secrets.present += 1
                case .isOlder: secrets.older += 1
                case .isUnopened(let why): secrets.unopened.append(.init(connection: value.id, why: why))
                }
            }
            guard let end = page.last else { return secrets }
            last = end.id
        }
    }

    /// Seals with the present key whatever is sealed with the older one, a few connections in each transaction.
    ///
    /// Each value is written only where it is still the one that was opened, so that it may run beside workers, commands and
    /// another rotation; where it ends early, it is run again. What cannot be opened is left as it is.
    ///
    /// - Parameter progress: called after each transaction.
    /// - Throws: ``LedgerError/Code/other`` where the ledger has no key.
    public func rotateSecrets(
        by author: Author, progress: (SecretsRotation) -> Void = { _ in }
    ) async throws(LedgerError) {
        let keys = try sealingKeys()
        var rotation = SecretsRotation()
        var last = ""
        var tries = 0
        while true {
            let page = try await sealed(after: last)
            guard let end = page.last else { return }
            guard let count = try await reseal(page, keys, author) else {
                tries += 1
                guard tries < Self.pageTriesMaximum else {
                    throw LedgerError(.unavailable, "ledger: too many programs change the same connections: try again")
                }
                continue
            }
            (last, tries) = (end.id, 0)
            rotation.seen += page.count
            rotation.resealed += count
            progress(rotation)
        }
    }

    private func sealingKeys() throws(LedgerError) -> SealingKeys {
        do throws(CryptoError) { return try keys() } catch { throw LedgerError(.other, error.message) }
    }

    private struct SealedValue {
        enum Look {
            case isPresent
            case isOlder(plain: [UInt8])
            case isUnopened(why: String)
        }

        let id: String
        let value: [UInt8]

        func look(with keys: SealingKeys) -> Look {
            do throws(CryptoError) {
                let opened = try keys.open(value, context: id)
                return keys.isPresent(value) ? .isPresent : .isOlder(plain: opened.plain)
            } catch { return .isUnopened(why: error.message) }
        }
    }

    private func sealed(after id: String) async throws(LedgerError) -> [SealedValue] {
        let values: [Value] = [.text(id), .integer(Int64(Self.resealedAtOnce))]
        var page: [SealedValue] = []
        for row in try await read(ConfigurationStatements.sealed, values) {
            var reader = RowReader(row, "a connection's secret")
            page.append(SealedValue(id: try reader.text(), value: try reader.blob()))
        }
        return page
    }

    /// - Returns: how many were resealed; nil if one has changed since it was read.
    private func reseal(
        _ page: [SealedValue], _ keys: SealingKeys, _ author: Author
    ) async throws(LedgerError) -> Int? {
        var rows: [[Value]] = []
        for value in page {
            guard case .isOlder(let plain) = value.look(with: keys) else { continue }
            do throws(CryptoError) {
                let sealed = try keys.seal(plain, context: value.id)
                rows.append([.text(value.id), .blob(value.value), .blob(sealed)])
            } catch { throw LedgerError(.other, "connection \(value.id): \(error.message)") }
        }
        guard !rows.isEmpty else { return 0 }
        let note = TrailNote(
            .secretsRotated, keys.present.id,
            to: ["connections": rows.compactMap { $0[0].text }.joined(separator: " ")])
        do throws(DatabaseError) {
            _ = try await database.transaction([
                Statement(ConfigurationStatements.reseal, rows: rows, mustChange: rows.count),
                note.statement(by: author),
            ])
            return rows.count
        } catch {
            guard error.code == .fence else { throw LedgerError(error) }
            return nil
        }
    }
}
