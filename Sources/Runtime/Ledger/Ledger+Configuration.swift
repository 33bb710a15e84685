public import Access
import Database
import FoundationEssentials

// Each of the writing verbs writes the truth and its outbox entry in one transaction.
extension Ledger {
    /// How often a record is read again because someone else changed it meanwhile.
    private static let changesMaximum = 10

    /// Puts an account in, or in the place of the one there. Its version is raised here, whatever the record says.
    public func put(_ account: AccountRecord) async throws(LedgerError) {
        try await put(present: { () throws(LedgerError) in try await self.account(account.id)?.version }) { version in
            var account = account
            account.version = version
            let record = ControlRecord.account(account)
            return (
                Statement(
                    ConfigurationStatements.putAccount,
                    [.text(account.id), .integer(version), .blob(record.encoded())], mustChange: 1), record
            )
        }
    }

    /// Puts a token in, or in the place of the one there. Its version is raised here, whatever the record says.
    public func put(_ token: TokenRecord) async throws(LedgerError) {
        try await put(present: { () throws(LedgerError) in try await self.token(token.id)?.version }) { version in
            var token = token
            token.version = version
            let record = ControlRecord.token(token)
            return (
                Statement(
                    ConfigurationStatements.putToken,
                    [.text(token.id), .text(token.account), .integer(version), .blob(record.encoded())], mustChange: 1),
                record
            )
        }
    }

    /// Puts a limit's number in, or in the place of the one there. Its version is raised here, whatever the record says.
    public func put(_ limit: LimitSetting) async throws(LedgerError) {
        try await put(present: { () throws(LedgerError) in try await self.limit(limit.limitID)?.version }) { version in
            var limit = limit
            limit.version = version
            let record = ControlRecord.limit(limit)
            return (
                Statement(
                    ConfigurationStatements.putLimit,
                    [.text(limit.limitID), .integer(version), .blob(record.encoded())], mustChange: 1), record
            )
        }
    }

    /// Reads the present version and writes the next, until nobody came between.
    private func put(
        present: () async throws(LedgerError) -> Int64?, _ change: (Int64) -> (Statement, ControlRecord)
    ) async throws(LedgerError) {
        for _ in 0..<Self.changesMaximum {
            let (statement, record) = change((try await present() ?? 0) + 1)
            do throws(DatabaseError) {
                _ = try await database.transaction([
                    statement,
                    Statement(ConfigurationStatements.noteChange, [.text(record.key), .blob(record.encoded())]),
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
