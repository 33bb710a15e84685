/// What topic `control` tells every ingest process, by key `kind/id`; a tombstone deletes. No secrets.
public enum ControlRecord: Sendable, Equatable {
    case account(AccountRecord)
    case token(TokenRecord)
    case restriction(RestrictionRecord)

    /// `account/<id>`, `token/<id>`, `restriction/<limit id>`.
    public var key: String { fatalError("to be written") }
    /// JSON.
    public func encoded() -> [UInt8] { fatalError("to be written") }
    /// nil for a kind that this program does not know (skipped and counted).
    public init?(key: String, value: [UInt8]) throws { fatalError("to be written") }
}

/// An account as `ingest` must know it.
public struct AccountRecord: Sendable, Equatable, Codable {
    public var id: String
    public var name: String
    /// `uk`, `en` or `ru`.
    public var locale = "uk"
    /// ISO 3166, for phone numbers without a prefix.
    public var country = "UA"
    /// IANA name.
    public var timeZone = "Europe/Kyiv"
    /// ISO 4217, where an order names none.
    public var currency = "UAH"
    /// Whether the plan has API access; else 403 `PLAN_WITHOUT_API`.
    public var apiAccess = true
    /// Whether keyless equal orders within 60 s are folded.
    public var foldsKeyless = true
    /// Raised at each change.
    public var version: Int64 = 1
    public init(id: String, name: String) {
        self.id = id
        self.name = name
    }
}

/// A token as `ingest` must know it.
public struct TokenRecord: Sendable, Equatable, Codable {
    public var id: String
    public var account: String
    /// SHA-256 of the secret, hexadecimal.
    public var secretDigest: String
    public var scopes: [Scope]
    public var label: String
    /// Milliseconds since 1970; nil: never.
    public var expiresAt: Int64?
    public var revokedAt: Int64?
    /// The limit that it counts against: 16 bytes, hexadecimal.
    public var limitID: String
    /// Requests in any 60 s.
    public var limit: Int
    public var version: Int64 = 1
    public init(id: String, account: String, secretDigest: String, scopes: [Scope], label: String, limitID: String, limit: Int) {
        self.id = id
        self.account = account
        self.secretDigest = secretDigest
        self.scopes = scopes
        self.label = label
        self.limitID = limitID
        self.limit = limit
    }
}

/// A restriction of a limit after abuse (DESIGN §5).
public struct RestrictionRecord: Sendable, Equatable, Codable {
    public var limitID: String
    public var level: Int
    /// Milliseconds since 1970, UTC.
    public var until: Int64
    public init(limitID: String, level: Int, until: Int64) {
        self.limitID = limitID
        self.level = level
        self.until = until
    }
}
