import Access
import Control
import HTTP

extension Caller {
    /// The token's text in the request's fields: `Authorization: Bearer`, or `X-Leeloo-AuthToken` as the platform's own
    /// clients send it. nil if the request has no token. Throws a 401 if there are two different ones, or another scheme.
    static func credentials(_ fields: HeaderFields) throws(Refusal) -> String? {
        var token: String?
        for value in fields.values(of: "Authorization") { try take(try bearer(value), as: &token) }
        for value in fields.values(of: "X-Leeloo-AuthToken") { try take(value, as: &token) }
        return token
    }

    private static func take(_ value: String, as token: inout String?) throws(Refusal) {
        guard token == nil || token == value else {
            throw Refusal(
                400, .twoTokens,
                "The request carries two different tokens, in Authorization and X-Leeloo-AuthToken or twice in one of them: "
                    + "send one.")
        }
        token = value
    }

    private static func bearer(_ value: String) throws(Refusal) -> String {
        let space = UInt8(ascii: " ")
        let scheme = value.utf8.prefix { $0 != space }
        guard scheme.elementsEqual("bearer".utf8, by: { $0 | 0x20 == $1 }) else {
            throw invalid(
                .tokenMalformed,
                "The Authorization field does not have the scheme Bearer: send `Authorization: Bearer TOKEN`.")
        }
        return String(Substring(value.utf8[scheme.endIndex...].drop { $0 == space }))
    }

    /// Looks up the caller in the replica of topic `control`. Throws a 401 if the token is not valid.
    ///
    /// - Parameter now: milliseconds since 1970, UTC.
    static func authenticated(_ fields: HeaderFields, by control: any ControlLookup, now: Int64) throws(Refusal)
        -> Caller
    {
        let credentials = try credentials(fields)
        var caller: Caller?
        let authentication = authenticate(
            credentials,
            token: { id in
                caller = control.caller(id)
                return caller.map { ($0.token, $0.secret) }
            }, account: { _ in caller?.account }, now: now)
        switch authentication {
        case .granted:
            guard let caller else { throw unknown }
            return caller
        case .missing:
            throw Refusal(
                401, .tokenMissing, "The request carries no token: send `Authorization: Bearer TOKEN`.",
                fields: ["WWW-Authenticate": "Bearer"])
        case .malformed:
            throw invalid(
                .tokenMalformed, "The token is malformed: a token is or_, 16 hexadecimal digits, _, and 43 characters.")
        case .unknown: throw unknown
        case .revoked:
            throw invalid(.tokenRevoked, "The token was revoked: use its replacement, or create a new one.")
        case .expired:
            throw invalid(.tokenExpired, "The token has expired: use its replacement, or create a new one.")
        }
    }

    private static var unknown: Refusal {
        invalid(.tokenUnknown, "The token is unknown: check that it was copied whole, or create a new one.")
    }

    /// RFC 6750 §3.1: a token that is not valid.
    private static func invalid(_ code: Refusal.Code, _ message: String) -> Refusal {
        Refusal(401, code, message, fields: ["WWW-Authenticate": "Bearer error=\"invalid_token\""])
    }

    /// Throws a 403 if the account's plan has no API access.
    func requireAPI() throws(Refusal) {
        guard account.apiAccess else {
            throw Refusal(403, .planWithoutAPI, "The plan of account \(account.id) has no API access.")
        }
    }

    /// Throws a 403 if the token lacks the scope.
    func require(_ scope: Scope) throws(Refusal) {
        guard token.allows(scope) else {
            throw Refusal(
                403, .scopeMissing,
                "The token lacks the scope \(scope.rawValue); it has \(token.scopes.map(\.rawValue).joined(separator: ", ")).",
                fields: ["WWW-Authenticate": "Bearer error=\"insufficient_scope\", scope=\"\(scope.rawValue)\""])
        }
    }
}

/// What authentication needs from the replica of topic `control`.
protocol ControlLookup: Sendable {
    /// The caller with the token of this id; nil if there is no such token.
    func caller(_ tokenID: String) -> Caller?
}
