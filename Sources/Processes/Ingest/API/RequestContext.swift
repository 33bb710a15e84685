import Crypto
import HTTP
import RateLimit
import Telemetry

/// What accompanies a request through its handling.
struct RequestContext: Sendable {
    /// In every answer as `X-Request-Id`, and in the logs.
    let id: String
    /// The request's Accept field, parsed only if something is refused.
    private let accept: String?
    /// The trace that this request belongs to: the caller's, or a new one.
    let trace: TraceContext
    /// The name of the endpoint that the request is for; nil if it matches none, or its path was not looked up.
    var call: String?
    /// The state of the token's limit, in every answer once the request is authenticated; nil before that.
    var limit: RateLimitFields?

    /// When the request must have been answered: callers give up after 10 s (DESIGN §4).
    let deadline: ContinuousClock.Instant
    private static let time: Duration = .seconds(8)

    /// Whether the caller asks for RFC 9457's shape.
    var acceptsProblem: Bool { accept?.contains("application/problem+json") ?? false }

    /// What a line of the log about this request has beside its own fields.
    var logFields: [String: String] { ["requestId": id, "traceId": trace.id] }

    init(_ head: RequestHead, random: () -> UInt64) {
        id = hexadecimal(random())
        accept = head.fields["Accept"]
        deadline = head.arrivedAt + Self.time
        trace =
            head.fields["traceparent"].flatMap(TraceContext.init(traceparent:))?.child(random: random)
            ?? TraceContext(random: random)
    }

    /// The context of a request that could not be read.
    init(random: () -> UInt64) {
        id = hexadecimal(random())
        accept = nil
        deadline = .now + Self.time
        trace = TraceContext(random: random)
    }
}
