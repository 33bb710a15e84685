import Access
import CommandLine
import Crypto
import Ledger
import Orders

/// `token create`, `token list`, `token set`, `token revoke`, `token rotate`.
enum TokenCommand {
    static let actions = [
        action(Command("token create", options: [.account] + options, "creates a token, and prints it once"), create),
        Action(Command("token list", options: [.ofAccount], "lists tokens, without their secrets")) {
            base, invocation in
            try await base.withLedger { try await list($0, invocation) }
        },
        action(
            Command(
                "token set", arguments: ["ID"], options: changes,
                "changes a token; a limit changes for all tokens that share it; takes effect everywhere within 2 s"),
            change),
        action(
            Command("token revoke", arguments: ["ID"], "revokes a token; takes effect everywhere within 2 s"), revoke),
        action(
            Command(
                "token rotate", arguments: ["ID"],
                options: [
                    Option(
                        "overlap", value: "MINUTES",
                        "how long the old token remains valid beside the new one (default: 1440)")
                ],
                "creates a token's replacement, with the same scopes and limit, and prints it once"), rotate),
    ]

    private static let options = [
        Option("scope", value: "SCOPE", isRepeatable: true, "read, write or admin (default: read and write)"),
        Option("label", value: "TEXT", "what the token is for, shown in lists"),
        Option("expires", value: "DAYS", "expires after so many days (default: never)"),
        Option("limit", value: "N", "requests in any 60 s (default: 300)"),
        Option("share-limit", value: "ID", "shares the limit of this token"),
    ]
    private static let changes = [
        Option("limit", value: "N", "requests in any 60 s"), Option("label", value: "TEXT", "what the token is for"),
    ]
    private static let limits = 1...1_000_000
    private static let day: Int64 = 24 * 60 * 60 * 1000
    private static let usualLimit = 300

    private static func action(
        _ command: Command, _ run: @escaping @Sendable (Base, Ledger, Invocation) async throws -> Void
    ) -> Action {
        Action(changing: command) { base, invocation in
            try await base.withLedger { ledger in
                try await run(base, ledger, invocation)
                try await base.drainOutbox(of: ledger)
            }
        }
    }

    private static func create(_ base: Base, _ ledger: Ledger, _ invocation: Invocation) async throws {
        let account = try await ledger.account(named: invocation.value("account")!)
        var limitID = hexadecimal(randomBytes(16))
        var limit = try invocation.number("limit", in: limits) ?? usualLimit
        if let shared = invocation.value("share-limit") {
            guard !invocation.isSet("limit") else {
                throw WrongUse(
                    "a shared limit has one number: change it with `orderrelay token set \(shared) --limit N`")
            }
            let other = try await ledger.token(known: shared)
            guard other.account == account.id else {
                throw Failure(
                    "token \(shared) belongs to another account: only tokens of one account can share a limit")
            }
            (limitID, limit) = (other.limitID, try await ledger.limit(of: other))
        }
        let (token, record) = try make(
            account: account.id, scopes: scopes(invocation), label: invocation.value("label") ?? "",
            limitID: limitID, limit: limit,
            expiresAt: invocation.number("expires", in: 1...36_500).map { base.now() + Int64($0) * day })
        if try await ledger.limit(limitID) == nil {
            try await ledger.put(LimitSetting(limitID: limitID, limit: limit), by: invocation.author())
        }
        try await ledger.put(record, by: invocation.author())
        print(token.text)
    }

    /// A new token, and its record.
    static func make(
        account: String, scopes: [Scope], label: String, limitID: String, limit: Int, expiresAt: Int64?
    ) -> (Token, TokenRecord) {
        let token = Token(random: randomBytes)
        var record = TokenRecord(
            id: token.id, account: account, secretDigest: token.secretDigest, scopes: scopes, label: label,
            limitID: limitID, limit: limit)
        record.expiresAt = expiresAt
        return (token, record)
    }

    private static func scopes(_ invocation: Invocation) throws -> [Scope] {
        let names = invocation.values("scope")
        if names.isEmpty { return [.read, .write] }
        return try names.map { name in
            guard let scope = Scope(rawValue: name) else {
                throw WrongUse("--scope must be read, write or admin, not \(name)")
            }
            return scope
        }
    }

    private static func list(_ ledger: Ledger, _ invocation: Invocation) async throws {
        var account: String?
        if let name = invocation.value("account") { account = try await ledger.account(named: name).id }
        let limits = Dictionary(uniqueKeysWithValues: try await ledger.limits().map { ($0.limitID, $0.limit) })
        for token in try await ledger.tokens(account: account) {
            let state =
                token.revokedAt.map { "revoked \(Timestamp(milliseconds: $0))" } ?? token.expiresAt.map {
                    "expires \(Timestamp(milliseconds: $0))"
                } ?? "valid"
            print(
                token.id, token.account, token.scopes.map(\.rawValue).joined(separator: ","),
                "\(limits[token.limitID] ?? token.limit)/60s",
                state, token.label, separator: "\t")
        }
    }

    /// A limit is shared by all its tokens, and has its own version: one record changes it for all of them.
    private static func change(_ base: Base, _ ledger: Ledger, _ invocation: Invocation) async throws {
        var token = try await ledger.token(known: invocation.arguments[0])
        let limit = try invocation.number("limit", in: limits)
        guard limit != nil || invocation.isSet("label") else {
            throw WrongUse("nothing to change: give --limit N or --label TEXT")
        }
        if let label = invocation.value("label") {
            token.label = label
            try await ledger.put(token, by: invocation.author())
        }
        if let limit {
            try await ledger.put(LimitSetting(limitID: token.limitID, limit: limit), by: invocation.author())
        }
    }

    private static func revoke(_ base: Base, _ ledger: Ledger, _ invocation: Invocation) async throws {
        var token = try await ledger.token(known: invocation.arguments[0])
        token.revokedAt = base.now()
        try await ledger.put(token, by: invocation.author())
    }

    /// The replacement inherits scopes, label and limit; both work during the overlap.
    private static func rotate(_ base: Base, _ ledger: Ledger, _ invocation: Invocation) async throws {
        var old = try await ledger.token(known: invocation.arguments[0])
        if let revokedAt = old.revokedAt, revokedAt <= base.now() {
            throw Failure("token \(old.id) is revoked: create a new one")
        }
        let (token, record) = make(
            account: old.account, scopes: old.scopes, label: old.label, limitID: old.limitID,
            limit: try await ledger.limit(of: old), expiresAt: old.expiresAt)
        let minutes = try invocation.number("overlap", in: 0...525_600) ?? 1440
        old.revokedAt = base.now() + Int64(minutes) * 60_000
        try await ledger.put(record, by: invocation.author())
        try await ledger.put(old, by: invocation.author())
        print(token.text)
    }
}

extension Ledger {
    /// Requests in any 60 s for a token, and for all that share its limit.
    func limit(of token: TokenRecord) async throws -> Int { try await limit(token.limitID)?.limit ?? token.limit }

    /// The token with this id (or the id within a whole token); throws ``Failure`` if it does not exist.
    func token(known text: String) async throws -> TokenRecord {
        let id = Token(text)?.id ?? text
        guard let token = try await token(id) else {
            throw Failure("there is no token \(id): `orderrelay token list` shows them")
        }
        return token
    }
}
