public import Crypto

/// A token, as far as `ingest` needs it to serve requests.
public struct TokenRecord: Sendable, Equatable, Codable {
    /// ``Token/id``: 16 lower-case hexadecimal digits.
    public var id: String
    /// The account's id.
    public var account: String
    /// SHA-256 of the secret.
    public var secretDigest: Digest
    public var scopes: [Scope]
    /// A name that people give it, to know it from others.
    public var label: String
    /// Milliseconds since 1970, UTC; nil if it does not expire.
    public var expiresAt: Int64?
    /// Milliseconds since 1970, UTC; nil if it is not revoked.
    public var revokedAt: Int64?
    /// The limit that it counts against: 16 bytes, hexadecimal.
    public var limitID: String
    /// Requests in any 60 s, unless a ``LimitSetting`` of the limit says otherwise.
    public var limit: Int
    /// Raised by the ledger with each change; from 1.
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
    /// 16 bytes, hexadecimal.
    public var limitID: String
    /// Which restriction in a row it is, from 1.
    public var level: Int
    /// Milliseconds since 1970, UTC.
    public var until: Int64
    public init(limitID: String, level: Int, until: Int64) {
        self.limitID = limitID
        self.level = level
        self.until = until
    }
}
