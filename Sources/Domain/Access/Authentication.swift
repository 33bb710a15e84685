import Crypto

/// Who a request's token says that its caller is, and if nobody, why: each reason has an answer of its own (DESIGN §4).
public enum Authentication: Sendable, Equatable {
    case granted(TokenRecord, AccountRecord)
    /// No token in the request: 401 without an error.
    case missing
    /// A text that is no token.
    case malformed
    /// An id that nobody has, or another secret: not told apart, lest ids can be guessed.
    case unknown
    /// Milliseconds since 1970, UTC.
    case revoked(at: Int64)
    /// Milliseconds since 1970, UTC.
    case expired(at: Int64)
}

/// Decides who calls. What the caller may do is asked apart: ``AccountRecord/apiAccess``, ``TokenRecord/allows(_:)``.
///
/// - Parameters:
///   - text: what followed `Bearer `, or stood in `X-Leeloo-AuthToken`; nil where there was neither.
///   - token: the record of a token's id, as topic `control` told it.
///   - account: likewise of an account's.
///   - now: milliseconds since 1970, UTC.
public func authenticate(
    _ text: String?, token: (String) -> TokenRecord?, account: (String) -> AccountRecord?, now: Int64
) -> Authentication {
    guard let text else { return .missing }
    guard let given = Token(text) else { return .malformed }
    guard let record = token(given.id), given.secretDigest.isEqualInConstantTime(to: record.secretDigest),
        let holder = account(record.account)
    else { return .unknown }
    if let revokedAt = record.revokedAt, revokedAt <= now { return .revoked(at: revokedAt) }
    if let expiresAt = record.expiresAt, expiresAt <= now { return .expired(at: expiresAt) }
    return .granted(record, holder)
}

extension TokenRecord {
    /// Whether the token may do what needs `scope`.
    public func allows(_ scope: Scope) -> Bool { scopes.contains(scope) || scopes.contains(.admin) }
}
