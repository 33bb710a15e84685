import Crypto

/// Who is calling, according to the request's token, or why that is not known: each reason has its own answer (DESIGN
/// §4).
public enum Authentication: Sendable, Equatable {
    case granted(TokenRecord, AccountRecord)
    /// No token in the request: 401 without an error.
    case missing
    /// The text is not a token.
    case malformed
    /// No token has this id, or its secret is another one. The answer is the same for both, so that ids cannot be
    /// guessed.
    case unknown
    /// Milliseconds since 1970, UTC.
    case revoked(at: Int64)
    /// Milliseconds since 1970, UTC.
    case expired(at: Int64)
}

/// Decides who calls. What the caller may do is a separate question: ``AccountRecord/apiAccess``,
/// ``TokenRecord/allows(_:)``.
///
/// - Parameters:
///   - text: what followed `Bearer `, or the value of `X-Leeloo-AuthToken`; nil if the request has neither.
///   - token: looks up a token by its id, in the state read from topic `control`, with what is remembered of its secret;
///     nil for an unknown token.
///   - account: looks up an account by its id, likewise; nil for an unknown account.
///   - now: milliseconds since 1970, UTC.
public func authenticate(
    _ text: String?, token: (String) -> (record: TokenRecord, secret: ProvenSecret)?,
    account: (String) -> AccountRecord?, now: Int64
) -> Authentication {
    guard let text else { return .missing }
    guard let id = Token.id(in: text) else { return .malformed }
    let known = token(id)
    if known?.secret.isProven(by: text) != true {
        guard let given = Token(text) else { return .malformed }
        guard let known, given.secretDigest.isEqualInConstantTime(to: known.record.secretDigest) else {
            return .unknown
        }
        known.secret.remember(text)
    }
    guard let record = known?.record, let holder = account(record.account) else { return .unknown }
    if let revokedAt = record.revokedAt, revokedAt <= now { return .revoked(at: revokedAt) }
    if let expiresAt = record.expiresAt, expiresAt <= now { return .expired(at: expiresAt) }
    return .granted(record, holder)
}

extension TokenRecord {
    /// Whether the token may do what needs `scope`.
    public func allows(_ scope: Scope) -> Bool { scopes.contains(scope) || scopes.contains(.admin) }
}
