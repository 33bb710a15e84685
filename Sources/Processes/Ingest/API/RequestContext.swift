import Crypto
import HTTP
import RateLimit
import Telemetry
import Tracing

/// What accompanies a request through its handling.
struct RequestContext: Sendable {
    /// In every answer as `X-Request-Id`, and in the logs.
    let id: String
    /// The request's Accept field, parsed only if something is refused.
    private let accept: String?
    let trace: RequestTrace
    /// The endpoint that the request is for; nil if it matches none, or its path was not looked up.
    var endpoint: Endpoint?
    /// The state of the token's limit, in every answer once the request is authenticated; nil before that.
    var limit: RateLimitFields?

    /// When the request must have been answered: callers give up after 10 s (DESIGN §4).
    let deadline: ContinuousClock.Instant
    private static let time: Duration = .seconds(8)

    /// What a line of the log about this request has beside its own fields.
    var logFields: [String: String] { ["requestId": id, "traceId": trace.context.id] }

    /// Whether the caller asks for RFC 9457's shape.
    var acceptsProblem: Bool { accept?.contains("application/problem+json") ?? false }

    /// - Parameter tracer: decides whether the request is traced; nil: nothing is.
    init(_ head: RequestHead, random: () -> UInt64, tracer: Tracer?) {
        id = hexadecimal(random())
        accept = head.fields["Accept"]
        deadline = head.arrivedAt + Self.time
        trace = RequestTrace(head, request: id, random: random, tracer: tracer)
    }

    /// The context of a request that could not be read.
    init(random: () -> UInt64) {
        id = hexadecimal(random())
        accept = nil
        deadline = .now + Self.time
        trace = RequestTrace(context: TraceContext(random: random), span: nil)
    }
}
