public import Access
import Database
import FoundationEssentials

// Each of the writing verbs writes the truth, its outbox entry, and the audit trail in one transaction.
extension Ledger {
    /// How often a record is read again because someone else changed it meanwhile.
    private static let changesMaximum = 10

    /// Puts an account in, or in the place of the one there. Its version is raised here, whatever the record says.
    public func put(_ account: AccountRecord, by author: Author) async throws(LedgerError) {
        try await put(by: author, { () throws(LedgerError) in try await self.account(account.id) }) { present in
            var account = account
            account.version = (present?.version ?? 0) + 1
            let record = ControlRecord.account(account)
            return Change(
                Statement(
                    ConfigurationStatements.putAccount,
                    [.text(account.id), .integer(account.version), .blob(record.encoded())], mustChange: 1), record,
                TrailNote(
                    present == nil ? .accountCreated : .accountSet, account.id, account: account.id,
                    from: present.map(Trailed.members) ?? [:], to: Trailed.members(account)))
        }
    }

    /// Puts a token in, or in the place of the one there. Its version is raised here, whatever the record says.
    public func put(_ token: TokenRecord, by author: Author) async throws(LedgerError) {
        try await put(by: author, { () throws(LedgerError) in try await self.token(token.id) }) { present in
            var token = token
            token.version = (present?.version ?? 0) + 1
            let record = ControlRecord.token(token)
            let action: TrailAction =
                present == nil ? .tokenCreated : present?.revokedAt != token.revokedAt ? .tokenRevoked : .tokenSet
            return Change(
                Statement(
                    ConfigurationStatements.putToken,
                    [.text(token.id), .text(token.account), .integer(token.version), .blob(record.encoded())],
                    mustChange: 1), record,
                TrailNote(
                    action, token.id, account: token.account, from: present.map(Trailed.members) ?? [:],
                    to: Trailed.members(token)))
        }
    }

    /// Puts a limit's number in, or in the place of the one there. Its version is raised here, whatever the record says.
    public func put(_ limit: LimitSetting, by author: Author) async throws(LedgerError) {
        try await put(by: author, { () throws(LedgerError) in try await self.limit(limit.limitID) }) { present in
            var limit = limit
            limit.version = (present?.version ?? 0) + 1
            let record = ControlRecord.limit(limit)
            return Change(
                Statement(
                    ConfigurationStatements.putLimit,
                    [.text(limit.limitID), .integer(limit.version), .blob(record.encoded())], mustChange: 1), record,
                TrailNote(
                    .limitSet, limit.limitID, from: present.map(Trailed.members) ?? [:], to: Trailed.members(limit)))
        }
    }

    /// What one change writes.
    private struct Change {
        /// Must change one row: nobody came between.
        let statement: Statement
        /// For topic `control`.
        let record: ControlRecord
        let note: TrailNote

        init(_ statement: Statement, _ record: ControlRecord, _ note: TrailNote) {
            self.statement = statement
            self.record = record
            self.note = note
        }
    }

    /// Reads the present record and writes the next, until nobody came between.
    private func put<Record>(
        by author: Author, _ present: () async throws(LedgerError) -> Record?, _ change: (Record?) -> Change
    ) async throws(LedgerError) {
        for _ in 0..<Self.changesMaximum {
            let change = change(try await present())
            do throws(DatabaseError) {
                _ = try await database.transaction([
                    change.statement,
                    Statement(
                        ConfigurationStatements.noteChange,
                        [.text(change.record.key), .blob(change.record.encoded())]),
                    change.note.statement(by: author),
                ])
                return
            } catch  where error.code == .fence {
                continue
            } catch { throw LedgerError(error) }
        }
        throw LedgerError(.unavailable, "ledger: too many programs change the same record: try again")
    }

    /// The account with this id; nil if it does not exist.
    public func account(_ id: String) async throws(LedgerError) -> AccountRecord? {
        try await accounts(ConfigurationStatements.account, [.text(id)]).first
    }

    /// By id.
    public func accounts() async throws(LedgerError) -> [AccountRecord] {
        try await accounts(ConfigurationStatements.accounts, [])
    }

    /// The token with this id; nil if it does not exist.
    public func token(_ id: String) async throws(LedgerError) -> TokenRecord? {
        try await tokens(ConfigurationStatements.token, [.text(id)]).first
    }

    /// Of one account, or all; by id.
    public func tokens(account: String?) async throws(LedgerError) -> [TokenRecord] {
        guard let account else { return try await tokens(ConfigurationStatements.tokens, []) }
        return try await tokens(ConfigurationStatements.tokensOfAccount, [.text(account)])
    }

    /// What was said of a limit by itself; nil: its tokens' records tell its number.
    public func limit(_ limitID: String) async throws(LedgerError) -> LimitSetting? {
        try await limits(ConfigurationStatements.limit, [.text(limitID)]).first
    }

    /// By limit id.
    public func limits() async throws(LedgerError) -> [LimitSetting] {
        try await limits(ConfigurationStatements.limits, [])
    }

    private func limits(_ text: String, _ values: [Value]) async throws(LedgerError) -> [LimitSetting] {
        var limits: [LimitSetting] = []
        for row in try await read(text, values) {
            guard let record: LimitSetting = Self.record(row) else { throw .unreadable("a limit") }
            limits.append(record)
        }
        return limits
    }

    private func accounts(_ text: String, _ values: [Value]) async throws(LedgerError) -> [AccountRecord] {
        var accounts: [AccountRecord] = []
        for row in try await read(text, values) {
            guard let record: AccountRecord = Self.record(row) else { throw .unreadable("an account") }
            accounts.append(record)
        }
        return accounts
    }

    private func tokens(_ text: String, _ values: [Value]) async throws(LedgerError) -> [TokenRecord] {
        var tokens: [TokenRecord] = []
        for row in try await read(text, values) {
            guard let record: TokenRecord = Self.record(row) else { throw .unreadable("a token") }
            tokens.append(record)
        }
        return tokens
    }

    private static func record<Record: Decodable>(_ row: Row) -> Record? {
        guard let bytes = row.first?.blob else { return nil }
        return try? JSONDecoder().decode(Record.self, from: Data(bytes))
    }
}
