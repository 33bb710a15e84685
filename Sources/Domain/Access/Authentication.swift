import Crypto

/// Whether a request may do what it asks for, and if not, why: each reason has an answer of its own (DESIGN §4).
public enum Authentication: Sendable, Equatable {
    case granted(TokenRecord, AccountRecord)
    /// No token in the request: 401 without an error.
    case missing
    /// A text that is no token, an id that nobody has, or another secret: not told apart, lest ids can be guessed.
    case unknown
    /// Milliseconds since 1970, UTC.
    case revoked(at: Int64)
    /// Milliseconds since 1970, UTC.
    case expired(at: Int64)
    /// The account's plan has no access to the API.
    case planWithoutAPI
    /// The token is good, and lacks the scope: 403.
    case lacks(Scope)
}

/// A request's token as its headers gave it.
public enum PresentedToken: Sendable, Equatable {
    /// The request has none.
    case absent
    /// A text that is no token.
    case malformed
    case token(Token)

    /// - Parameter text: what followed `Bearer `, or stood in `X-Leeloo-AuthToken`; nil where there was neither.
    public init(_ text: String?) {
        guard let text else {
            self = .absent
            return
        }
        self = Token(text).map(PresentedToken.token) ?? .malformed
    }
}

/// Decides about a request.
///
/// - Parameters:
///   - presented: the token of the request.
///   - scope: what the request needs.
///   - token: the record of a token's id, as topic `control` told it.
///   - account: likewise of an account's.
///   - now: milliseconds since 1970, UTC.
public func authenticate(
    _ presented: PresentedToken, needing scope: Scope, token: (String) -> TokenRecord?,
    account: (String) -> AccountRecord?, now: Int64
) -> Authentication {
    let given: Token
    switch presented {
    case .absent: return .missing
    case .malformed: return .unknown
    case .token(let token): given = token
    }
    guard let record = token(given.id), let digest = bytes(hexadecimal: record.secretDigest),
        isEqualInConstantTime(given.secretDigest.bytes, digest), let holder = account(record.account)
    else { return .unknown }
    if let revokedAt = record.revokedAt, revokedAt <= now { return .revoked(at: revokedAt) }
    if let expiresAt = record.expiresAt, expiresAt <= now { return .expired(at: expiresAt) }
    guard holder.apiAccess else { return .planWithoutAPI }
    guard record.allows(scope) else { return .lacks(scope) }
    return .granted(record, holder)
}

extension TokenRecord {
    /// Whether the token may do what needs `scope`.
    public func allows(_ scope: Scope) -> Bool { scopes.contains(scope) || scopes.contains(.admin) }
}
