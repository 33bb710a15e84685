/// Why there is no answer.
public struct ClientError: Error, Sendable, CustomStringConvertible {
    /// What kind of failure it is.
    public enum Code: Sendable, Equatable {
        /// The request itself is wrong: address, field names or values.
        case invalidRequest
        /// The client's address guard refused this address.
        case refusedAddress
        case cannotResolve, cannotConnect, untrustedCertificate, timedOut, answerTooLarge, closed, other
    }
    public let code: Code
    /// What happened, without secrets or personal data.
    public let message: String
    /// Whether the server may have acted on the request: its bytes had been (partly) sent, and the method is not one
    /// that only reads. Look before repeating.
    public let isOutcomeUnknown: Bool
    public var description: String { message }
    public init(_ code: Code, _ message: String, isOutcomeUnknown: Bool) {
        self.code = code
        self.message = message
        self.isOutcomeUnknown = isOutcomeUnknown
    }
}
