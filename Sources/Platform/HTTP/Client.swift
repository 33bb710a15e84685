/// A request to somebody else's server.
public struct ClientRequest: Sendable {
    public var method: Method
    /// `http://` or `https://`, absolute.
    public var url: String
    public var fields: HeaderFields
    public var body: [UInt8]
    /// From the call to the last byte of the answer.
    public var timeout: Duration
    /// A longer (decoded) answer is an error.
    public var answerBytesMaximum: Int

    public init(
        _ method: Method, _ url: String, fields: HeaderFields = [:], body: [UInt8] = [],
        timeout: Duration = .seconds(10), answerBytesMaximum: Int = 1 << 20
    ) {
        self.method = method
        self.url = url
        self.fields = fields
        self.body = body
        self.timeout = timeout
        self.answerBytesMaximum = answerBytesMaximum
    }
}

/// Why there is no answer.
public struct ClientError: Error, Sendable, CustomStringConvertible {
    public enum Code: Sendable, Equatable {
        /// The request itself is wrong: address, field names or values.
        case invalidRequest
        case cannotResolve, cannotConnect, untrustedCertificate, timedOut, answerTooLarge, closed, other
    }
    public let code: Code
    /// What happened, without secrets or personal data.
    public let message: String
    /// Whether the server may have acted on the request: its bytes had been (partly) sent. Look before repeating.
    public let isOutcomeUnknown: Bool
    public var description: String { message }
    public init(_ code: Code, _ message: String, isOutcomeUnknown: Bool) {
        self.code = code
        self.message = message
        self.isOutcomeUnknown = isOutcomeUnknown
    }
}

/// An HTTP client on libcurl's multi interface, one driving thread, by the rules of DESIGN §11.
public final class Client: Sendable {
    /// - Parameters:
    ///   - connectionsMaximum: how many requests are under way at once; further ones wait, and their time counts.
    ///   - caFile: certificates to trust instead of the system's.
    public init(connectionsMaximum: Int = 64, caFile: String? = nil) { fatalError("to be written") }
    /// Sends, and returns whatever answer comes (any status). Redirects are answers. Cancelling the task ends the transfer.
    public func send(_ request: ClientRequest) async throws(ClientError) -> Response { fatalError("to be written") }
    /// Ends the transfers under way with ``ClientError/Code/closed``.
    public func close() { fatalError("to be written") }
}
