public import Crypto

/// A token as `ingest` must know it.
public struct TokenRecord: Sendable, Equatable, Codable {
    public var id: String
    public var account: String
    /// SHA-256 of the secret.
    public var secretDigest: Digest
    public var scopes: [Scope]
    public var label: String
    /// Milliseconds since 1970; nil: never.
    public var expiresAt: Int64?
    /// Milliseconds since 1970; nil: it was not.
    public var revokedAt: Int64?
    /// The limit that it counts against: 16 bytes, hexadecimal.
    public var limitID: String
    /// Requests in any 60 s, unless a ``QuotaRecord`` of the limit says otherwise.
    public var limit: Int
    /// Raised at each change, by the ledger.
    public var version: Int64 = 1
    public init(
        id: String, account: String, secretDigest: Digest, scopes: [Scope], label: String, limitID: String, limit: Int
    ) {
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
