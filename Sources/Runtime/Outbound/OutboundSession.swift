public import Delivery
public import HTTP
import Telemetry
public import Tracing

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
    private let span: ActiveSpan?

    /// - Parameters:
    ///   - client: carries the requests; its guard decides which addresses may be connected to.
    ///   - fields: sent with every call: credentials, and the accepted media type.
    ///   - deadline: the attempt must have ended then.
    ///   - span: the attempt's, under which each call has its own, which the receiver gets as `traceparent`; nil: the attempt is
    ///     not traced, and nothing is sent.
    public init(
        _ client: Client, address: String, fields: HeaderFields, deadline: ContinuousClock.Instant,
        span: ActiveSpan? = nil
    ) {
        self.client = client
        self.address = String(address.reversed().drop { $0 == "/" }.reversed())
        self.fields = fields
        self.deadline = deadline
        self.span = span
    }

    /// Sends one call, and returns the answer, whatever its status.
    ///
    /// - Throws: ``AttemptEnd`` if there is no answer.
    public func send(_ call: some OutboundCall) async throws(AttemptEnd) -> Response {
        let left = ContinuousClock.now.duration(to: deadline)
        guard left > Self.callMinimum else {
            throw AttemptEnd(.retry(after: nil, why: "no time left for the next request"))
        }
        let span = span?.child(of: call, at: address)
        do throws(ClientError) {
            let request = request(call, timeout: min(left, Self.callMaximum), span: span)
            let response = try await client.send(request)
            let isError = response.status >= 400
            span?.end("", [.httpStatus(response.status)], error: isError ? String(response.status) : nil)
            return response
        } catch {
            span?.end(error: "\(error.code)")
            throw AttemptEnd(Outcome(error))
        }
    }

    /// - Parameter span: the call's.
    func request(_ call: some OutboundCall, timeout: Duration, span: ActiveSpan? = nil) -> ClientRequest {
        var fields = fields
        let body = call.body
        if !body.isEmpty { fields.add("Content-Type", "application/json") }
        if let span { fields.add("traceparent", span.context.traceparent) }
        return ClientRequest(
            call.method, address + call.path, fields: fields, body: body, timeout: timeout,
            answerBytesMaximum: Self.answerBytesMaximum)
    }
}

extension ActiveSpan {
    fileprivate func child(of call: some OutboundCall, at address: String) -> ActiveSpan {
        child(
            .client, "\(call.method.name) \(call.template)",
            [.httpRequestMethod(call.method.name), .urlTemplate(call.template), .serverAddress(host(of: address))])
    }
}

/// The host of an absolute address, without login and port.
func host(of address: String) -> String {
    let rest = address.firstRange(of: "://").map { address[$0.upperBound...] } ?? address[...]
    let authority = rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
    let place = authority.split(separator: "@", omittingEmptySubsequences: false).last ?? ""
    // An IPv6 address stands in brackets.
    guard place.hasPrefix("[") else { return String(place.prefix { $0 != ":" }) }
    return String(place.dropFirst().prefix { $0 != "]" })
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
