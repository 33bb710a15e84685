import HTTP
import Orders

/// Why a request is refused, as its caller sees it.
struct Refusal: Error, Sendable {
    /// The code in the body: a caller's program may rely on it.
    enum Code: String, Sendable, CaseIterable {
        case tokenMissing = "TOKEN_MISSING"
        case tokenMalformed = "TOKEN_MALFORMED"
        case tokenUnknown = "TOKEN_UNKNOWN"
        case tokenRevoked = "TOKEN_REVOKED"
        case tokenExpired = "TOKEN_EXPIRED"
        case twoTokens = "TWO_TOKENS"
        case scopeMissing = "SCOPE_MISSING"
        case planWithoutAPI = "PLAN_WITHOUT_API"
        case notFound = "NOT_FOUND"
        case notVisible = "NOT_VISIBLE"
        case wrongID = "WRONG_ID"
        case methodNotAllowed = "METHOD_NOT_ALLOWED"
        case unsupportedMediaType = "UNSUPPORTED_MEDIA_TYPE"
        case tooLarge = "TOO_LARGE"
        case badRequest = "BAD_REQUEST"
        case badJSON = "BAD_JSON"
        case formatError = "FORMAT_ERROR"
        case keyReused = "IDEMPOTENCY_KEY_REUSED"
        case inFlight = "IN_FLIGHT"
        case notAcknowledged = "NOT_ACKNOWLEDGED"
        case temporarilyUnavailable = "TEMPORARILY_UNAVAILABLE"
        case timedOut = "TIMED_OUT"
        case quotaExceeded = "QUOTA_EXCEEDED"
        case abnormalUsage = "ABNORMAL_USAGE_DETECTED"
        case reducedCapacity = "TEMPORARY_REDUCED_CAPACITY"
        case tooManyFailures = "TOO_MANY_FAILED_AUTHENTICATIONS"
    }

    /// An invalid field.
    struct Field: Sendable, Equatable {
        /// A JSON pointer (RFC 6901), `/items/0/price`.
        var pointer: String
        /// `WRONG_EMAIL`, `TOO_LONG` …
        var code: String
        var expected: String
        /// What was sent, masked if it is personal.
        var got: String
    }

    var status: Int
    var code: Code
    var message: String
    var faults: [Field] = []
    /// Further header fields: `Retry-After`, `Allow`, `WWW-Authenticate`.
    var fields: HeaderFields = [:]
    /// When the restriction of the token's limit ends; nil if it is not restricted.
    var restrictedUntil: Timestamp?

    init(_ status: Int, _ code: Code, _ message: String, faults: [Field] = [], fields: HeaderFields = [:]) {
        self.status = status
        self.code = code
        self.message = message
        self.faults = faults
        self.fields = fields
    }
}

extension Refusal {
    /// Nothing was accepted; the same request may be sent again after `seconds`.
    static func unavailable(_ code: Code, _ message: String, retryAfter seconds: Int) -> Refusal {
        Refusal(503, code, message, fields: ["Retry-After": String(seconds)])
    }
}
