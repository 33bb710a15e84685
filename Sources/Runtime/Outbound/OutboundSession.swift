public import Delivery
public import HTTP

/// One attempt's calls to a receiver over HTTP, with its address, credentials and deadline.
public struct OutboundSession: Sendable {
    /// The longest time for one call.
    private static let callMaximum = Duration.seconds(10)
    /// With less time than this left no call begins.
    private static let callMinimum = Duration.milliseconds(100)
    /// A longer answer is an error.
    private static let answerBytesMaximum = 1 << 20

    /// The connection's address, without slashes at its end.
    public let address: String
    private let client: Client
    private let fields: HeaderFields
    private let deadline: ContinuousClock.Instant

    /// - Parameters:
    ///   - client: carries the requests; its guard decides which addresses may be connected to.
    ///   - fields: sent with every call: credentials, and the accepted media type.
    ///   - deadline: the attempt must have ended then.
    public init(_ client: Client, address: String, fields: HeaderFields, deadline: ContinuousClock.Instant) {
        self.client = client
        self.address = String(address.reversed().drop { $0 == "/" }.reversed())
        self.fields = fields
        self.deadline = deadline
    }

    /// Sends one call, and returns the answer, whatever its status.
    ///
    /// - Throws: ``AttemptEnd`` if there is no answer.
    public func send(_ call: some OutboundCall) async throws(AttemptEnd) -> Response {
        let left = ContinuousClock.now.duration(to: deadline)
        guard left > Self.callMinimum else {
            throw AttemptEnd(.retry(after: nil, why: "no time left for the next request"))
        }
        do throws(ClientError) {
            return try await client.send(request(call, timeout: min(left, Self.callMaximum)))
        } catch { throw AttemptEnd(Outcome(error)) }
    }

    func request(_ call: some OutboundCall, timeout: Duration) -> ClientRequest {
        var fields = fields
        let body = call.body
        if !body.isEmpty { fields.add("Content-Type", "application/json") }
        return ClientRequest(
            call.method, address + call.path, fields: fields, body: body, timeout: timeout,
            answerBytesMaximum: Self.answerBytesMaximum)
    }
}

extension Outcome {
    /// The outcome of an attempt that got no answer.
    public init(_ error: ClientError) {
        switch error.code {
        case .invalidRequest:
            self = .configuration(why: "the connection's address or token cannot be used: \(error.message)")
        case .untrustedCertificate, .refusedAddress: self = .configuration(why: error.message)
        default: self = error.isOutcomeUnknown ? .unknown(why: error.message) : .retry(after: nil, why: error.message)
        }
    }
}
